"""From the plan of a deck to the jobs of the engine: what the writer is told of each slide."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.errors import UsageError
from pipeline.planning.covers import cover_of
from pipeline.planning.renewal import own_words
from pipeline.prompting.styles import Style
from pipeline.records import Brief, Deck, Ground, PictureFinish, SlidePlan, Slot, SlotKind
from pipeline.runs.jobs import SlideJob

# "illustrate: yes" in the notes: the writer may choose what is shown, not whether.
WHATEVER_FITS = "Whatever fits this slide best."


def make_jobs(
    deck: Deck, plans: Sequence[SlidePlan], styles: Mapping[str, Style], style: str, *, takes_transparency: bool
) -> dict[int, SlideJob]:
    """One job for each slide that gets a picture, by slide number.

    `takes_transparency` is true where the image provider can draw a subject on nothing. Raises UsageError where the
    settings name a style that is not there. In notes, where "style: informal" may mean something else, such a name is
    passed over.
    """
    if style not in styles:
        raise UsageError(f"style: no style {style!r}; there are {', '.join(sorted(styles))}")
    outline = tuple(slide.title for slide in deck.slides if slide.title)
    jobs = {}
    for plan in plans:
        if plan.slot is None:
            continue
        own_style = styles.get(plan.override.style)
        drawn_in = own_style or styles[style]
        ground = _ground(plan, plan.slot, drawn_in, own_style, takes_transparency=takes_transparency)
        jobs[plan.slide.number] = SlideJob(
            brief=_brief(deck, plan, plan.slot, outline, style=drawn_in.name, ground=ground),
            style=drawn_in,
            own_prompt=plan.override.prompt,
            own_style=own_style,
            slot=plan.slot,
            cover=cover_of(plan.slide) if plan.slot.kind is SlotKind.COVER else None,
            finish=_finish(deck, plan, plan.slot, drawn_in, ground),
        )
    return jobs


def _ground(
    plan: SlidePlan, slot: Slot, drawn_in: Style, own_style: Style | None, *, takes_transparency: bool
) -> Ground:
    """What the picture's subject stands on. A person's own prompt is sent as it is, and may well tell of a scene."""
    is_as_written = bool(plan.override.prompt) and own_style is None
    if drawn_in.ground == "scene" or slot.kind is SlotKind.COVER or is_as_written:
        return Ground.SCENE
    if takes_transparency:
        return Ground.TRANSPARENT
    return Ground.PLAIN if plan.slide.has_plain_background else Ground.SCENE


def _finish(deck: Deck, plan: SlidePlan, slot: Slot, drawn_in: Style, ground: Ground) -> PictureFinish:
    """As the deck's own pictures have it, else the style's; none where there is no edge to be seen."""
    if ground is not Ground.SCENE or slot.kind is SlotKind.COVER:
        return PictureFinish()
    return deck.finish or drawn_in.finish.on(plan.slide.theme)


def _brief(deck: Deck, plan: SlidePlan, slot: Slot, outline: tuple[str, ...], *, style: str, ground: Ground) -> Brief:
    slide = plan.slide
    return Brief(
        slide_number=slide.number,
        deck_title=deck.title,
        outline=outline,
        title=slide.title,
        body=own_words(slide),
        language=slide.language or deck.language,
        # What is behind the picture counts, not what the theme would have there.
        theme=replace(slide.theme, background=slide.background),
        aspect_ratio=round(slot.box.aspect_ratio, 3),
        style=style,
        seed=_seed(slide.slide_id, slide.title, *own_words(slide)),
        wish=WHATEVER_FITS if plan.override.illustrate else "",
        is_cover=slot.kind is SlotKind.COVER,
        ground=ground,
    )


def _seed(*parts: object) -> int:
    """The same for the same slide on every machine, which Python's own `hash` is not."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "big")


def unknown_styles(plans: Sequence[SlidePlan], styles: Mapping[str, Style]) -> tuple[str, ...]:
    """A line for each slide whose notes name a style that is not there."""
    return tuple(
        f"slide {plan.slide.number}: the notes name no style of ours ({plan.override.style}); the deck's is used"
        for plan in plans
        if plan.slot and plan.override.style and plan.override.style not in styles
    )
