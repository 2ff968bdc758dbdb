"""Where a run's money went: into the deck, into what is not in it and why, and what the store spared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pipeline.outcomes import Money, NotUsed, RunReport, SlideOutcome, SlideStatus
from pipeline.records import CallKind
from pipeline.records.history import AttemptRecord, AttemptState

_REASONS = {
    SlideStatus.FAILED: "slides that failed",
    SlideStatus.PLACEHOLDER: "slides with a placeholder",
    SlideStatus.SKIPPED: "slides that were found not worth a picture",
    SlideStatus.WAITING: "slides that wait for a batch",
}
_FAILED = {CallKind.PROMPT: "calls for prompts that failed", CallKind.IMAGE: "calls for pictures that failed"}
_REPLACED = {CallKind.PROMPT: "prompts that were written anew", CallKind.IMAGE: "pictures that were made anew"}
_UNDELIVERED = "no deck was delivered"


def money_of(report: RunReport, attempts: Iterable[AttemptRecord], credits_per_image: float | None) -> Money:
    """`attempts` are the calls of the run, as the history has them at its end, in the order in which they began.

    What is known to have been paid for them is either delivered or not used; nothing is both, nothing neither.
    """
    calls = list(attempts)
    has_deck = report.output is not None or report.partial_output is not None
    slides = {slide.number: slide for slide in report.slides}
    used = {(call.slide_number, call.kind): call.id for call in calls if call.state is AttemptState.SUCCESS}
    delivered_usd = 0.0
    wasted: defaultdict[str, list[float]] = defaultdict(list)
    for call in calls:
        if not call.cost_usd:
            continue
        is_last = used.get((call.slide_number, call.kind)) == call.id
        slide = slides.get(call.slide_number) if call.slide_number is not None else None
        reason = _why_not_used(call, slide, has_deck=has_deck, is_last=is_last)
        if reason:
            wasted[reason].append(call.cost_usd)
        else:
            delivered_usd += call.cost_usd
    unclear = [call for call in calls if call.is_open]
    made = sum(call.kind is CallKind.IMAGE and call.state is AttemptState.SUCCESS for call in calls)
    return Money(
        delivered_usd=delivered_usd,
        not_used=tuple(NotUsed(reason=reason, usd=sum(costs), calls=len(costs)) for reason, costs in wasted.items()),
        saved_usd=sum(slide.saved_usd for slide in report.slides),
        maybe_usd=sum(call.reserved_usd or 0.0 for call in unclear),
        maybe_calls=len(unclear),
        credits=None if credits_per_image is None else made * credits_per_image,
    )


def _why_not_used(call: AttemptRecord, slide: SlideOutcome | None, *, has_deck: bool, is_last: bool) -> str:
    """Why what a call brought is not in the deck, "" where it is. `is_last`: the slide's last success of its kind."""
    if call.state is AttemptState.ERROR:
        return f"{_FAILED[call.kind]} ({call.error_kind})"
    if slide is not None and slide.status in _REASONS:
        return _REASONS[slide.status]
    if not has_deck:
        return _UNDELIVERED
    return "" if is_last else _REPLACED[call.kind]
