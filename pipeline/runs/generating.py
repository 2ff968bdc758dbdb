"""Pictures without a deck: the same services, limits, retries, checks and fallbacks as a run's."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from PIL.Image import Image

from pipeline.config.loader import Configuration
from pipeline.engine.chain import Chain, Reply
from pipeline.engine.clock import GRACE_S, Clock, StopCause, StopSignal, SystemClock
from pipeline.engine.failures import consequence_of
from pipeline.engine.parallel import in_parallel
from pipeline.errors import (
    BudgetError,
    ExitCode,
    FailedCall,
    FileAccessError,
    PipelineError,
    ServiceError,
    UsageError,
)
from pipeline.images.provider import ImageProvider
from pipeline.records import GeneratedImage, ImageRequest, Theme
from pipeline.records.history import RunRecord
from pipeline.runs.keeping import open_keeping, tidy
from pipeline.runs.painting import Made, Painter, PictureOrder
from pipeline.runs.past.run_records import beginning, ended_with, new_run_id
from pipeline.runs.past.taking_over import end_the_dead
from pipeline.runs.services.calling import Calling
from pipeline.runs.services.choosing import choose_painters
from pipeline.runs.spending.budgets import Account, check_prices
from pipeline.runs.spending.ledger import Ledger

MOST = 100
_USUAL_WIDTH_PX = 1024
_PAIR = re.compile(r"\s*(\d{1,5})\s*([x×:])\s*(\d{1,5})\s*", re.IGNORECASE)
# For what is drawn on this machine; services see the prompt alone.
_THEME = Theme(background="FFFFFF", text="1F2937", accents=("2563EB", "F59E0B", "10B981", "EF4444", "8B5CF6", "64748B"))


class Shelf(Protocol):
    """Where pictures go. Called by many threads, each with a number of its own, counted from 1."""

    def put(self, number: int, image: GeneratedImage, picture: Image) -> None:
        """`picture` is what `image` shows."""


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

    `failed_calls` are those that brought nothing, at whatever service. `is_kept` where the store had it.
    """

    number: int
    image: GeneratedImage | None
    failed_calls: tuple[FailedCall, ...] = ()
    error: PipelineError | None = None
    is_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What pictures are made with from outside. `tell` hears what a person should know, a line each, in any thread."""

    shelf: Shelf
    tell: Callable[[str], None]
    clock: Clock = field(default_factory=SystemClock)
    rng: random.Random = field(default_factory=random.Random)


def generate(wish: PictureWish, configuration: Configuration, around: Around) -> list[Outcome]:
    """Make the pictures, in their order; what was paid for once comes from the store.

    Raises UsageError for a wish that makes no sense or that a model refuses, and CredentialsError, both before any
    call; FileAccessError where a picture cannot be kept, after which nothing more is paid for.
    """
    wish.check()
    settings, clock, stop, run_id = configuration.settings, around.clock, StopSignal(), new_run_id(around.clock)
    with ExitStack() as held:
        keeping = held.enter_context(closing(open_keeping(configuration, run_id, clock, around.tell)))
        providers, notices = choose_painters(configuration, clock, wish.size, keeping.store)
        for provider in providers:
            held.callback(provider.close)
        check_prices(settings.budget, settings.project, providers)
        calling = held.enter_context(closing(Calling(configuration, clock, around.rng, stop)))
        for notice in notices:
            around.tell(notice)
        begun = beginning(run_id, clock, settings.project, wish.count)
        keeping.history.begin_run(begun)
        end_the_dead(keeping, begun)
        account = Account(run_id=run_id, project=settings.project)
        ledger = Ledger(keeping.history, settings.budget, account, clock, stop)
        painters = [
            Painter(provider=one, store=keeping.store, ledger=ledger, clock=clock, stop=stop) for one in providers
        ]
        at_once = settings.workers.image_workers
        chain = calling.chain(painters, at_once=at_once, has_last_resort=False, tell=around.tell)
        one = partial(_answered, chain, around, stop)
        orders = _orders(wish, providers, around.tell)
        found = in_parallel(one, orders, at_once=at_once, clock=clock, stop=stop)
        keeping.history.end_run(_ended(begun, found, clock), ())
        tidy(keeping, configuration, clock.now())
    return _outcomes(found)


def exit_code_of(outcomes: list[Outcome]) -> ExitCode:
    """OK, partial where some failed; where all did, why the last did, or the gate of images."""
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if not errors:
        return ExitCode.OK
    if any(isinstance(error, BudgetError) for error in errors):
        return ExitCode.BUDGET
    if len(errors) < len(outcomes):
        return ExitCode.PARTIAL
    is_refused = any(consequence_of(error).stops is StopCause.CREDENTIALS for error in errors)
    return ExitCode.CREDENTIALS if is_refused else ExitCode.IMAGE_GATE


def _answered(chain: Chain[PictureOrder, Made], around: Around, stop: StopSignal, order: PictureOrder) -> Outcome:
    number = order.request.variant + 1
    try:
        reply = chain.call(order, asks_for_milder=False)
        image = _image(reply)
        around.shelf.put(number, image, reply.value.picture)
    except (ServiceError, BudgetError) as error:
        return Outcome(number=number, image=None, failed_calls=error.calls, error=error)
    except FileAccessError as error:
        stop.request(StopCause.FILE_ACCESS, str(error), around.clock.monotonic() + GRACE_S)
        raise
    return Outcome(number=number, image=image, failed_calls=reply.failed_calls, is_kept=reply.is_kept)


def _image(reply: Reply[PictureOrder, Made]) -> GeneratedImage:
    """As it came, with all that was paid for it; that is nothing where the store had it."""
    made, wasted_usd = reply.value, sum(call.cost_usd for call in reply.failed_calls)
    return GeneratedImage(
        data=made.data,
        provider=reply.link.service,
        model=reply.link.model,
        cost_usd=None if made.cost_usd is None else made.cost_usd + wasted_usd,
        allowance=made.allowance,
    )


def _ended(begun: RunRecord, found: list[Outcome | Exception], clock: Clock) -> RunRecord:
    outcomes = [one for one in found if isinstance(one, Outcome)]
    is_whole = len(outcomes) == len(found)
    problems = [one for one in found if isinstance(one, Exception)] or [one.error for one in outcomes if one.error]
    return ended_with(
        begun,
        exit_code_of(outcomes) if is_whole else ExitCode.FILE_ACCESS,
        made=sum(one.image is not None for one in outcomes),
        message=str(problems[0]) if problems else "",
        clock=clock,
    )


def _orders(wish: PictureWish, painters: tuple[ImageProvider, ...], tell: Callable[[str], None]) -> list[PictureOrder]:
    ratio, width_px = _shape(wish.size, must_be_numbers=not all(painter.is_remote for painter in painters))
    prompt = _cut(wish.prompt.strip(), min(painter.prompt_limit_chars for painter in painters), tell)
    return [
        PictureOrder(
            slide_number=None,
            request=ImageRequest(
                prompt=prompt,
                subject=prompt,
                aspect_ratio=ratio,
                width_px=width_px,
                style="",
                theme=_THEME,
                seed=number,
                variant=number,
            ),
        )
        for number in range(wish.count)
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
