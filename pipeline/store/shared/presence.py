"""Who is alive: a process is, and so is what it holds, as long as Redis was told of it within a lease.

All that is held, a lock or a place, is held by a claim: a name of its own that is alive while the key
`deck-illustrator:alive:CLAIM` exists. The beat of its process renews the keys of all its claims. One that was given
up without Redis hearing of it, that died with its process, or that an old copy of Redis' data brought back, is dead
within a lease.

A Redis that is started anew may have forgotten what was held just before. The first process to notice closes it for a
lease: until then nothing is given out, and every process that is alive puts back what it holds.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from redis import Redis
from redis.exceptions import RedisError

from pipeline.store.shared.connecting import unreachable

log = logging.getLogger(__name__)

LIVENESS = """
local function alive_key(claim) return 'deck-illustrator:alive:' .. claim end
local function is_alive(claim) return redis.call('EXISTS', alive_key(claim)) == 1 end
local function enliven(claim, lease_ms) redis.call('SET', alive_key(claim), '1', 'PX', lease_ms) end
local function forget(claim) redis.call('DEL', alive_key(claim)) end
local function server() return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') end
local function is_open(known) return known == server() and redis.call('EXISTS', 'deck-illustrator:settling') == 0 end
"""
"""Lua that scripts which give something out begin with.

They give to a claim only where `is_open(known)`, `known` being `Presence.server`, and then `enliven` it in the same
script for `Presence.lease_ms`. What is held by a claim that is not `is_alive` is free. `forget` a claim that ends.
"""

# Known server, lease, then claims. A server that is not the known one is closed to all for a lease.
_BEAT = (
    LIVENESS
    + """
local running = server()
if ARGV[1] ~= '' and ARGV[1] ~= running then
    redis.call('SET', 'deck-illustrator:settling', '1', 'PX', ARGV[2])
end
for i = 3, #ARGV do
    enliven(ARGV[i], ARGV[2])
end
return running
"""
)


class Presence:
    """One process among those of all machines: the one we are. Safe for threads; made anew after a fork.

    `name` is told from every other process's, also from one that had it before. Nothing dies while `beat` is called
    several times a lease, which is of `lease_s`; `begin` before anything else.
    """

    def __init__(
        self, client: Redis, *, lease_s: float, name: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self.lease_ms = max(1, round(lease_s * 1000))
        self.server = ""
        self._client = client
        self._script = client.register_script(_BEAT)
        self._monotonic = monotonic
        self._heard = -float("inf")
        self._is_away = False
        self._claims: dict[str, Callable[[], object]] = {}

    @property
    def is_lost(self) -> bool:
        """True where Redis was not told of this process for a lease: others take it for dead."""
        return (self._monotonic() - self._heard) * 1000 > self.lease_ms

    def begin(self) -> None:
        """The first beat. Raises FileAccessError."""
        try:
            self._renew()
        except RedisError as error:
            raise unreachable(error) from error

    def beat(self) -> None:
        """Renew this process and all it holds. Where Redis does not hear it, that is logged; see `is_lost`."""
        try:
            self._renew()
        except RedisError as error:
            if not self._is_away:
                log.warning("Redis does not hear that this process is alive (%s)", type(error).__name__)
            self._is_away = True
        else:
            if self._is_away:
                log.info("Redis hears again that this process is alive")
            self._is_away = False

    def end(self) -> None:
        """We hold nothing any more and go. Where Redis does not hear it, it is dead within a lease."""
        with suppress(RedisError):
            self._client.delete(f"deck-illustrator:alive:{self.name}")

    def new_claim(self) -> str:
        """A name to hold one thing by, once."""
        return f"{self.name}/{secrets.token_hex(8)}"

    @contextmanager
    def upheld(self, claim: str, put_back: Callable[[], object]) -> Iterator[None]:
        """Keep `claim`, to which something was just given, alive for the block.

        `put_back` gives it again what a Redis that was started anew may have forgotten. It is called by `beat`, in its
        thread, and may raise RedisError.
        """
        self._claims[claim] = put_back
        try:
            yield
        finally:
            del self._claims[claim]

    def _renew(self) -> None:
        """Raises RedisError."""
        asked, held = self._monotonic(), dict(self._claims)
        running = _text(self._script(args=[self.server, self.lease_ms, self.name, *held]))
        if running != self.server:
            if self.server:
                log.warning("Redis was started anew; what this process holds is put back: %d", len(held))
            for put_back in held.values():
                put_back()
            self.server = running
        self._heard = asked


def _text(answer: object) -> str:
    return answer.decode() if isinstance(answer, bytes) else str(answer)
