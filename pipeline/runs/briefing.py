"""From the plan of a deck to the jobs of the engine: what the writer is told of each slide."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from pipeline.errors import UsageError
from pipeline.prompting.templates import Style
from pipeline.records import Brief, Deck, SlidePlan, Slot
from pipeline.runs.steps import SlideJob

# "illustrate: yes" in the notes: the writer may choose what is shown, not whether.
WHATEVER_FITS = "Whatever fits this slide best."


def make_jobs(deck: Deck, plans: Sequence[SlidePlan], styles: Mapping[str, Style], style: str) -> dict[int, SlideJob]:
    """One job for each slide that gets a picture, by slide number.

    Raises UsageError where the settings name a style that is not there. In notes, where "style: informal" may mean
    something else, such a name is passed over.
    """
    if style not in styles:
        raise UsageError(f"style: no style {style!r}; there are {', '.join(sorted(styles))}")
    default = styles[style]
    outline = tuple(slide.title for slide in deck.slides if slide.title)
    jobs = {}
    for plan in plans:
        if plan.slot is None:
            continue
        own_style = styles.get(plan.override.style)
        jobs[plan.slide.number] = SlideJob(
            brief=_brief(deck, plan, plan.slot, outline, own_style or default),
            style=own_style or default,
            own_prompt=plan.override.prompt,
            own_style=own_style,
            slot=plan.slot,
        )
    return jobs


def _brief(deck: Deck, plan: SlidePlan, slot: Slot, outline: tuple[str, ...], style: Style) -> Brief:
    slide = plan.slide
    return Brief(
        slide_number=slide.number,
        deck_title=deck.title,
        outline=outline,
        title=slide.title,
        body=slide.body,
        language=slide.language or deck.language,
        theme=slide.theme,
        aspect_ratio=round(slot.box.aspect_ratio, 3),
        style=style.name,
        seed=_seed(slide.slide_id, slide.title, *slide.body),
        wish=WHATEVER_FITS if plan.override.illustrate else "",
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
