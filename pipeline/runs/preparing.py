"""Everything that can be known of a run before the first call: the deck, the plan, the briefs, the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.loader import Configuration
from pipeline.config.settings import Layout
from pipeline.deck.ink.rendered import Renders, render_package, rendered_ink
from pipeline.deck.package.opening import open_deck
from pipeline.deck.package.parts import Package
from pipeline.deck.reading import DeckReader
from pipeline.deck.rendering import check_renderer
from pipeline.deck.writing import DeckFile
from pipeline.engine.clock import Clock
from pipeline.images.unfinished import Receipts
from pipeline.planning.making_room import lacks_room, make_room
from pipeline.planning.plan import plan_deck
from pipeline.planning.selection import parse_selection
from pipeline.prompting.templates import Templates, load_prohibited, load_templates
from pipeline.records import Deck, SlidePlan
from pipeline.runs.briefing import make_jobs, unknown_styles
from pipeline.runs.jobs import SlideJob
from pipeline.runs.services.choosing import Services, choose_services
from pipeline.runs.spending.budgets import check_prices

SIGNATURE_GONE = "the deck is digitally signed; the result is not, since a signature holds for no other file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person asks for: this deck, these slides of it, there.

    `slides` is a list like "2-5,8", None for all. `sequential` finishes each slide before the next is begun. `force`
    lets an existing output be overwritten and a digital signature go. `batch` has prompts and pictures made in batches,
    at half the price and within a day; `wait` waits for that, else the same order later collects them.
    """

    input: Path
    output: Path | None = None
    slides: str | None = None
    sequential: bool = False
    force: bool = False
    batch: bool = False
    wait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDeck:
    """A deck that is read and planned; nothing was called and nothing written yet.

    `renders` are the deck's pages where the settings want its ink rendered, else None.
    """

    order: Order
    file: DeckFile
    reader: DeckReader
    deck: Deck
    plans: tuple[SlidePlan, ...]
    jobs: Mapping[int, SlideJob]
    templates: Templates
    prohibited: tuple[str, ...]
    services: Services
    notices: tuple[str, ...]
    renders: Renders | None


def prepare(order: Order, configuration: Configuration, clock: Clock, receipts: Receipts) -> PreparedDeck:
    """Read the deck, choose the slides, find the slots, brief the writer. Calls nothing, writes nothing.

    `receipts` are those of orders that have not arrived.
    """
    settings = configuration.settings
    package = open_deck(order.input, drop_signature=order.force)
    reader = DeckReader(order.input, package)
    deck, renders = _seen(reader.read(), package, order.input, settings.layout)
    chosen = parse_selection(order.slides, len(deck.slides)) if order.slides is not None else None
    plans = plan_deck(deck, settings, chosen)
    if settings.layout.make_room:
        plans = _with_room_made(plans, deck, reader, settings.layout)
    folder = settings.prompts.folder
    templates = load_templates(folder)
    services = choose_services(configuration, templates, clock, receipts)
    jobs = make_jobs(deck, plans, templates.styles, settings.style, takes_transparency=services.take_transparency)
    to_write = [job.brief for job in jobs.values() if not job.own_prompt]
    check_prices(settings.budget, settings.project, services.painters, writer=services.writer, briefs=to_write)
    signature = (SIGNATURE_GONE,) if package.lost_signature else ()
    return PreparedDeck(
        order=order,
        file=DeckFile(package),
        reader=reader,
        deck=deck,
        plans=plans,
        jobs=jobs,
        templates=templates,
        prohibited=load_prohibited(folder),
        services=services,
        notices=(*signature, *services.notices, *unknown_styles(plans, templates.styles)),
        renders=renders,
    )


def _seen(deck: Deck, package: Package, source: Path, layout: Layout) -> tuple[Deck, Renders | None]:
    """The deck with its ink as the settings want it known: estimated, which it is when read, or rendered."""
    if layout.ink == "estimated":
        return deck, None
    check_renderer()
    renders = render_package(package, source)
    return rendered_ink(deck, renders), renders


def _with_room_made(
    plans: tuple[SlidePlan, ...], deck: Deck, reader: DeckReader, layout: Layout
) -> tuple[SlidePlan, ...]:
    offered = reader.narrowings({plan.slide.number for plan in plans if lacks_room(plan)})
    return tuple(
        make_room(plan, deck, layout, offered[plan.slide.number]) if plan.slide.number in offered else plan
        for plan in plans
    )
