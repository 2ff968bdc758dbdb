"""Faults at random for torture: by weight, from a seed, the same for the same request whatever the threads do.

    painter.ledger = Ledger()
    painter.faults.always(script := Randomly(7, image_faults(hang_s=2)))
    writer.faults.always(Randomly(8, prompt_faults(hang_s=2)))
    ...
    script.chosen[request.number]      # the word for what was done to it
    painter.ledger.settled()           # what was delivered and read; `label` is that word again

A picture that the client must have kept: `delivery.is_read and delivery.label in WHOLE`. The mixtures are for the
POSTs that ask for one prompt or one picture; uploads and batches are not among them.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.fakes import anthropic_faults, openai_faults
from tests.fakes.faults import (
    Fault,
    fine,
    hang,
    html_error_page,
    http_date,
    late,
    malformed_json,
    reset_in_mid_body,
)
from tests.fakes.wire import Exchange, Reply, Request

WHOLE = frozenset({"fine", "slow"})
"""The words for answers in which nothing is wrong."""

Mixture = Mapping[str, tuple[float, Fault]]
"""Word -> its weight (any positive numbers; they need not add up to 1) and what it does."""


class Randomly:
    """A fault that is another one every time. Safe for threads.

    The choice depends on the seed, on path and body of the request, and on how often the same request came before: so
    a run with the same seed meets the same faults, in whatever order its workers ask. `chosen` has the word for every
    request by its number, `counts` how often each word was chosen.
    """

    def __init__(self, seed: int, mixture: Mixture) -> None:
        self.seed = seed
        self.chosen: dict[int, str] = {}
        self._mixture = dict(mixture)
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def counts(self) -> Counter[str]:
        with self._lock:
            return Counter(self.chosen.values())

    def __call__(self, exchange: Exchange) -> Reply | None:
        word = self._choose(exchange.request)
        reply = self._mixture[word][1](exchange)
        return None if reply is None else replace(reply, label=word)

    def _choose(self, request: Request) -> str:
        question = json.dumps([request.path, request.body], sort_keys=True, ensure_ascii=False)
        with self._lock:
            self._seen[question] += 1
            salt = f"{self.seed}\n{self._seen[question]}\n{question}"
            dice = random.Random(hashlib.sha256(salt.encode()).digest())
            weights = [weight for weight, _ in self._mixture.values()]
            word = dice.choices(list(self._mixture), weights)[0]
            self.chosen[request.number] = word
            return word


def prompt_faults(*, hang_s: float, slow_s: float = 0.2, share_fine: float = 0.6) -> dict[str, tuple[float, Fault]]:
    """What befalls the Anthropic server. `hang_s` must be longer than the client's timeout, `slow_s` shorter.

    `share_fine` is the share of answers that nothing befalls; all faults together have the rest, in equal parts.
    """
    kinds: dict[str, Fault] = {
        "rate_limited": anthropic_faults.rate_limited(),
        "rate_limited_seconds": anthropic_faults.rate_limited("1"),
        "rate_limited_ms": anthropic_faults.rate_limited(retry_after_ms="30"),
        "rate_limited_date": _until_a_date(anthropic_faults.rate_limited),
        "server_error": anthropic_faults.server_error(),
        "overloaded": anthropic_faults.overloaded(),
        "cut_off": anthropic_faults.cut_off(),
        "no_json": anthropic_faults.answering("I would rather tell you in words what I see."),
    }
    return _mixture(kinds | _of_any_service(hang_s, slow_s), share_fine)


def image_faults(*, hang_s: float, slow_s: float = 0.2, share_fine: float = 0.6) -> dict[str, tuple[float, Fault]]:
    """What befalls the OpenAI server's pictures; the arguments are those of `prompt_faults`."""
    kinds: dict[str, Fault] = {
        "rate_limited": openai_faults.rate_limited(),
        "rate_limited_seconds": openai_faults.rate_limited(1),
        "rate_limited_ms": openai_faults.rate_limited(retry_after_ms="30"),
        "rate_limited_date": _until_a_date(openai_faults.rate_limited),
        "server_error": openai_faults.server_error(),
        "overloaded": openai_faults.overloaded(),
        "overloaded_529": openai_faults.server_error(529),
        "no_data": openai_faults.empty_data,
        "truncated_image": openai_faults.truncated_image,
        "blank_image": openai_faults.blank_image,
        "one_pixel_image": openai_faults.one_pixel_image,
        "text_instead": openai_faults.text_instead_of_image,
    }
    return _mixture(kinds | _of_any_service(hang_s, slow_s), share_fine)


def _until_a_date(rate_limited: Callable[[str], Fault]) -> Fault:
    """A rate limit that names the moment a second from when it strikes."""

    def strike(exchange: Exchange) -> Reply | None:
        return rate_limited(http_date(1))(exchange)

    return strike


def _of_any_service(hang_s: float, slow_s: float) -> dict[str, Fault]:
    return {
        "slow": late(slow_s),
        "hang": hang(hang_s),
        "dropped": hang(0.0),
        "reset": reset_in_mid_body,
        "malformed_json": malformed_json,
        "proxy_page": html_error_page(502),
    }


def _mixture(kinds: Mapping[str, Fault], share_fine: float) -> dict[str, tuple[float, Fault]]:
    share = (1 - share_fine) / len(kinds)
    return {"fine": (share_fine, fine)} | {word: (share, fault) for word, fault in kinds.items()}
