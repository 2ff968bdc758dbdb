"""What a plan will cost, before anything is called."""

from __future__ import annotations

from pipeline.runs.preparing import PreparedDeck


def plan_costs(prepared: PreparedDeck) -> tuple[float | None, ...]:
    """US dollars for each planned slide, prompt and image together, in slide order; None where no price is known."""
    return tuple(_slide_cost(prepared, number) for number in prepared.jobs)


def _slide_cost(prepared: PreparedDeck, number: int) -> float | None:
    job = prepared.jobs[number]
    image_usd = prepared.services.provider.estimate_usd(job.slot.box.aspect_ratio)
    prompt_usd = 0.0 if job.own_prompt else prepared.services.writer.estimate_usd(job.brief)
    return None if image_usd is None or prompt_usd is None else image_usd + prompt_usd
