"""What goes wrong on demand: when a fault strikes, and the faults that are the same for every service."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from time import time

from tests.fakes.wire import Exchange, Json, Reply, Request

Fault = Callable[[Exchange], Reply | None]
"""Takes one exchange, gives the reply; None drops the connection without a word."""


@dataclass(slots=True, kw_only=True)
class _Rule:
    applies: Callable[[Request], bool]
    fault: Fault
    left: int | None


class Faults:
    """The script of one server: of the rules that apply the first given wins; where none does, all is well."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()

    def on_call(self, number: int, fault: Fault) -> None:
        """On the n-th POST, counted from 1."""
        self._add(lambda request: request.number == number, fault, None)

    def when(self, applies: Callable[[Json], bool], fault: Fault, *, times: int | None = None) -> None:
        """On the POSTs whose JSON body satisfies `applies`, the first `times` of them or all."""
        self._add(lambda request: applies(request.body), fault, times)

    def on_request(self, applies: Callable[[Request], bool], fault: Fault, *, times: int | None = None) -> None:
        """On the requests that satisfy `applies` (path, headers, body), the first `times` of them or all."""
        self._add(applies, fault, times)

    def always(self, fault: Fault) -> None:
        """On every POST no earlier rule took."""
        self._add(lambda _: True, fault, None)

    def clear(self) -> None:
        """From here on all is well."""
        with self._lock:
            self._rules.clear()

    def pick(self, request: Request) -> Fault:
        with self._lock:
            for rule in self._rules:
                if rule.left != 0 and rule.applies(request):
                    if rule.left is not None:
                        rule.left -= 1
                    return rule.fault
        return fine

    def _add(self, applies: Callable[[Request], bool], fault: Fault, times: int | None) -> None:
        with self._lock:
            self._rules.append(_Rule(applies=applies, fault=fault, left=times))


def fine(exchange: Exchange) -> Reply:
    """No fault: the service's own answer."""
    return exchange.answer()


def late(seconds: float, then: Fault = fine) -> Fault:
    """Another fault (or the answer), `seconds` late."""
    return lambda exchange: None if exchange.wait(seconds) else then(exchange)


def hang(seconds: float | None = None) -> Fault:
    """Hold the connection for `seconds`, or until the server stops; then drop it without a word."""

    def strike(exchange: Exchange) -> None:
        exchange.wait(seconds)

    return strike


def reset_in_mid_body(exchange: Exchange) -> Reply:
    """Half of the answer, then a TCP reset."""
    reply = exchange.answer()
    return replace(reply, reset_after=len(reply.body) // 2)


def malformed_json(exchange: Exchange) -> Reply:
    """The answer's first half as if it were whole: status 200, a right length, JSON that ends too soon."""
    reply = exchange.answer()
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def html_error_page(status: int = 502) -> Fault:
    """What a proxy in between answers: HTML, no error object, no request id."""
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>".encode()
    return lambda _: Reply(status=status, headers={"content-type": "text/html"}, body=page)


def retry_headers(retry_after: str | None, retry_after_ms: str | None) -> dict[str, str]:
    """The headers a "try again later" carries; none of them where the service does not say when."""
    hints = {"retry-after": retry_after, "retry-after-ms": retry_after_ms}
    return {name: value for name, value in hints.items() if value is not None}


def http_date(seconds_from_now: float) -> str:
    """A moment as Retry-After spells it (RFC 9110, 5.6.7); whole seconds."""
    return formatdate(time() + seconds_from_now, usegmt=True)
