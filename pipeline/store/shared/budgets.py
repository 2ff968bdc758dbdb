"""What is spent, and what may be, over all machines: counted in Redis, before a call is made and after it."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from pipeline.errors import BudgetError, FileAccessError
from pipeline.records import CallKind
from pipeline.records.history import AttemptRecord, RunRecord
from pipeline.store.history.bounds import problem as problem_of
from pipeline.store.history.questions import Bound, Scope, Spent
from pipeline.store.shared import spending_scripts as scripts
from pipeline.store.shared.connecting import PATIENCE_S, SETTING, unreachable
from pipeline.store.shared.counters import (
    DAYS_TTL_S,
    PREFIX,
    Counted,
    Payer,
    counters_of,
    order_key,
    payer_key,
    pending_key,
    terms_of,
)
from pipeline.store.shared.patience import Patience
from pipeline.store.shared.presence import Presence

# Whole numbers are added up without an error; Lua has them up to 2**53, which is nine million dollars.
_NANO = 10**9
# How soon a Redis that is not there is asked again.
_AGAIN_S = 0.25
_MEMORY_KEY = f"{PREFIX}:memory"


class SharedBudgets:
    """Safe for threads. A call is known by its `token`: what is done with one twice counts once.

    What a process had reserved that died stays counted, since it may have been charged, but nobody waits for it. A
    Redis that does not answer is waited for as a full budget is: by a BudgetError that may pass, until it has not
    answered for `patience_s`. A Redis that lost what it had counted is no more asked by the same object.
    """

    def __init__(
        self,
        client: Redis,
        presence: Presence,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._client = client
        self._presence = presence
        self._sleep = sleep
        self._patience = Patience(patience_s, monotonic)
        self._memory = ""
        self._payers: dict[str, Payer] = {}
        self._reserve = client.register_script(scripts.RESERVE)
        self._settle = client.register_script(scripts.SETTLE)
        self._spent = client.register_script(scripts.SPENT)

    def begin_run(self, run: RunRecord) -> None:
        """Tell all machines what deck and project the calls of `run` are for. Raises FileAccessError."""
        deck = (run.deck_hash, run.deck) if run.deck else None
        payer = Payer(run_id=run.id, deck=deck, project=run.project or None)
        facts = json.dumps({"deck": deck, "project": payer.project})
        self._asked(lambda: self._client.set(payer_key(run.id), facts, ex=DAYS_TTL_S))
        self._payers[run.id] = payer

    def reserve(self, token: str, attempt: AttemptRecord, bounds: Sequence[Bound]) -> None:
        """Count what `attempt` may cost as the call `token`, if all of `bounds` allow it: one step over all machines.

        Raises BudgetError for the first that does not, as the history does, and FileAccessError. Nothing is counted
        then, unless the answer was lost on its way.
        """
        counted = Counted.of(attempt)
        call = {
            "token": _token_key(token),
            "count": [_nano(counted.usd), _nano(counted.maybe_usd), counted.images],
            "pending": "" if attempt.batch else pending_key(attempt.run_id),
            "order": order_key(attempt.request_key),
            "by": self._presence.name,
        }
        with self._waited_for(attempt):
            counters = counters_of(self._payer(attempt.run_id, bounds), attempt.created)
            self._decide(attempt, bounds, call | {"counters": json.dumps(counters)})

    def check(self, attempt: AttemptRecord, bounds: Sequence[Bound]) -> None:
        """Raise what `reserve` would raise now. Nothing is counted."""
        if bounds:
            with self._waited_for(attempt):
                self._decide(attempt, bounds, {})

    def settle(self, token: str, counted: Counted) -> None:
        """The call `token` counts so much from now on, whatever it did before. Passes over one that is not known.

        Raises FileAccessError.
        """
        numbers = [_nano(counted.usd), _nano(counted.maybe_usd), counted.images, _nano(counted.known_usd)]
        flags = [int(counted.is_open), int(counted.ends_order)]
        self._asked(lambda: self._settle(keys=[_token_key(token)], args=[*numbers, *flags]))

    def wait_no_more(self, run_id: str) -> None:
        """What the run has under way stays counted, and is nobody's to wait for. Raises FileAccessError."""
        self._asked(lambda: self._client.delete(pending_key(run_id)))

    def spent(self, scope: Scope, now: datetime) -> Spent:
        """What counts within `scope` over all machines. Raises FileAccessError, ValueError (see `terms_of`)."""
        usd, maybe, images = self._asked(lambda: self._spent(args=[json.dumps(terms_of(scope, now))]))
        return Spent(usd=usd / _NANO, maybe_usd=maybe / _NANO, images=images)

    def _decide(self, attempt: AttemptRecord, bounds: Sequence[Bound], call: dict[str, Any]) -> None:
        """Raises BudgetError, FileAccessError, RedisError."""
        rounded = [_rounded(bound) for bound in bounds]
        price = None if attempt.reserved_usd is None else _nano(attempt.reserved_usd)
        question = call | {
            "continues": attempt.continues,
            "is_picture": attempt.kind is CallKind.IMAGE,
            "bounds": [_asked_of(bound, attempt.created) for bound in rounded],
            "own": pending_key(attempt.run_id),
        }
        if price is not None:
            question["price"] = price
        verdict, *found = self._attempted(
            lambda: self._reserve(keys=[_MEMORY_KEY], args=[self._known_memory(), json.dumps(question)])
        )
        if verdict < 0:
            raise FileAccessError(
                f"{SETTING}: the Redis server there has lost what was spent, so no call can be counted; have it keep"
                " its data (appendonly yes), and run again to count from nothing"
            )
        if verdict > 0:
            priced = replace(attempt, reserved_usd=None if price is None else price / _NANO)
            raise _refusal(rounded[verdict - 1], priced, found)

    @contextmanager
    def _waited_for(self, attempt: AttemptRecord) -> Iterator[None]:
        """A batch is handed in at once or not at all; all others wait for Redis before they ask again."""
        try:
            yield
        except RedisError as error:
            if attempt.batch or not self._patience.bears(error):
                raise unreachable(error) from error
            self._sleep(_AGAIN_S)
            waited = BudgetError(f"{SETTING}: the Redis server there does not answer; it is waited for")
            waited.may_pass = True
            raise waited from error

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Raises FileAccessError."""
        try:
            return self._attempted(ask)
        except RedisError as error:
            raise unreachable(error) from error

    def _attempted(self, ask: Callable[[], Any]) -> Any:
        """Raises RedisError."""
        answer = ask()
        self._patience.answered()
        return answer

    def _known_memory(self) -> str:
        """The name of what the server has counted since it was empty, as it was when we first asked."""
        if not self._memory:
            self._client.set(_MEMORY_KEY, secrets.token_hex(8), nx=True)
            self._memory = _text(self._client.get(_MEMORY_KEY))
        return self._memory

    def _payer(self, run_id: str, bounds: Sequence[Bound]) -> Payer:
        """As its `begin_run` said, on whichever machine, else as far as its bounds tell. Raises RedisError."""
        if run_id not in self._payers:
            told: Any = self._attempted(lambda: self._client.get(payer_key(run_id)))
            if told is None:
                decks = (bound.scope.deck for bound in bounds if bound.scope.deck is not None)
                projects = (bound.scope.project for bound in bounds if bound.scope.project is not None)
                return Payer(run_id=run_id, deck=next(decks, None), project=next(projects, None))
            facts = json.loads(told)
            deck = tuple(facts["deck"]) if facts["deck"] else None
            self._payers[run_id] = Payer(run_id=run_id, deck=deck, project=facts["project"])
        return self._payers[run_id]


def _refusal(bound: Bound, attempt: AttemptRecord, found: Sequence[int]) -> BudgetError:
    usd, images, own_usd, own_images = found
    error = BudgetError(f"{bound.name}: {problem_of(bound, usd / _NANO, images, attempt)}")
    error.may_pass = not problem_of(bound, (usd - own_usd) / _NANO, images - own_images, attempt)
    return error


def _asked_of(bound: Bound, now: datetime) -> dict[str, Any]:
    """A bound as the script takes it. What is not bounded is left out."""
    question: dict[str, Any] = {
        "terms": terms_of(bound.scope, now),
        "also_usd": _nano(bound.also_usd),
        "also_images": bound.also_images,
    }
    if bound.max_usd is not None:
        question["max_usd"] = _nano(bound.max_usd)
    if bound.max_images is not None:
        question["max_images"] = bound.max_images
    return question


def _rounded(bound: Bound) -> Bound:
    """As the script sees it, so that what it finds too much is too much for the message as well."""
    most = None if bound.max_usd is None else _nano(bound.max_usd) / _NANO
    return replace(bound, max_usd=most, also_usd=_nano(bound.also_usd) / _NANO)


def _nano(usd: float) -> int:
    return round(usd * _NANO)


def _token_key(token: str) -> str:
    return f"{PREFIX}:call:{token}"


def _text(answer: object) -> str:
    return answer.decode() if isinstance(answer, bytes) else str(answer)
