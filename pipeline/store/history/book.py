"""The door of the history: opened once for a run or a command, asked and written by all its threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, Connection

from pipeline.records.history import AttemptRecord, AttemptState, Response, RunRecord, RunState, SlideRecord, StatRow
from pipeline.store.history import bounds as budget
from pipeline.store.history import pruning, reading, statistics, writing
from pipeline.store.history.addresses import address_of, looks_like_a_database
from pipeline.store.history.database import Database, Place
from pipeline.store.history.own_rows import OwnRows
from pipeline.store.history.postgres_server import PostgresServer
from pipeline.store.history.questions import Bound, RunFilter, Scope, Spent
from pipeline.store.history.sqlite_file import SqliteFile

_EVERYTHING = RunFilter()


def open_history(
    url: str | None,
    data: Path,
    *,
    now: Callable[[], datetime],
    warn: Callable[[str], None],
    busy_timeout_s: float = 30.0,
) -> History:
    """The history that the setting `history.url` names: a path, or the URL of a PostgreSQL server; None: in `data`.

    Nothing is made or connected to before something is written or read. `now` gives aware times. `warn` hears, in a
    line and in any thread, of a database that had to be begun anew. Another process that writes is waited for up to
    `busy_timeout_s` seconds. Raises UsageError for an address that cannot be meant, or whose driver is not installed.
    """
    place = place_of(url, data, now=now, busy_timeout_s=busy_timeout_s)
    return History(place, now=now, warn=warn, busy_timeout_s=busy_timeout_s)


def place_of(url: str | None, data: Path, *, now: Callable[[], datetime], busy_timeout_s: float) -> Place:
    """Where the history is that `open_history` opens. Raises as that does."""
    address = address_of(url, data)
    if isinstance(address, URL):
        return PostgresServer(address, busy_timeout_s=busy_timeout_s)
    is_meant = url is None or looks_like_a_database(address)
    return SqliteFile(address, now=now, busy_timeout_s=busy_timeout_s, is_meant=is_meant)


class History:
    """Safe for threads, and for any number of processes with the same database. Close it at the end.

    Every method raises FileAccessError, one line, where the database cannot be read or written, is of a later version
    of this program, or stays locked. A damaged SQLite file is put aside, warned of and begun anew, with all that this
    process wrote of its runs under way.
    """

    def __init__(
        self, place: Place, *, now: Callable[[], datetime], warn: Callable[[str], None], busy_timeout_s: float
    ) -> None:
        self._now = now
        self._own = OwnRows()
        self._database = Database(place, warn=warn, write_again=self._own.write_again, busy_timeout_s=busy_timeout_s)

    def close(self) -> None:
        self._database.close()

    def begin_run(self, run: RunRecord) -> None:
        """Write that `run` begins."""
        self._database.write(lambda connection: writing.put_run(connection, run))
        self._own.note_run(run)

    def break_off(self, run_id: str) -> None:
        """Write that a run died, if it is under way: it becomes `broken_off`.

        Its calls under way become lost and may have been charged, except those of a batch, which are still to be
        collected.
        """
        self._database.write(lambda connection: writing.break_off(connection, run_id, self._now()))

    def end_run(self, run: RunRecord, slides: Sequence[SlideRecord]) -> None:
        """Write how `run` ended and what became of its `slides`.

        Calls of it whose end was never told are lost and may have been charged, except those of a batch, or where the
        run is `waiting`. What the run cost is always added up from its calls: `cost_usd` and `maybe_usd` of `run` are
        not looked at.
        """

        def work(connection: Connection) -> None:
            writing.put_run(connection, run)
            writing.put_slides(connection, run.id, slides)
            if run.state is not RunState.WAITING:
                writing.lose_pending(connection, run.id, self._now())

        self._database.write(work)
        self._own.forget(run.id)

    def begin_attempt(self, attempt: AttemptRecord, bounds: Sequence[Bound]) -> int:
        """Reserve what a call may cost, `attempt.reserved_usd`, and write that it begins; return its id.

        The look at `bounds` and the row are one transaction: no number of threads and processes can exceed a bound
        together. `attempt.id` is not looked at. Raises BudgetError for the first bound that does not allow it, and
        nothing is written then.
        """

        def work(connection: Connection) -> int:
            budget.check(connection, attempt, bounds)
            return writing.insert_attempt(connection, attempt)

        number = self._database.write(work)
        self._own.note_attempt(number, replace(attempt, id=number))
        return number

    def check(self, attempt: AttemptRecord, bounds: Sequence[Bound]) -> None:
        """Raise what `begin_attempt` would raise now. Nothing is written."""

        def work(connection: Connection) -> bool:
            budget.check(connection, attempt, bounds)
            return True

        if not self._database.read(work, nothing=False):
            budget.check(None, attempt, bounds)

    def end_attempt(
        self,
        id: int,  # noqa: A002 - the record's own word
        *,
        response: Response | None = None,
        cost_usd: float | None = None,
        error_kind: str = "",
        error: str = "",
        may_be_charged: bool = False,
        continues: bool = False,
    ) -> None:
        """Write how the call `id` ended: in success where `error_kind` is "".

        A success that this process began is written with whatever is written or read next, or when this is closed:
        what came is in the store by then, which tells of it where the process dies before (see `runs/past/`).
        Where it `may_be_charged`, a `cost_usd` of 0 means that nobody said what it cost. With `continues` it went on
        with the last order of the same request: where it succeeded, the lost call that had made the order no longer
        counts as one that may have been charged. A call that is not in the history, or no longer, is passed over.
        """
        finished, own = self._now(), self._own.attempt(id)

        def ended(begun: AttemptRecord) -> AttemptRecord:
            return replace(
                begun,
                state=AttemptState.ERROR if error_kind else AttemptState.SUCCESS,
                error_kind=error_kind,
                error=error,
                response=response or Response(),
                cost_usd=(cost_usd or None) if may_be_charged else cost_usd,
                may_be_charged=may_be_charged,
                continues=continues or begun.continues,
                finished=finished,
                seconds=_seconds(begun.created, finished),
            )

        def work(connection: Connection) -> None:
            number = self._own.number_now(id)
            begun = own or reading.attempt(connection, number)
            if begun is not None:
                writing.end_attempt(connection, ended(begun), number)

        if own is not None:
            self._own.note_attempt(id, ended(own))
        if own is None or error_kind:
            self._database.write(work)
        else:
            self._database.later(work)

    def save(self, attempt: AttemptRecord) -> int:
        """Write all of `attempt` over the row of its id, or as a new one where there is none; return its id."""

        def work(connection: Connection) -> int:
            return writing.put_attempt(connection, attempt, self._own.number_now(attempt.id))

        number = self._database.write(work)
        if self._own.attempt(attempt.id) is not None:
            self._own.note_attempt(attempt.id, attempt)
        return number

    def attempt(self, id: int) -> AttemptRecord | None:  # noqa: A002 - the record's own word
        return self._database.read(lambda connection: reading.attempt(connection, self._own.number_now(id)), None)

    def run(self, id: str) -> RunRecord | None:  # noqa: A002 - the record's own word
        """The run of that id, or the only one whose id begins so. Raises UsageError where several do."""
        return self._database.read(lambda connection: reading.run(connection, id), None)

    def runs(self, wanted: RunFilter = _EVERYTHING) -> list[RunRecord]:
        """The latest first. Raises UsageError for a status there is none of."""
        return self._database.read(lambda connection: reading.latest_runs(connection, wanted), [])

    def slides(self, run_id: str) -> list[SlideRecord]:
        return self._database.read(lambda connection: reading.slides_of(connection, run_id), [])

    def attempts(self, run_id: str | None = None, *, wanted: RunFilter = _EVERYTHING) -> list[AttemptRecord]:
        """In the order in which they began; of one run, or of all. Raises UsageError for a status there is none of."""
        return self._database.read(lambda connection: reading.attempts_of(connection, run_id, wanted), [])

    def batch_attempts(self, batch: str) -> list[AttemptRecord]:
        return self._database.read(lambda connection: reading.batch(connection, batch), [])

    def batch_calls_under_way(self) -> list[AttemptRecord]:
        """The calls of all batches, whoever's, that nobody saw the end of yet, in the order in which they began."""
        return self._database.read(reading.batches_under_way, [])

    def stats(self, wanted: RunFilter = _EVERYTHING) -> list[StatRow]:
        """By day of this machine's time zone, the latest first; then by service and model."""
        return self._database.read(lambda connection: statistics.stats(connection, wanted), [])

    def spent(self, scope: Scope) -> Spent:
        nothing = Spent(usd=0.0, maybe_usd=0.0, images=0)
        return self._database.read(lambda connection: budget.spent(connection, scope), nothing)

    def prune(self, older_than: timedelta) -> int:
        """Forget runs that ended longer ago, with their slides and calls; return how many.

        Whatever the age, a run stays that began or called this month (it counts for budgets), that is under way, or
        that has calls nobody saw the end of in a batch. What a forgotten run spent counts no longer for its deck.
        """
        if not self._database.read(lambda _: True, nothing=False):
            return 0
        return self._database.write(lambda connection: pruning.prune(connection, older_than, self._now()))


def _seconds(begun: datetime, finished: datetime) -> float | None:
    """None where the clock went backwards meanwhile: nobody knows."""
    seconds = (finished - begun).total_seconds()
    return seconds if seconds >= 0 else None
