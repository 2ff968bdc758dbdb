"""Which writer and which image providers a run uses, and what a person should know of how they were chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock
from pipeline.images.provider import ImageProvider
from pipeline.images.unfinished import Receipts
from pipeline.prompting.templates import Templates
from pipeline.prompting.writer import PromptWriter
from pipeline.runs.services.learned import Learned
from pipeline.runs.services.making import make_painter, make_writer
from pipeline.runs.services.naming import AUTO, Naming, Painters
from pipeline.services.catalog import ModelChoice

RETIREMENT_WARNING = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The two ends of the work, and what a person should know of how they were chosen, a line each.

    `painters` are tried in turn. `marks_what_fails` where a card is wanted in place of a picture nobody made.
    """

    writer: PromptWriter
    painters: tuple[ImageProvider, ...]
    marks_what_fails: bool
    notices: tuple[str, ...]

    @property
    def are_offline(self) -> bool:
        """True where every picture is drawn on this machine."""
        return not any(painter.is_remote for painter in self.painters)

    @property
    def call_nobody(self) -> bool:
        """True where nothing leaves this machine."""
        return self.are_offline and not self.writer.is_remote

    @property
    def take_transparency(self) -> bool:
        """True where whoever draws can draw a subject on nothing."""
        return all(painter.takes_transparency for painter in self.painters)

    @property
    def prompt_limit_chars(self) -> int:
        """The longest prompt that all of them take."""
        return min(painter.prompt_limit_chars for painter in self.painters)

    def close(self) -> None:
        self.writer.close()
        for painter in self.painters:
            painter.close()


def choose_services(configuration: Configuration, templates: Templates, clock: Clock, receipts: Receipts) -> Services:
    """Who writes and who draws; `receipts` are those of pictures that were ordered and have not arrived.

    Raises CredentialsError where a service is named without its key, UsageError for a setting it does not take.
    """
    naming, learned = Naming(configuration), Learned(configuration)
    drawing = naming.painters()
    writing = naming.writer(drawing.choices)
    painters = tuple(make_painter(one, configuration, clock, receipts) for one in _priced(drawing, learned))
    notices = (
        *_notices(drawing, painters, configuration, clock, learned),
        _offline_notice(configuration, drawing, lacks_writer=writing is None),
        *_retirement_notices(() if writing in drawing.choices else (writing,), learned, clock),
        *(_price_notice(painter) for painter in painters),
    )
    return Services(
        writer=make_writer(writing, configuration, templates, clock),
        painters=painters,
        marks_what_fails=drawing.has_placeholder,
        notices=tuple(filter(None, notices)),
    )


def choose_painters(
    configuration: Configuration, clock: Clock, size: str | None, receipts: Receipts
) -> tuple[tuple[ImageProvider, ...], tuple[str, ...]]:
    """Who draws where there is no deck, in turn, and what a person should know of how they were chosen.

    Raises as `choose_services` does.
    """
    drawing, learned = Naming(configuration).painters(), Learned(configuration)
    painters = tuple(make_painter(one, configuration, clock, receipts, size) for one in _priced(drawing, learned))
    offline = _offline_notice(configuration, drawing, lacks_writer=False)
    notices = (*_notices(drawing, painters, configuration, clock, learned), offline)
    return painters, tuple(filter(None, notices))


def _priced(drawing: Painters, learned: Learned) -> Iterator[ModelChoice | None]:
    """The models that draw, with the prices their services told where the catalog has none."""
    for choice in drawing.choices:
        yield None if choice is None else learned.priced(choice)


def _notices(
    drawing: Painters,
    painters: tuple[ImageProvider, ...],
    configuration: Configuration,
    clock: Clock,
    learned: Learned,
) -> Iterator[str]:
    """What is to be said of who draws, with a deck or without."""
    yield from configuration.credentials.notices
    yield from drawing.left_out
    yield from _retirement_notices(drawing.choices, learned, clock)
    for painter in painters:
        for setting in painter.dropped:
            yield f"{painter.name}/{painter.model} has no {setting}; it draws without."


def _retirement_notices(choices: Iterable[ModelChoice | None], learned: Learned, clock: Clock) -> Iterator[str]:
    """A line for each model that is shut down soon, by the catalog or by what its service was heard to say."""
    for choice in choices:
        retires = learned.retires(choice) if choice is not None else None
        if choice is not None and retires is not None and retires - clock.now().date() <= RETIREMENT_WARNING:
            yield f"{choice.name} is shut down on {retires}; choose another."


def _price_notice(painter: ImageProvider) -> str:
    if painter.estimate_usd(1.0, 1024) is not None:
        return ""
    return f"The price of {painter.name}/{painter.model} is not known: costs are told without its pictures."


def _offline_notice(configuration: Configuration, drawing: Painters, *, lacks_writer: bool) -> str:
    settings = configuration.settings
    lacking = []
    if lacks_writer and settings.prompts.provider == AUTO:
        lacking.append(("prompts are written", "ANTHROPIC_API_KEY"))
    if drawing.choices == (None,) and settings.images.provider == AUTO and not settings.images.chain:
        lacking.append(("pictures are drawn", "OPENAI_API_KEY"))
    if not lacking:
        return ""
    what = " and ".join(what for what, _ in lacking)
    keys_to_set = " and ".join(key for _, key in lacking)
    return f"Offline: {what} on this machine, for a draft; set {keys_to_set} for the real thing."
