"""One run for people: how it ended, its slides, every attempt with its price, where each picture is."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.records.history import AttemptRecord, RunRecord, RunState, SlideRecord
from pipeline.records.requests import CallKind
from pipeline.reporting.cells import cut, moment, money, time_of_day, took
from pipeline.reporting.history_rows import ToldRun
from pipeline.reporting.history_table import INDENT, WIDTH, below, came_of, lost_notes, model_of, price_of
from pipeline.reporting.tables import aligned

_SLIDE_HEAD = ("slide", "status", "paid", "saved", "title")
_ATTEMPT_HEAD = ("attempt", "slide", "started", "took", "for", "model", "price", "what came of it")
_HASH = 12  # so many of its digits name a deck well enough
_UNENDED = {
    RunState.PENDING: "under way, or ended without a word",
    RunState.WAITING: "a batch of it is under way",
    RunState.BROKEN_OFF: "it ended without a word",
}


def describe_run(told: ToldRun) -> str:
    """All that the history holds of one run."""
    parts = [list(_head(told.run)), list(_slides(told)), list(_attempts(told)), list(lost_notes(told.attempts))]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _head(run: RunRecord) -> Iterator[str]:
    ending = _UNENDED.get(run.state, "")
    code = f"code {run.exit_code}" if run.exit_code is not None else ""
    yield f"Run {run.id}: {', '.join(filter(None, (run.state.value, ending, code)))}"
    whole = f", took {took((run.finished - run.created).total_seconds())}" if run.finished else ""
    maybe = f"; {money(run.maybe_usd)} more may have been charged" if run.maybe_usd else ""
    facts = {
        "Message": cut(run.message, 4 * WIDTH),
        "Deck": f"{run.deck}  (SHA-256 {run.deck_hash[:_HASH]}…)" if run.deck else "none: pictures without a deck",
        "Output": run.output,
        "Started": f"{moment(run.created)}{whole}",
        "By": f"{run.user or '?'} on {run.host or '?'}, process {run.pid}",
        "Project": run.project,
        "Pictures": f"{run.illustrated} of {run.planned} planned, {run.failed} failed" if run.planned else "",
        "Paid": f"{money(run.cost_usd)}{maybe}",
    }
    yield from (f"  {name:9} {fact}" for name, fact in facts.items() if fact)


def _slides(told: ToldRun) -> Iterator[str]:
    if not told.slides:
        return
    head, *lines = aligned([_SLIDE_HEAD, *map(_slide_cells, told.slides)], right=(0, 2, 3))
    yield head
    for slide, line in zip(told.slides, lines, strict=True):
        yield line
        yield from below(slide.reason)
        yield from below(slide.prompt and f"prompt: {slide.prompt}")
        if slide.image_hash:
            yield _picture(told, slide.image_hash)


def _slide_cells(slide: SlideRecord) -> tuple[str, ...]:
    saved = money(slide.saved_usd) if slide.saved_usd else ""
    return str(slide.number), slide.status, money(slide.cost_usd), saved, cut(slide.title, 60) or "(no title)"


def _attempts(told: ToldRun) -> Iterator[str]:
    if not told.attempts:
        yield "No service was called."
        return
    head, *lines = aligned([_ATTEMPT_HEAD, *map(_attempt_cells, told.attempts)], right=(0, 1, 3, 6))
    pictures = {slide.image_hash for slide in told.slides} | {""}
    prompts = {slide.prompt for slide in told.slides} | {""}
    yield head
    for attempt, line in zip(told.attempts, lines, strict=True):
        yield line
        yield from below(attempt.error)
        if attempt.prompt not in prompts:  # told once, however often it was tried
            prompts.add(attempt.prompt)
            yield from below(f"prompt: {attempt.prompt}")
        if attempt.kind is CallKind.IMAGE and attempt.response.hash not in pictures:
            yield _picture(told, attempt.response.hash)


def _attempt_cells(attempt: AttemptRecord) -> tuple[str, ...]:
    return (
        str(attempt.id),
        "" if attempt.slide_number is None else str(attempt.slide_number),
        time_of_day(attempt.created),
        took(attempt.seconds),
        attempt.kind.value,
        model_of(attempt),
        price_of(attempt),
        came_of(attempt),
    )


def _picture(told: ToldRun, image_hash: str) -> str:
    path = told.pictures.get(image_hash)
    return f"{INDENT}picture: {path or f'no longer kept (SHA-256 {image_hash})'}"
