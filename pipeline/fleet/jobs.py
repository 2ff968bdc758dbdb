"""The book of jobs in Redis: what was handed in, how far each deck is, what is to be left, what was given up.

Every change is one command or one script of the server, so that any number of workers may write at once. All keys of a
job are forgotten `KEPT` after the last thing that happened to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from redis import Redis

from pipeline.errors import UsageError
from pipeline.fleet.job_keys import (
    DEAD,
    JOBS,
    OPEN,
    cancel_key,
    counts_key,
    deck_key,
    drawn_key,
    job_key,
    paid_key,
    schedule_key,
    starts_key,
    target_key,
)
from pipeline.fleet.job_records import DeadLetter, DeckRow, DeckState, Job

KEPT = timedelta(days=30)
_TARGETS_KEPT = timedelta(days=366)
_MOST_DEAD = 10_000
_AT_ONCE = 500
_SECONDS = int(KEPT.total_seconds())

# Moves a deck to another state where it is in none of the last ones, and counts it there. Gives 1 where it was moved.
# KEYS: the deck, the counts, the decks under way. ARGV: state, whether it is over, name among those under way, seconds
# to keep, now, then fields and values.
_MOVE = """
local was = redis.call('HGET', KEYS[1], 'state')
if not was or (was ~= 'PENDING' and was ~= 'PROCESSING') then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'heard', ARGV[5])
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if was ~= ARGV[1] then
    redis.call('HINCRBY', KEYS[2], was, -1)
    redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
end
if ARGV[2] == '1' then redis.call('ZREM', KEYS[3], ARGV[3]) else redis.call('ZADD', KEYS[3], ARGV[5], ARGV[3]) end
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
"""


class JobBook:
    """Safe for threads and machines. Raises RedisError where the server cannot be reached."""

    def __init__(self, client: Redis, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._move = client.register_script(_MOVE)

    def open_job(self, job: Job, decks: Iterable[tuple[str, str]]) -> None:
        """Write down a job with the source and target of each of its decks, counted from 1."""
        client = self._client
        for number, (source, target) in enumerate(decks, 1):
            key = deck_key(job.id, number)
            client.hset(key, mapping={"source": source, "target": target, "state": DeckState.PENDING.value})
            client.expire(key, _SECONDS)
        client.hset(counts_key(job.id), mapping={DeckState.PENDING.value: job.count})
        client.expire(counts_key(job.id), _SECONDS)
        client.zadd(JOBS, {job.id: job.created.timestamp()})
        client.zremrangebyscore(JOBS, "-inf", (job.created - KEPT).timestamp())
        client.set(job_key(job.id), job.model_dump_json(exclude={"is_cancelled"}), ex=_SECONDS)

    def job(self, job_id: str) -> Job:
        """Raises UsageError where there is none of that id."""
        text = _text(self._client.get(job_key(job_id)))
        if text is None:
            raise UsageError(f"{job_id}: no such job; `submit` printed its id, and jobs are kept for {KEPT.days} days")
        return Job.model_validate_json(text).model_copy(update={"is_cancelled": self.is_cancelled(job_id)})

    def latest(self, count: int) -> list[str]:
        """The ids of the jobs handed in last, the last first."""
        return [str(_text(one)) for one in cast("list[Any]", self._client.zrevrange(JOBS, 0, count - 1))]

    def deck(self, job_id: str, number: int) -> DeckRow:
        """Raises UsageError where there is no such deck."""
        rows = list(self._rows(job_id, [number]))
        if not rows:
            raise UsageError(f"{job_id}: has no deck {number}")
        return rows[0]

    def decks(self, job: Job) -> Iterator[DeckRow]:
        """All of them, in their order."""
        for first in range(1, job.count + 1, _AT_ONCE):
            yield from self._rows(job.id, range(first, min(first + _AT_ONCE, job.count + 1)))

    def counts(self, job_id: str) -> dict[DeckState, int]:
        """How many decks are in which state."""
        found = _texts(self._client.hgetall(counts_key(job_id)))
        return {state: int(found.get(state.value, 0)) for state in DeckState}

    def is_over(self, job_id: str) -> bool:
        """True where every deck is in a state for good."""
        counts = self.counts(job_id)
        return not (counts[DeckState.PENDING] or counts[DeckState.PROCESSING])

    def begin(self, job_id: str, number: int) -> bool:
        """The deck is being worked on; False where it is over already."""
        return self._moved(job_id, number, DeckState.PROCESSING, {})

    def hand_out(self, job_id: str, number: int, *, planned: int, to_draw: int) -> None:
        """So many pictures of the deck were given to the queue."""
        self._moved(job_id, number, DeckState.PROCESSING, {"planned": planned, "to_draw": to_draw})

    def drawn(self, job_id: str, number: int, slide: int) -> None:
        """The picture of a slide came back, made or not; told twice it counts once."""
        key = drawn_key(job_id, number)
        self._client.sadd(key, slide)
        self._client.expire(key, _SECONDS)
        self._moved(job_id, number, DeckState.PROCESSING, {})

    def paid(self, job_id: str, number: int, slide: int, usd: float) -> None:
        """A task paid so much for a slide."""
        if usd:
            self._client.hincrbyfloat(paid_key(job_id, number), str(slide), usd)
            self._client.expire(paid_key(job_id, number), _SECONDS)

    def paid_by_slide(self, job_id: str, number: int) -> dict[int, float]:
        """What tasks paid for each slide."""
        found = _texts(self._client.hgetall(paid_key(job_id, number)))
        return {int(slide): float(usd) for slide, usd in found.items()}

    def end(self, job_id: str, number: int, state: DeckState, **fields: float | str) -> bool:
        """The deck is over; False where it was before, and nothing is changed then. `fields` are those of a DeckRow."""
        return self._moved(job_id, number, state, fields)

    def note(self, job_id: str, number: int, **fields: str) -> None:
        """Remember something besides of a deck."""
        self._client.hset(deck_key(job_id, number), mapping=dict[Any, Any](fields))

    def noted(self, job_id: str, number: int, field: str) -> str:
        """What was remembered, "" where nothing was."""
        return _text(self._client.hget(deck_key(job_id, number), field)) or ""

    def delivered(self, target: str) -> tuple[str, str]:
        """Of what work the deck at `target` was made last, and its SHA-256; "" both where none was."""
        found = _texts(self._client.hgetall(target_key(target)))
        return found.get("work", ""), found.get("sha256", "")

    def note_delivered(self, target: str, *, work: str, sha256: str) -> None:
        self._client.hset(target_key(target), mapping={"work": work, "sha256": sha256})
        self._client.expire(target_key(target), int(_TARGETS_KEPT.total_seconds()))

    def cancel(self, job: Job) -> int:
        """Nothing more is begun for the job, and what waited is CANCELLED: how many decks that was."""
        self._client.set(cancel_key(job.id), 1, ex=_SECONDS)
        waiting = (row for row in self.decks(job) if row.state is DeckState.PENDING)
        return sum(self.end(job.id, row.number, DeckState.CANCELLED, message="cancelled") for row in waiting)

    def is_cancelled(self, job_id: str) -> bool:
        return bool(self._client.exists(cancel_key(job_id)))

    def started(self, task_id: str) -> int:
        """A delivery of a task begins: how many have, none of which ended in order."""
        key = starts_key(task_id)
        starts = int(self._client.incr(key))
        self._client.expire(key, _SECONDS)
        return starts

    def ended(self, task_id: str) -> None:
        """A delivery of a task ended in order, whatever came of it."""
        self._client.delete(starts_key(task_id))

    def bury(self, letter: DeadLetter) -> None:
        """Keep a task that nobody tries again."""
        self._client.lpush(DEAD, letter.model_dump_json())
        self._client.ltrim(DEAD, 0, _MOST_DEAD - 1)

    def dead_letters(self) -> list[DeadLetter]:
        """All that are kept, the last first."""
        found = cast("list[Any]", self._client.lrange(DEAD, 0, -1))
        return [DeadLetter.model_validate_json(str(_text(one))) for one in found]

    def stranded(self, quiet: timedelta) -> list[tuple[str, int]]:
        """Decks under way all of whose pictures came back and of which nothing was heard for so long since."""
        until = (self._now() - quiet).timestamp()
        found = []
        for name in cast("list[Any]", self._client.zrangebyscore(OPEN, "-inf", until)):
            job_id, _, number = str(_text(name)).rpartition("/")
            to_draw = int(self.noted(job_id, int(number), "to_draw") or 0)
            if to_draw and int(self._client.scard(drawn_key(job_id, int(number)))) >= to_draw:
                found.append((job_id, int(number)))
        return found

    def heard(self, job_id: str, number: int) -> None:
        """Something was done about a deck under way."""
        self._moved(job_id, number, DeckState.PROCESSING, {})

    def last_of(self, schedule: str) -> str:
        """The job that the schedule's entry handed in last, "" for none."""
        return _text(self._client.get(schedule_key(schedule))) or ""

    def note_last_of(self, schedule: str, job_id: str) -> None:
        self._client.set(schedule_key(schedule), job_id, ex=_SECONDS)

    def _moved(self, job_id: str, number: int, state: DeckState, fields: Mapping[str, float | str]) -> bool:
        pairs = [part for field, value in fields.items() for part in (field, value)]
        moved = self._move(
            keys=[deck_key(job_id, number), counts_key(job_id), OPEN],
            args=[
                state.value,
                int(state.is_over),
                f"{job_id}/{number}",
                _SECONDS,
                self._now().timestamp(),
                *pairs,
            ],
        )
        return bool(moved)

    def _rows(self, job_id: str, numbers: Iterable[int]) -> Iterator[DeckRow]:
        wanted = list(numbers)
        with self._client.pipeline(transaction=False) as pipe:
            for number in wanted:
                pipe.hgetall(deck_key(job_id, number))
                pipe.scard(drawn_key(job_id, number))
                pipe.hvals(paid_key(job_id, number))
            answers = pipe.execute()
        for number, fields, drawn, paid in zip(wanted, answers[::3], answers[1::3], answers[2::3], strict=True):
            if fields:
                yield _row(number, _texts(fields), int(drawn), sum(float(usd) for usd in paid))


def _row(number: int, fields: dict[str, str], drawn: int, paid_usd: float) -> DeckRow:
    known: dict[str, Any] = {key: value for key, value in fields.items() if key in DeckRow.model_fields}
    if "heard" in known:
        known["heard"] = datetime.fromtimestamp(float(known["heard"]), UTC)
    if "exit_code" in known:
        known["exit_code"] = int(known["exit_code"])
    known.setdefault("cost_usd", paid_usd)
    return DeckRow.model_validate({**known, "number": number, "drawn": drawn})


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


def _texts(values: Any) -> dict[str, str]:
    return {str(_text(key)): str(_text(value)) for key, value in values.items()}
