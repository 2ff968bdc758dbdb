"""The end of a run, and the plan of one, in words."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.outcomes import RunReport, RunStatus, SlideStatus, StripReport, WorkerStats
from pipeline.records import EMU_PER_INCH, SlidePlan, Slot

_HEADLINES = {
    RunStatus.SUCCESS: "Done: every slide that wanted a picture has one.",
    RunStatus.PARTIAL: "Delivered, but some slides failed. Run again with --force: only they are paid for.",
    RunStatus.FAILED: "Failed.",
    RunStatus.NOTHING_TO_DO: "Nothing to do: no slide wants a picture.",
}


def summarize(report: RunReport) -> str:
    """What happened to each slide and why, the totals, and where everything is."""
    lines = ["", *(_slide_line(s.number, s.title, s.status.value, s.reason) for s in report.slides), ""]
    drawn = sum(slide.status is SlideStatus.ILLUSTRATED for slide in report.slides)
    lines += [
        headline(report),
        f"{drawn} of {report.planned} pictures, ${report.cost_usd:.4f}, {report.seconds:.1f} s",
        f"failed: {report.prompts.failed} prompts, {report.images.failed} images",
        *map(_worker_line, report.workers),
    ]
    if report.output:
        lines.append(f"Deck:  {report.output}" + ("  (pictures drawn offline)" if report.offline else ""))
    if report.partial_output:
        lines.append(f"Finished slides so far:  {report.partial_output}")
    if report.work_folder:
        lines.append(f"Prompts, images and log:  {report.work_folder}")
    return "\n".join(lines)


def headline(report: RunReport) -> str:
    """How the run ended, in a line."""
    return _HEADLINES[report.status] + (f" {report.message}" if report.message else "")


def describe_plan(plans: Sequence[SlidePlan], costs_usd: Sequence[float | None], *, offline: bool) -> str:
    """Which slides, which slot, why, and what it will cost. `costs_usd` has one entry a planned slide."""
    lines = [_plan_line(plan) for plan in plans]
    known = [cost for cost in costs_usd if cost is not None]
    cost = f"about ${sum(known):.4f}" if len(known) == len(costs_usd) else "a price that is not known"
    free = ", drawn offline at no cost" if offline else f", for {cost}"
    return "\n".join([*lines, "", f"{len(costs_usd)} of {len(plans)} slides get a picture{free}."])


def describe_strip(report: StripReport) -> str:
    """What was taken out, and where the deck without it is."""
    if report.output is None:
        return "Nothing to do: the deck holds no picture of ours."
    return f"Took out {report.removed} pictures.\nDeck:  {report.output}"


def _plan_line(plan: SlidePlan) -> str:
    verdict = "picture" if plan.slot else "skip"
    where = f" at {_place(plan.slot)}" if plan.slot else ""
    return _slide_line(plan.slide.number, plan.slide.title, verdict, plan.reason + where)


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
