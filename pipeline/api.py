"""The Python door: the same runs as the command line's, pictures and texts without a deck, what is kept of both."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from PIL.Image import Image

from pipeline.config.keys import Keys
from pipeline.config.loader import Configuration, configuration_of, load_configuration, naming, with_values
from pipeline.config.settings import Settings
from pipeline.engine.clock import SystemClock
from pipeline.events import Event, EventSink
from pipeline.outcomes import DeckOutcome, DecksReport, RunReport, StripReport
from pipeline.records import GeneratedImage
from pipeline.runs.assembly import Surroundings
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.collection.finding import find_decks
from pipeline.runs.collection.flow import illustrate_all
from pipeline.runs.collection.placing import orders
from pipeline.runs.deck_run import illustrate
from pipeline.runs.generating import Around, PictureWish, generate
from pipeline.runs.past.looking_back import history_of, prune_store
from pipeline.runs.preparing import Order
from pipeline.runs.strip_run import strip
from pipeline.runs.text import ask_for_text
from pipeline.store.history import History
from pipeline.store.upkeep import Pruned

log = logging.getLogger(__name__)


def illustrate_deck(
    deck: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    settings: Settings | None = None,
    keys: Keys | None = None,
    slides: str | None = None,
    sequential: bool = False,
    force: bool = False,
    batch: bool = False,
    wait: bool = False,
    progress: EventSink | None = None,
) -> RunReport:
    """Put pictures into `deck` and save the result as `output`, by default `DECK.illustrated.pptx` beside it.

    `settings` default to what the environment says over the shipped defaults. `keys` maps services ("fal") or variables
    ("FAL_KEY") to keys, which come before those that are found. `slides` is a list like "2-5,8". `batch` and `wait` are
    those of `--batch`. `progress` hears every event, in this thread.

    Returns the report also of a run that began and failed: look at its `exit_code`. Raises PipelineError where it
    could not begin.
    """
    order = Order(
        input=Path(deck),
        output=Path(output) if output is not None else None,
        slides=slides,
        sequential=sequential,
        force=force,
        batch=batch,
        wait=wait,
    )
    return illustrate(order, _configuration(settings, keys), Surroundings(sink=progress or _ignore))


def illustrate_decks(
    sources: Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str] | None = None,
    *,
    recursive: bool = False,
    include: Collection[str] = (),
    exclude: Collection[str] = (),
    settings: Settings | None = None,
    keys: Keys | None = None,
    force: bool = False,
    heard: Callable[[DeckOutcome, RunReport | None], None] | None = None,
) -> DecksReport:
    """Put pictures into all decks that `sources` mean, `decks.jobs` of them at once, whatever becomes of the others.

    A source is a deck, a folder or a pattern; `include` and `exclude` are patterns for what is found in folders. The
    tree is mirrored below `output`; without it each result stands beside its deck. Decks that were made before with
    the same settings are not made again, unless `force`. `heard` is told of each, in the thread that has made it.

    Returns what became of each deck: look at the `exit_code`. Raises PipelineError where nothing could begin.
    """
    target = None if output is None else Path(output)
    found = find_decks(
        [os.fspath(source) for source in sources],
        recursive=recursive,
        include=include,
        exclude=exclude,
        leave_out=() if target is None else (target,),
    )
    asked = orders(found, target, Order(input=Path(), force=force))
    around = Crowd() if heard is None else Crowd(heard=heard)
    return illustrate_all(asked, _configuration(settings, keys), around)


def strip_deck(
    deck: str | os.PathLike[str], output: str | os.PathLike[str] | None = None, *, force: bool = False
) -> StripReport:
    """Save `deck` without our pictures as `output`, by default `DECK.stripped.pptx` beside it.

    `force` overwrites an existing output. Raises PipelineError where the deck cannot be read or nothing be written.
    """
    return strip(Path(deck), Path(output) if output is not None else None, force=force)


def generate_image(
    prompt: str,
    model: str | None = None,
    size: str | None = None,
    quality: str | None = None,
    n: int = 1,
    *,
    settings: Settings | None = None,
    keys: Keys | None = None,
) -> list[GeneratedImage]:
    """Make `n` pictures of `prompt`, which is sent as it is; fewer come back where some failed.

    `model` is "service/model" or a model, in place of what `settings` name; `size` is "1536x1024", "16:9" or a word of
    the model's own, None a square; `quality` one the model has. `cost_usd` of each counts the calls that failed for it.
    What a person should know besides is logged as warnings.

    Raises UsageError for what the model refuses, before any call; CredentialsError where no service can be used;
    ServiceError, whose `kind` says why, where none could be made.
    """
    configuration = _configuration(settings, keys, {**naming("images", model), "images.quality": quality})
    wish = PictureWish(prompt=prompt, size=size, count=n)
    outcomes = generate(wish, configuration, Around(shelf=_Memory(), tell=log.warning))
    made = [outcome.image for outcome in outcomes if outcome.image is not None]
    if not made:
        raise next(outcome.error for outcome in outcomes if outcome.error is not None)
    return made


def write_text(
    prompt: str, model: str | None = None, *, settings: Settings | None = None, keys: Keys | None = None
) -> str:
    """What a text model writes to `prompt`: `model` ("service/model" or a model), else the one that writes prompts.

    Raises UsageError, CredentialsError where no model can be used, ServiceError where it fails or refuses.
    """
    configuration = _configuration(settings, keys, naming("prompts", model))
    return ask_for_text(prompt, configuration, SystemClock(), random.Random())  # noqa: S311 - to spread retries


def open_history(settings: Settings | None = None) -> History:
    """Runs, slides and every call to a service, as `settings`, or those that are found, say where they are kept.

    `runs`, `run`, `slides`, `attempts`, `attempt` and `stats` look, `save` writes an attempt, `prune` forgets old runs;
    `close` ends it, or `contextlib.closing`. A history that is not there yet holds nothing. What a person should know
    is logged as a warning.

    Raises UsageError for a `history.url` that cannot be meant, FileAccessError, as all of these do, where it cannot be
    read or written.
    """
    return history_of(_configuration(settings, None), SystemClock(), log.warning)


def prune_cache(
    older_than: str | None = None, max_size: str | None = None, *, settings: Settings | None = None
) -> Pruned:
    """Throw away kept pictures and answers, but none that a run is using.

    These are those not used for `older_than` ("30d"), then the longest unused until the rest takes no more than
    `max_size` ("5GB"); where neither is given, as `store.retention` and `store.max_size` say.

    Returns how many `entries` and `bytes` went. Raises UsageError, also where these say nothing, and FileAccessError.
    """
    return prune_store(_configuration(settings, None), older_than, max_size, SystemClock().now())


class _Memory:
    """A shelf for pictures that are given back."""

    def put(self, number: int, image: GeneratedImage, picture: Image) -> None:
        """It is given back."""


def _configuration(
    settings: Settings | None, keys: Keys | None, given: Mapping[str, Any] | None = None
) -> Configuration:
    """`given` maps dotted keys to values that come before those of `settings`, or of wherever settings are found."""
    values = {key: value for key, value in (given or {}).items() if value is not None}
    if settings is None:
        return load_configuration(arguments=values, keys=keys)
    return configuration_of(with_values(settings, values), keys=keys)


def _ignore(event: Event) -> None:
    """Progress nobody asked for."""
