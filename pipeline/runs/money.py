"""Where a run's money went: into the deck, into what is not in it and why, and what the store spared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pipeline.outcomes import Money, NotUsed, RunReport, SlideOutcome, SlideStatus
from pipeline.records import CallKind
from pipeline.records.history import AttemptRecord, AttemptState

_REASONS = {
    SlideStatus.FAILED: "slides that failed",
    SlideStatus.PLACEHOLDER: "slides with a placeholder",
    SlideStatus.SKIPPED: "slides that were found not worth a picture",
}
_UNDELIVERED = "no deck was delivered"


def money_of(report: RunReport, attempts: Iterable[AttemptRecord], credits_per_image: float | None) -> Money:
    """`attempts` are the calls of the run, as the history has them at its end."""
    calls = list(attempts)
    has_deck = report.output is not None or report.partial_output is not None
    wasted: defaultdict[str, list[float]] = defaultdict(list)
    delivered_usd = 0.0
    for slide in report.slides:
        for reason, usd in _not_used(slide, has_deck=has_deck):
            wasted[reason].append(usd)
        if slide.status is SlideStatus.ILLUSTRATED and has_deck:
            delivered_usd += _spent_well(slide)
    unclear = [call for call in calls if call.may_be_charged]
    ordered = sum(call.kind is CallKind.IMAGE and call.state is AttemptState.SUCCESS for call in calls)
    return Money(
        delivered_usd=delivered_usd,
        not_used=tuple(NotUsed(reason=reason, usd=sum(costs), calls=len(costs)) for reason, costs in wasted.items()),
        saved_usd=sum(slide.saved_usd for slide in report.slides),
        maybe_usd=sum(call.reserved_usd or 0.0 for call in unclear),
        maybe_calls=len(unclear),
        credits=None if credits_per_image is None else ordered * credits_per_image,
    )


def _not_used(slide: SlideOutcome, *, has_deck: bool) -> Iterator[tuple[str, float]]:
    for call in slide.failed_calls:
        if call.cost_usd:
            yield f"calls for pictures that failed ({call.kind})", call.cost_usd
    rest_usd = _spent_well(slide)
    if not rest_usd:
        return
    if slide.status in _REASONS:
        yield _REASONS[slide.status], rest_usd
    elif not has_deck:
        yield _UNDELIVERED, rest_usd


def _spent_well(slide: SlideOutcome) -> float:
    """What a slide's prompt and picture cost without the calls that failed."""
    return max(0.0, slide.cost_usd - sum(call.cost_usd for call in slide.failed_calls))
