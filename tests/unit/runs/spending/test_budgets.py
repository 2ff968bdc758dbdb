"""Which bounds hold for whom, from when."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from pipeline.config.settings import Budget
from pipeline.errors import FileAccessError, UsageError
from pipeline.runs.spending.budgets import Account, account_of, bounds_of, check_prices
from pipeline.store.history import Scope

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DECK = ("ab" * 32, "/talks/rivers.pptx")


class Priced:
    """A painter and a writer of whom only name and price matter here."""

    name, model = "fake", "painter"

    def __init__(self, usd):
        self._usd = usd

    def estimate_usd(self, *_about):
        return self._usd


@pytest.fixture
def zone(monkeypatch):
    def at(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield at
    monkeypatch.undo()
    time.tzset()


def bounds(now=NOW, deck=DECK, project=None, **budget):
    account = Account(run_id="run-1", deck=deck, project=project)
    return {bound.name: bound for bound in bounds_of(Budget.model_validate(budget), account, now)}


def day_of(moment, **budget):
    (bound,) = bounds(datetime.fromisoformat(moment), **budget or {"max_images_per_day": 1}).values()
    return bound.scope.since.astimezone(UTC).isoformat(timespec="minutes").removesuffix("+00:00")


def test_nothing_is_bounded_that_is_not_set():
    assert bounds() == {}
    assert bounds(projects={"acme": {"max_usd_per_day": 1.0}}) == {}


def test_each_cap_bounds_its_own_scope(zone):
    zone("UTC")
    found = bounds(
        max_usd_per_run=1.0, max_usd_per_deck=2.0, max_usd_per_day=3.0, max_usd_per_month=4.0, max_images_per_day=5
    )
    today, month = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    assert {name: (bound.scope, bound.max_usd, bound.max_images) for name, bound in found.items()} == {
        "budget.max_usd_per_run": (Scope(run_id="run-1"), 1.0, None),
        "budget.max_usd_per_deck": (Scope(deck=DECK), 2.0, None),
        "budget.max_usd_per_day": (Scope(since=today), 3.0, None),
        "budget.max_usd_per_month": (Scope(since=month), 4.0, None),
        "budget.max_images_per_day": (Scope(since=today), None, 5),
    }


def test_a_cap_of_nothing_is_a_cap():
    assert bounds(max_usd_per_run=0.0)["budget.max_usd_per_run"].max_usd == 0


def test_pictures_without_a_deck_are_a_deck_of_their_own():
    assert bounds(deck=None, max_usd_per_deck=1.0)["budget.max_usd_per_deck"].scope == Scope(run_id="run-1")


def test_a_project_has_its_bounds_besides(zone):
    zone("UTC")
    budget = {"max_images_per_day": 9, "projects": {"acme": {"max_images_per_day": 3, "max_usd_per_deck": 1.0}}}
    found = bounds(project="acme", **budget)
    assert found["budget.max_images_per_day"].scope.project is None
    own = found["budget.projects.acme.max_images_per_day"]
    assert (own.scope.project, own.max_images) == ("acme", 3)
    assert found["budget.projects.acme.max_usd_per_deck"].scope == Scope(deck=DECK, project="acme")
    assert list(bounds(project="other", **budget)) == ["budget.max_images_per_day"]


@pytest.mark.parametrize(
    ("moment", "midnight"),
    [
        ("2026-11-20T12:00+00:00", "2026-11-19T23:00"),
        ("2026-11-19T22:59+00:00", "2026-11-18T23:00"),
        ("2026-11-19T23:00+00:00", "2026-11-19T23:00"),
        # The clocks go back at 3:00 that night: the day began at the offset of summer.
        ("2026-10-25T12:00+00:00", "2026-10-24T22:00"),
        ("2026-03-29T12:00+00:00", "2026-03-28T23:00"),
    ],
)
def test_a_day_begins_at_local_midnight(zone, moment, midnight):
    zone("Europe/Berlin")
    assert day_of(moment) == midnight


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("2026-10-31T22:59+00:00", "2026-09-30T22:00"),
        ("2026-10-31T23:00+00:00", "2026-10-31T23:00"),
    ],
)
def test_a_month_begins_at_the_local_midnight_of_its_first_day(zone, moment, first):
    zone("Europe/Berlin")
    assert day_of(moment, max_usd_per_month=1.0) == first


def test_a_deck_is_known_by_its_content_and_its_path(tmp_path):
    deck = tmp_path / "deck.pptx"
    with pytest.raises(FileAccessError, match="cannot be read any more"):
        account_of(deck, "run-1", None)
    deck.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert account_of(deck, "run-1", "acme") == Account(run_id="run-1", deck=(empty, str(deck)), project="acme")


@pytest.mark.parametrize(
    "budget",
    [
        {"max_usd_per_run": 1.0},
        {"max_usd_per_deck": 1.0},
        {"max_usd_per_day": 0.0},
        {"max_usd_per_month": 1.0},
        {"projects": {"acme": {"max_usd_per_day": 1.0}}},
    ],
)
def test_dollars_cannot_be_bounded_where_a_price_is_not_known(budget):
    caps = Budget.model_validate(budget)
    with pytest.raises(UsageError, match=r"^budget: the price of fake/painter is not known, [^\n]*$"):
        check_prices(caps, "acme", (Priced(0.05), Priced(None)))
    with pytest.raises(UsageError, match=r"fake/painter, which writes the prompts, is not known, [^\n]*$"):
        check_prices(caps, "acme", (Priced(0.05),), writer=Priced(None), briefs=[object()])
    check_prices(caps, "acme", (Priced(0.05),), writer=Priced(None))  # nobody asks it for anything
    check_prices(caps, "acme", (Priced(0.0),), writer=Priced(0.0), briefs=[object()])


@pytest.mark.parametrize("budget", [{}, {"max_images_per_day": 3}, {"projects": {"acme": {"max_usd_per_day": 1.0}}}])
def test_pictures_can_be_bounded_whatever_they_cost(budget):
    check_prices(Budget.model_validate(budget), None, (Priced(None),), writer=Priced(None), briefs=[object()])
