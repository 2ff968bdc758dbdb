"""The history for people: runs, single attempts, and what services did day by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.records.history import AttemptRecord, AttemptState, RunRecord, StatRow
from pipeline.records.requests import CallKind
from pipeline.reporting.cells import counted, cut, moment, money, size, took
from pipeline.reporting.tables import GAP, aligned

WIDTH = 120
INDENT = " " * 7
_RUN_HEAD = ("run", "started", "state", "pictures", "paid", "project", "deck")
_ATTEMPT_HEAD = ("run", "started", "slide", "for", "model", "price", "what came of it")
_STAT_HEAD = ("day", "service", "model", "images", "success", "median", "paid")
_LEAST = 24


def describe_runs(runs: Sequence[RunRecord], *, has_more: bool) -> str:
    """One line a run, the newest first, one for why it ended early, and what all of them cost.

    `has_more` where older ones are left out.
    """
    if not runs:
        return "The history holds no such run."
    head, *lines = aligned(_fitting([_RUN_HEAD, *map(_run_cells, runs)]), right=(3, 4))
    told = [text for run, line in zip(runs, lines, strict=True) for text in (line, *below(run.message))]
    return "\n".join([head, *told, "", *_run_notes(runs, has_more=has_more)])


def describe_attempts(attempts: Sequence[AttemptRecord], *, has_more: bool) -> str:
    """One line a call to a service, the newest first, and one for what a service said."""
    if not attempts:
        return "The history holds no such attempt."
    head, *lines = aligned(_fitting([_ATTEMPT_HEAD, *map(_attempt_cells, attempts)]), right=(2, 5))
    told = [text for attempt, line in zip(attempts, lines, strict=True) for text in (line, *below(attempt.error))]
    count = f"{counted(len(attempts), 'attempt')}{_and_older(has_more=has_more)}."
    return "\n".join([head, *told, "", count, *lost_notes(attempts)])


def describe_stats(rows: Sequence[StatRow]) -> str:
    """One line for each day, service and model, and the sum."""
    if not rows:
        return "The history holds no such attempt."
    cells = [_STAT_HEAD, *map(_stat_cells, rows)]
    images = counted(sum(row.images for row in rows), "image")
    paid = _paid(sum(row.cost_usd for row in rows), maybe := sum(row.maybe_usd for row in rows))
    return "\n".join([*aligned(cells, right=(3, 4, 5, 6)), "", f"{images}, {paid} paid.", *_maybe_note(maybe)])


def describe_forgotten(runs: int, age: str) -> str:
    """What `history prune` removed."""
    kept = "This month's, which count for budgets, and those under way are kept."
    return f"Forgot {counted(runs, 'run')} older than {age}. {kept}"


def lost_notes(attempts: Sequence[AttemptRecord]) -> Iterator[str]:
    """What may have been charged though nobody saw the answer, where there is any."""
    lost = [attempt for attempt in attempts if attempt.is_open and attempt.may_be_charged]
    if lost:
        priced = [attempt.reserved_usd for attempt in lost if attempt.reserved_usd is not None]
        unknown = f", {len(lost) - len(priced)} of them at a price that is not known" if len(priced) < len(lost) else ""
        whose = "whose answer was" if len(lost) == 1 else "whose answers were"
        yield f"{counted(len(lost), 'attempt')} {whose} lost may have been charged: {money(sum(priced))}{unknown}."


def price_of(attempt: AttemptRecord) -> str:
    """What it cost; with a question mark what it may yet turn out to have cost."""
    if attempt.is_open:
        return "?" if attempt.reserved_usd is None else f"{money(attempt.reserved_usd)}?"
    is_free = attempt.continues or attempt.state is AttemptState.ERROR
    return money(0.0 if attempt.cost_usd is None and is_free else attempt.cost_usd)


def came_of(attempt: AttemptRecord) -> str:
    """How it stands, in a few words; what a service said of an error is too long for them."""
    match attempt.state:
        case AttemptState.PENDING:
            return f"pending in batch {attempt.batch}" if attempt.batch else "pending"
        case AttemptState.ERROR:
            return f"error: {attempt.error_kind.replace('_', ' ')}"
        case AttemptState.SUCCESS:
            return ", ".join(["success", *_facts(attempt)])


def model_of(attempt: AttemptRecord) -> str:
    """As settings spell it."""
    return f"{attempt.service}/{attempt.model}" if attempt.model else attempt.service


def below(text: str) -> Iterator[str]:
    """A line that tells more of the one above it, where there is more to tell."""
    if text:
        yield INDENT + cut(text, WIDTH - len(INDENT))


def _run_cells(run: RunRecord) -> tuple[str, ...]:
    return (
        run.id,
        moment(run.created),
        run.state.value,
        f"{run.illustrated}/{run.planned}" if run.planned else "",
        _paid(run.cost_usd, run.maybe_usd),
        cut(run.project, 10),
        Path(run.deck).name or "(no deck)",
    )


def _run_notes(runs: Sequence[RunRecord], *, has_more: bool) -> Iterator[str]:
    maybe = sum(run.maybe_usd for run in runs)
    paid = _paid(sum(run.cost_usd for run in runs), maybe)
    yield f"{counted(len(runs), 'run')}{_and_older(has_more=has_more)}, {paid} paid. `history show RUN` tells of one."
    yield from _maybe_note(maybe)


def _and_older(*, has_more: bool) -> str:
    return ", and older ones (--limit N shows more)" if has_more else ""


def _attempt_cells(attempt: AttemptRecord) -> tuple[str, ...]:
    return (
        attempt.run_id,
        moment(attempt.created),
        "" if attempt.slide_number is None else str(attempt.slide_number),
        attempt.kind.value,
        cut(model_of(attempt), 28),
        price_of(attempt),
        came_of(attempt),
    )


def _stat_cells(row: StatRow) -> tuple[str, ...]:
    rate = "" if row.success_rate is None else f"{row.success_rate:.0%}"
    median, paid = took(row.median_s), _paid(row.cost_usd, row.maybe_usd)
    return (row.day.isoformat(), row.service, row.model, str(row.images), rate, median, paid)


def _facts(attempt: AttemptRecord) -> Iterator[str]:
    answer = attempt.response
    if attempt.kind is CallKind.IMAGE and answer.format:
        edges = f" {answer.width_px}x{answer.height_px}" if answer.width_px and answer.height_px else ""
        yield f"{answer.format}{edges}"
    if attempt.kind is CallKind.IMAGE and answer.bytes is not None:
        yield size(answer.bytes)
    if answer.tokens_read is not None or answer.tokens_written is not None:
        yield f"{answer.tokens_read or 0:,}+{answer.tokens_written or 0:,} tokens"
    if attempt.continues:
        yield "the answer to an earlier order"
    if attempt.batch:
        yield f"batch {attempt.batch}"


def _paid(usd: float, maybe_usd: float) -> str:
    return f"{money(usd)} (+{money(maybe_usd)}?)" if maybe_usd else money(usd)


def _maybe_note(maybe_usd: float) -> Iterator[str]:
    if maybe_usd:
        yield "(+…?) is the price of attempts that are under way, or whose answer was lost: it may have been charged."


def _fitting(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The same with the last column cut to what a wide terminal has left for it."""
    taken = sum(max(map(len, column)) + len(GAP) for column in list(zip(*rows, strict=True))[:-1])
    return [(*row[:-1], cut(row[-1], max(_LEAST, WIDTH - taken))) for row in rows]
