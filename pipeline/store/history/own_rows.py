"""What this process wrote of its runs under way: enough to write it again into a database begun anew."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from pipeline.records.history import AttemptRecord, RunRecord
from pipeline.store.history.tables import attempts
from pipeline.store.history.writing import insert_attempt, put_run


class OwnRows:
    """Safe for threads: each change is one step of the interpreter. Forgets a run that is over."""

    def __init__(self) -> None:
        self._runs: dict[str, RunRecord] = {}
        self._attempts: dict[int, AttemptRecord] = {}
        self._moved: dict[int, int] = {}

    def note_run(self, run: RunRecord) -> None:
        self._runs[run.id] = run

    def note_attempt(self, number: int, attempt: AttemptRecord) -> None:
        self._attempts[number] = attempt

    def attempt(self, number: int) -> AttemptRecord | None:
        return self._attempts.get(number)

    def forget(self, run_id: str) -> None:
        self._runs.pop(run_id, None)
        for number, attempt in list(self._attempts.items()):
            if attempt.run_id == run_id:
                del self._attempts[number]

    def number_now(self, number: int) -> int:
        """The id of the row today that had the id `number` when it was first written."""
        return self._moved.get(number, number)

    def write_again(self, connection: Connection) -> None:
        """Write all of it. Ids stay as they are where nobody took them in the meantime."""
        for run in list(self._runs.values()):
            put_run(connection, run)
        taken = set(connection.execute(select(attempts.c.id)).scalars())
        for number, attempt in sorted(self._attempts.items()):
            free = None if number in taken else number
            self._moved[number] = insert_attempt(connection, replace(attempt, id=0), free)
