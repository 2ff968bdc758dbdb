"""The Python door: the same runs as the command line's, pictures and texts without a deck."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL.Image import Image

from pipeline.config.keys import Keys
from pipeline.config.loader import Configuration, configuration_of, load_configuration, naming, with_values
from pipeline.config.settings import Settings
from pipeline.engine.clock import SystemClock
from pipeline.events import Event, EventSink
from pipeline.outcomes import RunReport, StripReport
from pipeline.records import GeneratedImage
from pipeline.runs.assembly import Surroundings
from pipeline.runs.deck_run import illustrate
from pipeline.runs.generating import Around, PictureWish, generate
from pipeline.runs.preparing import Order
from pipeline.runs.strip_run import strip
from pipeline.runs.text import ask_for_text

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
    progress: EventSink | None = None,
) -> RunReport:
    """Put pictures into `deck` and save the result as `output`, by default `DECK.illustrated.pptx` beside it.

    `settings` default to what the environment says over the shipped defaults. `keys` maps services ("fal") or variables
    ("FAL_KEY") to keys, which come before those that are found. `slides` is a list like "2-5,8". `progress` hears every
    event, in this thread.

    Returns the report also of a run that began and failed: look at its `exit_code`. Raises PipelineError where it
    could not begin.
    """
    order = Order(
        input=Path(deck),
        output=Path(output) if output is not None else None,
        slides=slides,
        sequential=sequential,
        force=force,
    )
    return illustrate(order, _configuration(settings, keys), Surroundings(sink=progress or _ignore))


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


class _Memory:
    """A shelf for pictures that are given back."""

    def put(self, number: int, image: GeneratedImage) -> None:
        """It is in memory already."""

    def accept(self, number: int, image: GeneratedImage, picture: Image) -> None:
        """It is given back."""

    def discard(self, number: int) -> None:
        """It is not."""


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
