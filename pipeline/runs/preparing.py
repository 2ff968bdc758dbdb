"""Everything that can be known of a run before the first call: the deck, the plan, the briefs, the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.loader import Configuration
from pipeline.deck.opening import open_deck
from pipeline.deck.reading import read_deck
from pipeline.deck.writing import DeckFile
from pipeline.engine.clock import Clock
from pipeline.planning.plan import plan_deck
from pipeline.planning.selection import parse_selection
from pipeline.prompting.templates import Templates, load_prohibited, load_templates
from pipeline.records import Deck, SlidePlan
from pipeline.runs.briefing import make_jobs, unknown_styles
from pipeline.runs.services import Services, choose_services
from pipeline.runs.steps import SlideJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person asks for: this deck, these slides of it, there.

    `slides` is a list like "2-5,8", None for all. `sequential` finishes each slide before the next is begun.
    """

    input: Path
    output: Path | None = None
    slides: str | None = None
    sequential: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDeck:
    """A deck that is read and planned; nothing was called and nothing written yet."""

    order: Order
    file: DeckFile
    deck: Deck
    plans: tuple[SlidePlan, ...]
    jobs: Mapping[int, SlideJob]
    templates: Templates
    prohibited: tuple[str, ...]
    services: Services
    notices: tuple[str, ...]


def prepare(order: Order, configuration: Configuration, clock: Clock) -> PreparedDeck:
    """Read the deck, choose the slides, find the slots, brief the writer. Calls nothing, writes nothing."""
    settings = configuration.settings
    presentation = open_deck(order.input)
    deck = read_deck(order.input, presentation)
    chosen = parse_selection(order.slides, len(deck.slides)) if order.slides is not None else None
    plans = plan_deck(deck, settings, chosen)
    folder = settings.prompts.folder
    templates = load_templates(folder)
    services = choose_services(configuration, templates, clock)
    return PreparedDeck(
        order=order,
        file=DeckFile(presentation),
        deck=deck,
        plans=plans,
        jobs=make_jobs(deck, plans, templates.styles, settings.style),
        templates=templates,
        prohibited=load_prohibited(folder),
        services=services,
        notices=(*services.notices, *unknown_styles(plans, templates.styles)),
    )
