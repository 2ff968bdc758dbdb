"""What many decks would cost, one after the other and together, before anything is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing

from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock
from pipeline.errors import ExitCode, PipelineError
from pipeline.reporting.decks_plan import DeckPrice, DecksPlan
from pipeline.runs.collection.outcomes import Refused
from pipeline.runs.costs import quote_for
from pipeline.runs.keeping import open_keeping
from pipeline.runs.preparing import Order
from pipeline.runs.spending.budgets import Account, bounds_of
from pipeline.store.history import Bound

# Sums of prices like 0.1 are not exact.
_TOLERANCE_USD = 1e-9


def plan_all(
    asked: Iterable[Order | Refused], configuration: Configuration, clock: Clock, tell: Callable[[str], None]
) -> DecksPlan:
    """The price of every deck that is asked for, and of all. `tell` hears, in a line, what a person should know.

    A picture that two decks will have in common is counted for each. Calls nothing, writes nothing. Raises nothing for
    a deck that cannot be planned: it is in its place in the plan.
    """
    decks = tuple(_price(one, configuration, clock, tell) for one in asked)
    return DecksPlan(decks=decks, exceeds=tuple(_exceeded(decks, configuration, clock)))


def _price(
    asked: Order | Refused, configuration: Configuration, clock: Clock, tell: Callable[[str], None]
) -> DeckPrice:
    if isinstance(asked, Refused):
        return _problem(asked.input, asked.error)
    try:
        quote = quote_for(asked, configuration, clock)
    except PipelineError as error:
        return _problem(str(asked.input), error)
    for notice in quote.notices:
        tell(f"{asked.input}: {notice}")
    fitting = ExitCode.OK if quote.prices else ExitCode.NOTHING_TO_DO
    return DeckPrice(
        input=str(asked.input),
        exit_code=ExitCode.BUDGET if quote.exceeds else fitting,
        slides=len(quote.plans),
        planned=len(quote.prices),
        to_make=quote.pictures_to_make,
        usd=quote.usd,
        exceeds=quote.exceeds,
    )


def _problem(name: str, error: PipelineError) -> DeckPrice:
    return DeckPrice(input=name, exit_code=error.exit_code, problem=" ".join(str(error).split()))


def _exceeded(decks: Sequence[DeckPrice], configuration: Configuration, clock: Clock) -> Iterator[str]:
    """What a person should know of each budget that holds for all runs and that the sum does not fit."""
    usd, pictures = sum(deck.usd or 0.0 for deck in decks), sum(deck.to_make for deck in decks)
    account = Account(run_id="", project=configuration.settings.project)
    bounds = bounds_of(configuration.settings.budget, account, clock.now())
    with closing(open_keeping(configuration, "", clock, _known_already)) as keeping:
        for bound in filter(_holds_for_all, bounds):
            spent = keeping.history.spent(bound.scope)
            if bound.max_usd is not None and usd and spent.usd + usd > bound.max_usd + _TOLERANCE_USD:
                so_far = f"${bound.max_usd:.4f}, of which ${spent.usd:.4f} is spent"
                yield f"{bound.name}: {so_far}; all together cost about ${usd:.4f}"
            if bound.max_images is not None and pictures and spent.images + pictures > bound.max_images:
                so_far = f"{bound.max_images}, of which {spent.images} are made"
                yield f"{bound.name}: {so_far}; all together make {pictures}"


def _holds_for_all(bound: Bound) -> bool:
    return bound.scope.run_id is None and bound.scope.deck is None


def _known_already(_line: str) -> None:
    """Each deck's quote told it."""
