"""The end of a run, and the plan of one, in words."""

from __future__ import annotations

from pipeline.outcomes import Money, RunReport, RunStatus, SlideStatus, StripReport, WorkerStats
from pipeline.records import EMU_PER_INCH, SlidePlan, Slot
from pipeline.records.prices import Quote, SlidePrice

_HEADLINES = {
    RunStatus.SUCCESS: "Done: every slide that wanted a picture has one.",
    RunStatus.PARTIAL: "Delivered, but some slides failed. Run again with --force: only they are paid for.",
    RunStatus.FAILED: "Failed.",
    RunStatus.NOTHING_TO_DO: "Nothing to do: no slide wants a picture.",
    RunStatus.WAITING: "Under way: run the same command again to collect what is ready, or with --wait.",
}


def summarize(report: RunReport) -> str:
    """What happened to each slide and why, the totals, and where everything is."""
    lines = ["", *(_slide_line(s.number, s.title, s.status.value, s.reason) for s in report.slides), ""]
    drawn = sum(slide.status is SlideStatus.ILLUSTRATED for slide in report.slides)
    lines += [
        headline(report),
        f"{drawn} of {report.planned} pictures, ${report.cost_usd:.4f}, {report.seconds:.1f} s",
        f"failed: {report.prompts.failed} prompts, {report.images.failed} images",
        *_money_lines(report.money),
        *map(_worker_line, report.workers),
    ]
    if report.output:
        lines.append(f"Deck:  {report.output}" + ("  (pictures drawn offline)" if report.offline else ""))
    if report.partial_output:
        lines.append(f"Finished slides so far:  {report.partial_output}")
    if report.work_folder:
        lines.append(f"Log:  {report.work_folder}")
    return "\n".join(lines)


def _money_lines(money: Money) -> list[str]:
    """Where the money went, where there is anything to say beyond the total."""
    lines = [f"not used: ${one.usd:.4f} for {one.reason}" for one in money.not_used if one.usd]
    if money.saved_usd:
        lines.append(f"saved by the store: ${money.saved_usd:.4f}")
    if money.maybe_calls:
        lines.append(f"perhaps charged besides: ${money.maybe_usd:.4f} for {money.maybe_calls} calls without an answer")
    if money.credits is not None:
        lines.append(f"credits: {money.credits:g}")
    return lines


def headline(report: RunReport) -> str:
    """How the run ended, in a line."""
    return _HEADLINES[report.status] + (f" {report.message}" if report.message else "")


def describe_plan(quote: Quote) -> str:
    """Which slides, which slot, why, and what each and all will cost."""
    price_of = {price.number: price for price in quote.prices}
    lines = [_plan_line(plan, price_of.get(plan.slide.number), offline=quote.offline) for plan in quote.plans]
    cost = "a price that is not known" if quote.usd is None else f"about ${quote.usd:.4f}"
    in_credits = "" if quote.credits is None else f" ({quote.credits:g} credits)"
    price = ", drawn offline at no cost" if quote.offline and not quote.usd else f", for {cost}{in_credits}"
    total = f"{len(quote.prices)} of {len(quote.plans)} slides get a picture{price}."
    return "\n".join([*lines, "", total, *(f"Over budget: {one}" for one in quote.exceeds)])


def describe_strip(report: StripReport) -> str:
    """What was taken out, and where the deck without it is."""
    if report.output is None:
        return "Nothing to do: the deck holds no picture of ours."
    return f"Took out {report.removed} pictures.\nDeck:  {report.output}"


def _plan_line(plan: SlidePlan, price: SlidePrice | None, *, offline: bool) -> str:
    if plan.slot is None or price is None:
        return _slide_line(plan.slide.number, plan.slide.title, "skip", plan.reason)
    told = f"{plan.reason} at {_place(plan.slot)}" + ("" if offline and not price.usd else f"; {_price(price)}")
    return _slide_line(plan.slide.number, plan.slide.title, "picture", told)


def _price(price: SlidePrice) -> str:
    if price.declined:
        return f"no picture, the prompt writer said: {price.declined}"
    if price.has_picture:
        return "in the store, at no cost"
    parts = [("prompt", price.prompt_usd, price.has_prompt), ("picture", price.image_usd, price.has_picture)]
    return ", ".join(f"{what} {_usd(usd)}" for what, usd, is_kept in parts if not is_kept)


def _usd(usd: float | None) -> str:
    return "at a price that is not known" if usd is None else f"${usd:.4f}"


def _slide_line(number: int, title: str, verdict: str, reason: str) -> str:
    return f"{number:4}  {verdict:11}  {_shortened(title) or '(no title)':40}  {reason}"


def _shortened(title: str) -> str:
    """One line of 40 characters at most; cut within a word, as many scripts have no spaces to cut at."""
    line = " ".join(title.split())
    return line if len(line) <= 40 else line[:39].rstrip() + "…"


def _place(slot: Slot) -> str:
    inches = [
        value / EMU_PER_INCH for value in (slot.box.left_emu, slot.box.top_emu, slot.box.width_emu, slot.box.height_emu)
    ]
    return "{:.1f}, {:.1f} in, {:.1f} x {:.1f} in".format(*inches)


def _worker_line(stats: WorkerStats) -> str:
    return f"{stats.name}: {stats.images} images, {stats.failures} failures, busy {stats.busy_s:.1f} s"
