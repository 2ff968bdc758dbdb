"""All figures of one deck: illustrates it, renders it before, bare and after, compares. Writes to its output folder."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline import ExitCode, PipelineError
from pipeline.deck.rendering import Pages
from tests.corpus.illustrating import Run, run_on
from tests.corpus.ink import Ink, Rectangle, differs, ink_of, largest_free, share_of
from tests.corpus.package import DeckPackage, SlideItem, compare_slides, foreign_changes
from tests.corpus.pictures import PictureFigures, frame_of, measure_picture, pixels
from tests.corpus.rendering import Page, page, render

ROOM_SHARE = 0.12
CHANGED_SHARE = 0.002
"""A slide of which more than this differs outside its new pictures was changed."""

_EDGE_PX = 2
"""A picture's edge is drawn between pixels and touches those beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideFigures:
    """A slide before and after. `rectangle` is the largest without ink, in pixels at 96 an inch, `room` its share."""

    number: int
    room: float
    rectangle: Rectangle | None
    let_through: bool
    illustrated: bool
    reason: str
    new_pictures: int = 0
    shapes_changed: int = 0
    changed_outside: float = 0.0

    @property
    def has_room(self) -> bool:
        return self.room >= ROOM_SHARE


@dataclass(kw_only=True)
class DeckFigures:
    """All that was measured of a deck. `violations` is None where no validator was given."""

    deck: str
    run: Run
    refused: str = ""
    slides: list[SlideFigures] = field(default_factory=list)
    pictures: list[PictureFigures] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    violations: list[str] | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A deck to measure, where its result goes, and how. `validator` is a command with {before} and {after} in it."""

    deck: Path
    folder: Path
    exact: bool = False
    validator: str = ""

    @property
    def result(self) -> Path:
        return self.folder / f"{self.deck.stem}.after{self.deck.suffix}"


def measure_deck(task: Task) -> DeckFigures:
    """Illustrate a deck and measure what became of it."""
    task.result.unlink(missing_ok=True)
    run = run_on(task.deck, task.result, exact=task.exact)
    figures = DeckFigures(deck=task.deck.name, run=run)
    if run.exit_code in (ExitCode.BAD_DECK, ExitCode.FILE_ACCESS):
        figures.refused = run.message.removeprefix(f"{task.deck}: ")
    elif run.exit_code not in (ExitCode.OK, ExitCode.PARTIAL, ExitCode.NOTHING_TO_DO):
        figures.trouble = run.message or f"exit code {run.exit_code}"
    if not figures.refused and run.slides:
        try:
            _measure(task, run, figures)
        except PipelineError as error:  # LibreOffice shows neither the deck nor its copy
            figures.trouble = str(error)
    return figures


def _measure(task: Task, run: Run, figures: DeckFigures) -> None:
    before = DeckPackage(task.deck)
    after = DeckPackage(task.result) if task.result.is_file() else before
    pages, bare = render(task.deck), _bare(task, before)
    pages_after = render(task.result) if after is not before else pages
    counts = {len(before.slides), len(run.slides), len(after.slides), len(pages), len(bare), len(pages_after)}
    if len(counts) > 1:
        figures.trouble = f"slides, pages and reported slides do not agree in number: {sorted(counts)}"
        return
    illustrated = []
    for number, (slide, told) in enumerate(zip(before.slides, run.slides, strict=True), start=1):
        original = page(pages, number - 1)
        ink = ink_of(original, page(bare, number - 1))
        rectangle = largest_free(ink.shapes | ink.decor)
        change = compare_slides(before.items(slide), after.items(slide))
        if change.pictures:
            illustrated.append(slide)
        figures.pictures += [measure_picture(item, slide, number, after, ink) for item in change.pictures]
        is_touched = before.members[slide] != after.members[slide]
        seen = page(pages_after, number - 1) if is_touched else original
        figures.slides.append(
            SlideFigures(
                number=number,
                room=round(share_of(rectangle, ink.shapes), 4),
                rectangle=rectangle,
                let_through=told["let_through"],
                illustrated=told["illustrated"],
                reason=told["reason"],
                new_pictures=len(change.pictures),
                shapes_changed=change.changed,
                changed_outside=_changed_outside(original, seen, change.pictures, slide, after, ink),
            )
        )
    if after is not before:
        figures.foreign = foreign_changes(before, after, illustrated)
        figures.violations = _violations(task)


def _bare(task: Task, before: DeckPackage) -> Pages:
    path = task.folder / f"{task.deck.stem}.bare{task.deck.suffix}"
    path.write_bytes(before.bare())
    try:
        return render(path)
    finally:
        path.unlink()


def _changed_outside(
    original: Page, seen: Page, pictures: list[SlideItem], slide: str, deck: DeckPackage, ink: Ink
) -> float:
    """The share of the page outside the new pictures that differs."""
    if seen is original:
        return 0.0
    changed = differs(original, seen)
    outside = np.ones_like(changed)
    for item in pictures:
        left, top, right, bottom = pixels(frame_of(item.element, slide, deck), deck, ink)
        outside[max(0, top - _EDGE_PX) : bottom + _EDGE_PX, max(0, left - _EDGE_PX) : right + _EDGE_PX] = False
    return round(float((changed & outside).sum() / max(1, outside.sum())), 5)


def _violations(task: Task) -> list[str] | None:
    if not task.validator:
        return None
    words = [word.format(before=task.deck, after=task.result) for word in shlex.split(task.validator)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return [line for line in (done.stdout or done.stderr * bool(done.returncode)).splitlines() if line.strip()]
