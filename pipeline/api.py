"""The Python door: the same runs as the command line's."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.config.loader import Configuration, load_configuration, load_credentials
from pipeline.config.settings import Settings
from pipeline.events import Event, EventSink
from pipeline.outcomes import RunReport, StripReport
from pipeline.runs.assembly import Surroundings
from pipeline.runs.deck_run import illustrate
from pipeline.runs.preparing import Order
from pipeline.runs.strip_run import strip


def illustrate_deck(
    deck: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    settings: Settings | None = None,
    slides: str | None = None,
    sequential: bool = False,
    force: bool = False,
    progress: EventSink | None = None,
) -> RunReport:
    """Put pictures into `deck` and save the result as `output`, by default `DECK.illustrated.pptx` beside it.

    `settings` default to what the environment says over the shipped defaults; keys always come from the environment
    or a `.env`. `slides` is a list like "2-5,8". `progress` hears every event, in this thread.

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
    return illustrate(order, _configuration(settings), Surroundings(sink=progress or _ignore))


def strip_deck(
    deck: str | os.PathLike[str], output: str | os.PathLike[str] | None = None, *, force: bool = False
) -> StripReport:
    """Save `deck` without our pictures as `output`, by default `DECK.stripped.pptx` beside it.

    `force` overwrites an existing output. Raises PipelineError where the deck cannot be read or nothing be written.
    """
    return strip(Path(deck), Path(output) if output is not None else None, force=force)


def _configuration(settings: Settings | None) -> Configuration:
    if settings is None:
        return load_configuration()
    return Configuration(settings=settings, origins={}, credentials=load_credentials())


def _ignore(event: Event) -> None:
    """Progress nobody asked for."""
