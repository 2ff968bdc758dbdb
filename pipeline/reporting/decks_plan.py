"""What many decks would cost: a line for each, the sum of all; for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import ExitCode
from pipeline.outcomes import worst
from pipeline.reporting.cells import counted, money


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckPrice:
    """One deck's plan in numbers, or the `problem` that keeps it from being made, with its exit code.

    `planned` of its `slides` want a picture, of which so many are still `to_make`. `usd` is None where a price is not
    known. `exceeds` names the budgets that this deck alone does not fit.
    """

    input: str
    exit_code: ExitCode
    problem: str = ""
    slides: int = 0
    planned: int = 0
    to_make: int = 0
    usd: float | None = 0.0
    exceeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecksPlan:
    """All of them. `exceeds` names the budgets that their sum does not fit."""

    decks: tuple[DeckPrice, ...]
    exceeds: tuple[str, ...] = ()

    @property
    def usd(self) -> float | None:
        """All together; None where the price of one is not known."""
        known = [deck.usd for deck in self.decks if deck.usd is not None]
        return sum(known) if len(known) == len(self.decks) else None

    @property
    def exit_code(self) -> ExitCode:
        """The worst of all."""
        return worst({deck.exit_code for deck in self.decks} | ({ExitCode.BUDGET} if self.exceeds else set()))


def describe_decks_plan(plan: DecksPlan) -> str:
    """One line a deck, and the sum."""
    planned, slides = sum(deck.planned for deck in plan.decks), sum(deck.slides for deck in plan.decks)
    cost = "a price that is not known" if plan.usd is None else f"about {money(plan.usd)}"
    total = f"{counted(len(plan.decks), 'deck')}: {planned:,} of {counted(slides, 'slide')} get a picture, for {cost}."
    return "\n".join([*_lines(plan), "", total, *(f"Over budget: {one}" for one in plan.exceeds)])


def decks_plan_json(plan: DecksPlan) -> str:
    """The same as one JSON object; `cost_usd` is null where a price is not known."""
    data = {
        "exit_code": int(plan.exit_code),
        "planned": sum(deck.planned for deck in plan.decks),
        "cost_usd": _rounded(plan.usd),
        "exceeds": list(plan.exceeds),
        "decks": [
            {
                "input": deck.input,
                "exit_code": int(deck.exit_code),
                "message": deck.problem,
                "slides": deck.slides,
                "planned": deck.planned,
                "to_make": deck.to_make,
                "cost_usd": _rounded(deck.usd),
                "exceeds": list(deck.exceeds),
            }
            for deck in plan.decks
        ],
    }
    return json.dumps(data, indent=2)  # ASCII: whatever the other end of a pipe takes for the encoding


def _lines(plan: DecksPlan) -> Iterator[str]:
    for deck in plan.decks:
        if deck.problem:
            yield f"{deck.input}: {deck.problem.removeprefix(f'{deck.input}: ')}"
        else:
            price = "a price that is not known" if deck.usd is None else money(deck.usd)
            yield f"{deck.input}: {deck.planned:,} of {counted(deck.slides, 'slide')}, {price}"
        yield from (f"    over budget: {one}" for one in deck.exceeds)


def _rounded(usd: float | None) -> float | None:
    return None if usd is None else round(usd, 6)
