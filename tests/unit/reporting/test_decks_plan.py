"""The plan of many decks: a line for each, the sum, and what it is over."""

from __future__ import annotations

import json

from pipeline.errors import ExitCode
from pipeline.reporting.decks_plan import DeckPrice, DecksPlan, decks_plan_json, describe_decks_plan

BREAD = DeckPrice(input="bread.pptx", exit_code=ExitCode.OK, slides=5, planned=4, to_make=3, usd=0.25)
TEA = DeckPrice(
    input="tea.pptx", exit_code=ExitCode.BUDGET, slides=1, planned=1, to_make=1, usd=0.5, exceeds=("per deck",)
)
BROKEN = DeckPrice(input="broken.pptx", exit_code=ExitCode.BAD_DECK, problem="broken.pptx: no deck")
FREE = DeckPrice(input="free.pptx", exit_code=ExitCode.OK, slides=2, planned=2, to_make=2, usd=None)


def test_people_read_a_line_for_each_deck_and_the_sum():
    assert describe_decks_plan(DecksPlan(decks=(BREAD, TEA, BROKEN), exceeds=("per day",))).splitlines() == [
        "bread.pptx: 4 of 5 slides, $0.25",
        "tea.pptx: 1 of 1 slide, $0.50",
        "    over budget: per deck",
        "broken.pptx: no deck",
        "",
        "3 decks: 5 of 6 slides get a picture, for about $0.75.",
        "Over budget: per day",
    ]


def test_a_price_that_is_not_known_makes_the_sum_unknown():
    plan = DecksPlan(decks=(BREAD, FREE))
    assert plan.usd is None
    assert "free.pptx: 2 of 2 slides, a price that is not known" in describe_decks_plan(plan)
    assert json.loads(decks_plan_json(plan))["cost_usd"] is None


def test_programs_read_the_same():
    data = json.loads(decks_plan_json(DecksPlan(decks=(BREAD, BROKEN), exceeds=("per day",))))
    assert (data["planned"], data["cost_usd"], data["exceeds"]) == (4, 0.25, ["per day"])
    assert data["decks"][0] == {
        "input": "bread.pptx",
        "exit_code": 0,
        "message": "",
        "slides": 5,
        "planned": 4,
        "to_make": 3,
        "cost_usd": 0.25,
        "exceeds": [],
    }
    assert data["decks"][1]["message"] == "broken.pptx: no deck"


def test_the_worst_code_counts_and_a_sum_over_budget_is_one():
    assert DecksPlan(decks=(BREAD, FREE)).exit_code is ExitCode.OK
    assert DecksPlan(decks=(BREAD,), exceeds=("per day",)).exit_code is ExitCode.BUDGET
    assert DecksPlan(decks=(BREAD, TEA, BROKEN)).exit_code is ExitCode.BAD_DECK
    assert DecksPlan(decks=()).exit_code is ExitCode.NOTHING_TO_DO
