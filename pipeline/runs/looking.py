"""With `layout.ink: rendered`: the finished deck as LibreOffice shows it, before it is delivered."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.deck.ink.rendered import Renders, render_changed
from pipeline.deck.ink.sighting import Sighting, look_at_pictures
from pipeline.deck.rendering import DPI
from pipeline.records import EMU_PER_INCH, PictureFinish, SlidePlan, SlotKind
from pipeline.runs.preparing import PreparedDeck

# What a picture may cover, must show and may change round it, as shares. Text is drawn softly at its edges, and two
# renders of one slide differ by a few pixels.
_MOST_COVERED = 0.02
_LEAST_SHOWN = 0.05
_MOST_ELSEWHERE = 0.002


def faults_seen(prepared: PreparedDeck, renders: Renders) -> Iterator[tuple[int, int, str]]:
    """Slide, shape id and fault of each new picture that is not as it should be in a render of the finished deck.

    Raises UsageError where LibreOffice cannot render it.
    """
    after = render_changed(prepared.file, prepared.order.input)
    plans = {plan.slide.number: plan for plan in prepared.plans}
    for number, shape_id in sorted(prepared.file.placed):
        job = prepared.jobs[number]
        seen = look_at_pictures(renders, after, number, [job.slot.box], around_emu=_reach_emu(job.finish))
        fault = _fault_of(seen, plans[number], job.slot.kind)
        if fault:
            yield number, shape_id, fault


def _fault_of(seen: Sighting, plan: SlidePlan, kind: SlotKind) -> str | None:
    if seen.shown[0] < _LEAST_SHOWN:
        return "the picture does not show in the finished deck"
    # What was there before is no measure for a picture that stands where another stood, or where room was made.
    if kind in (SlotKind.COVER, SlotKind.STAND_IN) or plan.renews is not None or plan.narrowed:
        return None
    if max(*seen.over_shapes, *seen.over_design) > _MOST_COVERED:
        return "the picture covers something in the finished deck"
    return "more than the picture changed in the finished deck" if seen.elsewhere > _MOST_ELSEWHERE else None


def _reach_emu(finish: PictureFinish) -> int:
    """How far beyond its box a picture shows."""
    shadow = 0 if finish.shadow is None else finish.shadow.distance_emu + finish.shadow.blur_emu
    return max(finish.outline_emu, shadow, EMU_PER_INCH // DPI)
