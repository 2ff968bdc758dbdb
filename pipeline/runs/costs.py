"""What a plan will cost, before anything is called."""

from __future__ import annotations

from pipeline.runs.preparing import PreparedDeck


def plan_costs(prepared: PreparedDeck, max_px_per_in: int) -> tuple[float | None, ...]:
    """US dollars for each planned slide, prompt and image together, in slide order; None where no price is known.

    The first of a chain is taken to make every picture.
    """
    return tuple(_slide_cost(prepared, number, max_px_per_in) for number in prepared.jobs)


def _slide_cost(prepared: PreparedDeck, number: int, max_px_per_in: int) -> float | None:
    job = prepared.jobs[number]
    painter = prepared.services.painters[0]
    image_usd = painter.estimate_usd(job.slot.box.aspect_ratio, job.width_px(max_px_per_in))
    prompt_usd = 0.0 if job.own_prompt else prepared.services.writer.estimate_usd(job.brief)
    return None if image_usd is None or prompt_usd is None else image_usd + prompt_usd
