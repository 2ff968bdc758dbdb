"""Pictures without a deck: the same services, limits, retries, checks and fallbacks as a run's."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from PIL.Image import Image

from pipeline.config.loader import Configuration
from pipeline.engine.chain import Chain
from pipeline.engine.clock import GRACE_S, Clock, StopCause, StopSignal, SystemClock
from pipeline.engine.parallel import in_parallel
from pipeline.errors import ExitCode, FailedCall, FileAccessError, ServiceError, UsageError
from pipeline.images.checking import checked
from pipeline.images.provider import ImageProvider
from pipeline.records import GeneratedImage, ImageRequest, Theme
from pipeline.runs.services.calling import Calling
from pipeline.runs.services.choosing import choose_painters

MOST = 100
_USUAL_WIDTH_PX = 1024
_PAIR = re.compile(r"\s*(\d{1,5})\s*([x×:])\s*(\d{1,5})\s*", re.IGNORECASE)
# For what is drawn on this machine; services see the prompt alone.
_THEME = Theme(background="FFFFFF", text="1F2937", accents=("2563EB", "F59E0B", "10B981", "EF4444", "8B5CF6", "64748B"))


class Shelf(Protocol):
    """Where pictures go. Called by many threads, each with a number of its own, counted from 1."""

    def put(self, number: int, image: GeneratedImage) -> None:
        """What was just paid for, not looked at yet."""

    def accept(self, number: int, image: GeneratedImage, picture: Image) -> None:
        """It is a picture that can be used: `picture`."""

    def discard(self, number: int) -> None:
        """It is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureWish:
    """What a person asks for: `count` pictures of `prompt`. `size` is "1536x1024", "16:9" or a model's own word."""

    prompt: str
    size: str | None = None
    count: int = 1

    def check(self) -> None:
        """Raises UsageError for a wish nobody can fulfil."""
        if not self.prompt.strip():
            raise UsageError("the prompt is empty; say what the picture shows")
        if not 1 <= self.count <= MOST:
            raise UsageError(f"--n: {self.count} pictures; ask for 1 to {MOST}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one of them; `image.cost_usd` is with all that was paid for it, `image` None where there is none.

    `failed_calls` are those that brought nothing, at whatever service.
    """

    number: int
    image: GeneratedImage | None
    failed_calls: tuple[FailedCall, ...]
    error: ServiceError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What pictures are made with from outside. `tell` hears what a person should know, a line each, in any thread."""

    shelf: Shelf
    tell: Callable[[str], None]
    clock: Clock = field(default_factory=SystemClock)
    rng: random.Random = field(default_factory=random.Random)


@dataclass(frozen=True, slots=True)
class _Question:
    number: int
    request: ImageRequest


def generate(wish: PictureWish, configuration: Configuration, around: Around) -> list[Outcome]:
    """Make the pictures, in their order.

    Raises UsageError for a wish that makes no sense or that a model refuses, and CredentialsError, both before any
    call; FileAccessError where a picture cannot be kept, after which nothing more is paid for.
    """
    wish.check()
    stop, at_once = StopSignal(), configuration.settings.workers.image_workers
    with ExitStack() as held:
        painters, notices = choose_painters(configuration, around.clock, wish.size)
        for painter in painters:
            held.callback(painter.close)
        calling = held.enter_context(closing(Calling(configuration, around.clock, around.rng, stop)))
        for notice in notices:
            around.tell(notice)
        asking = _Asking(around=around, stop=stop)
        chain = calling.chain(
            painters,
            lambda painter: partial(asking.ask, painter),
            lambda image: image.allowance,
            at_once=at_once,
            has_last_resort=False,
            tell=around.tell,
        )
        questions = _questions(wish, painters, around.tell)
        one = partial(asking.answered, chain)
        return _outcomes(in_parallel(one, questions, at_once=at_once, clock=around.clock, stop=stop))


def exit_code_of(outcomes: list[Outcome]) -> ExitCode:
    """OK, partial where some failed; where all did, credentials if that was why, else the gate of images."""
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if not errors:
        return ExitCode.OK
    if len(errors) < len(outcomes):
        return ExitCode.PARTIAL
    return ExitCode.CREDENTIALS if any(error.stops_the_run for error in errors) else ExitCode.IMAGE_GATE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    around: Around
    stop: StopSignal

    def answered(self, chain: Chain[_Question, GeneratedImage], question: _Question) -> Outcome:
        try:
            reply = chain.call(question, asks_for_milder=False)
        except ServiceError as error:
            return Outcome(number=question.number, image=None, failed_calls=error.calls, error=error)
        except FileAccessError as error:
            self.stop.request(StopCause.FILE_ACCESS, str(error), self.around.clock.monotonic() + GRACE_S)
            raise
        image, wasted_usd = reply.value, sum(call.cost_usd for call in reply.failed_calls)
        if image.cost_usd is not None:
            image = replace(image, cost_usd=image.cost_usd + wasted_usd)
        return Outcome(number=question.number, image=image, failed_calls=reply.failed_calls)

    def ask(self, painter: ImageProvider, question: _Question, timeout_s: float) -> GeneratedImage:
        shelf = self.around.shelf
        image = painter.generate(question.request, timeout_s)
        shelf.put(question.number, image)
        try:
            picture = checked(image.data)
        except ServiceError as error:
            shelf.discard(question.number)
            error.cost_usd = image.cost_usd or 0.0
            raise
        shelf.accept(question.number, image, picture)
        return image


def _questions(wish: PictureWish, painters: tuple[ImageProvider, ...], tell: Callable[[str], None]) -> list[_Question]:
    ratio, width_px = _shape(wish.size, must_be_numbers=not all(painter.is_remote for painter in painters))
    prompt = _cut(wish.prompt.strip(), min(painter.prompt_limit_chars for painter in painters), tell)
    return [
        _Question(
            number,
            ImageRequest(
                prompt=prompt,
                subject=prompt,
                aspect_ratio=ratio,
                width_px=width_px,
                style="",
                theme=_THEME,
                seed=number,
            ),
        )
        for number in range(1, wish.count + 1)
    ]


def _shape(size: str | None, *, must_be_numbers: bool) -> tuple[float, int]:
    """Width over height, and the width in pixels: what `size` says, else a usual square."""
    pair = _PAIR.fullmatch(size or "")
    if pair is not None and int(pair[1]) and int(pair[3]):
        width, height = int(pair[1]), int(pair[3])
        return width / height, _USUAL_WIDTH_PX if pair[2] == ":" else width
    if size is not None and must_be_numbers:
        raise UsageError(f"--size: {size!r} is no size; write it like 1536x1024 or 16:9")
    return 1.0, _USUAL_WIDTH_PX


def _cut(prompt: str, limit_chars: int, tell: Callable[[str], None]) -> str:
    """As much of it as the models take, to the end of a word where there is one."""
    if len(prompt) <= limit_chars:
        return prompt
    tell(
        f"The prompt has {len(prompt)} characters, of which the first {limit_chars} are used: the model takes no more."
    )
    head, space, _ = prompt[: limit_chars + 1].rpartition(" ")
    return head.rstrip() if space and head.strip() else prompt[:limit_chars]


def _outcomes(found: list[Outcome | Exception]) -> list[Outcome]:
    failures = [one for one in found if isinstance(one, Exception)]
    if failures:  # what stopped the others says more than that they were stopped
        raise next((one for one in failures if isinstance(one, FileAccessError)), failures[0])
    return [one for one in found if isinstance(one, Outcome)]
