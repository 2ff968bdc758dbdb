"""What the servers' own counts say of a deck whose runs were killed, and whether the program's history agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tests.fakes import AnthropicServer, OpenAIServer
from tests.fakes.http_server import FakeService
from tests.fakes.ledger import Ledger
from tests.fakes.wire import Json
from tests.torture.checks import Checks
from tests.torture.decks import slide_drawn_for, slide_written_for
from tests.torture.told import Row

# From a server's last byte until the picture is on disk, on a machine that does other things too.
ARRIVAL_S = 2.0
LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call a server was asked, with the monotonic moments at which it came and at which its answer was sent.

    `number` is the server's own. `is_read` says whether the client took all of the answer, once all clients have ended.
    """

    kind: str
    number: int
    slide: int
    begun_s: float
    answered_s: float
    is_read: bool = False

    def is_cut_by(self, kill_s: float) -> bool:
        """True where its answer need not have been on disk when the run was killed."""
        return self.begun_s <= kill_s < self.answered_s + ARRIVAL_S


class Watch:
    """Both services with a record of every call. Servers and their ledgers are safe for threads, this is for one."""

    def __init__(self, prompts: AnthropicServer, images: OpenAIServer) -> None:
        self._servers: tuple[tuple[str, FakeService, Callable[[Json], int]], ...] = (
            ("prompt", prompts, slide_written_for),
            ("image", images, slide_drawn_for),
        )
        for _, server, _ in self._servers:
            server.ledger = Ledger()
        self._seen: dict[str, list[Call]] = {kind: [] for kind, _, _ in self._servers}

    def calls(self) -> list[Call]:
        """Every call so far, in the order they began; cheap enough to be asked all the time."""
        for kind, server, slide_of in self._servers:
            for request in server.requests[len(self._seen[kind]) :]:
                self._seen[kind].append(
                    Call(
                        kind=kind,
                        number=request.number,
                        slide=slide_of(request.body),
                        begun_s=request.at_s,
                        answered_s=request.at_s + server.latency_s,
                    )
                )
        return sorted((call for calls in self._seen.values() for call in calls), key=lambda call: call.begun_s)

    def settled(self) -> list[Call]:
        """Every call, with what its client read. All clients must have ended. Raises TimeoutError."""
        read: set[tuple[str, int]] = set()
        for kind, server, _ in self._servers:
            assert server.ledger is not None
            read |= {(kind, one.number) for one in server.ledger.settled() if one.is_read}
        return [replace(call, is_read=(call.kind, call.number) in read) for call in self.calls()]


def check_repeats(
    checks: Checks, calls: Sequence[Call], kills: Sequence[float], *, slides: int, at_once: Mapping[str, int]
) -> Counter[str]:
    """Each slide is called for once, and again only where a kill cut the call. Returns the repeated calls by kind."""
    repeated: Counter[str] = Counter()
    for kind, most in at_once.items():
        cut_at: Counter[float] = Counter()
        for slide in range(1, slides + 1):
            own = [call for call in calls if (call.kind, call.slide) == (kind, slide)]
            checks.that(f"every slide's {kind} is called for", bool(own), f"slide {slide}: no call")
            for call, again in pairwise(own):
                cutting = [kill for kill in kills if call.begun_s <= kill < again.begun_s]
                is_cut = bool(cutting) and call.is_cut_by(cutting[0])
                checks.that(
                    f"no {kind} call is repeated but those in flight at a kill",
                    is_cut,
                    f"slide {slide}: answered {cutting[0] - call.answered_s:.2f} s before the kill"
                    if cutting
                    else f"slide {slide}: no kill in between",
                )
                cut_at.update(cutting[:1])
                repeated[kind] += 1
        worst = max(cut_at.values(), default=0)
        checks.that(f"at most {most} {kind} calls are repeated for one kill", worst <= most, worst)
    return repeated


def check_history(
    checks: Checks, calls: Sequence[Call], kills: Sequence[float], rows: Sequence[Row], *, at_once: Mapping[str, int]
) -> None:
    """Every call has its row, every row its call, but for those nobody saw the end of at a kill."""
    endings = Counter(_ending(row) for row in rows)
    checks.that("every attempt succeeded or was lost at a kill", not endings.keys() - {"success", LOST}, dict(endings))
    for kind, most in at_once.items():
        for slide in sorted({call.slide for call in calls}):
            own = [call for call in calls if (call.kind, call.slide) == (kind, slide)]
            told = [row for row in rows if (row["kind"], row["slide_number"]) == (kind, slide)]
            _check_slide(checks, f"{kind} of slide {slide}", own, kills, Counter(_ending(row) for row in told))
        lost = sum(row["kind"] == kind and _ending(row) == LOST for row in rows)
        checks.that(f"at most {most} {kind} attempts are lost for one kill", lost <= most * len(kills), lost)
    told_lost = [row for row in rows if _ending(row) == LOST]
    checks.that("what was lost may be charged, and is priced", all(map(_may_cost, told_lost)), told_lost)


def _check_slide(checks: Checks, what: str, calls: Sequence[Call], kills: Iterable[float], told: Counter[str]) -> None:
    read = sum(call.is_read for call in calls)
    undisturbed = sum(not any(call.is_cut_by(kill) for kill in kills) for call in calls)
    succeeded, lost = told["success"], told[LOST]
    found = f"{what}: {len(calls)} calls, {read} read, {undisturbed} undisturbed; told {dict(told)}"
    checks.that("every call the servers got has an attempt", len(calls) <= succeeded + lost, found)
    checks.that("every attempt told as a success is an answer that was read, once", succeeded <= min(read, 1), found)
    checks.that("every answer that no kill was near is told as a success", undisturbed <= succeeded, found)


def _ending(row: Row) -> str:
    return str(row["error_kind"] if row["state"] == "error" else row["state"])


def _may_cost(row: Row) -> bool:
    return bool(row["may_be_charged"]) and row["reserved_usd"] is not None and row["cost_usd"] is None
