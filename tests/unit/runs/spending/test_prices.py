"""What calls were seen to cost says more than a list, for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.errors import BudgetError
from pipeline.runs.spending.prices import Prices, Scouts, alike
from tests.unit.runs.paying import Till, picture, prompt


@pytest.fixture
def till(tmp_path):
    with_history = Till(tmp_path)
    yield with_history
    with_history.history.close()


def test_what_was_never_seen_costs_what_is_listed(till):
    prices = Prices(till.history, till.clock.now())
    assert prices.of(picture(1).request, 0.05) == 0.05
    assert prices.of(picture(1).request, None) is None
    assert not prices.is_seen(picture(1).request)


@pytest.mark.parametrize(("paid", "listed", "price"), [(0.08, 0.05, 0.08), (0.03, 0.05, 0.05), (0.08, None, 0.08)])
def test_the_dearer_of_both_counts(till, paid, listed, price):
    till.pay(picture(1), usd=paid)
    assert Prices(till.history, till.clock.now()).of(picture(2).request, listed) == price


def test_other_sizes_models_and_failed_calls_say_nothing(till):
    till.pay(picture(1, size="512x512"), usd=0.9)
    till.pay(prompt(1), usd=0.9)
    number = till.ledger.reserve(picture(2), batch="b")
    till.history.end_attempt(number, cost_usd=0.9)
    assert not Prices(till.history, till.clock.now()).is_seen(picture(3).request)


def test_what_was_paid_long_ago_says_nothing(till):
    till.pay(picture(1), usd=0.9)
    now = till.clock.now()
    assert Prices(till.history, now + timedelta(days=29)).is_seen(picture(2).request)
    assert not Prices(till.history, now + timedelta(days=31)).is_seen(picture(2).request)


def test_the_slide_and_the_words_do_not_matter():
    assert alike(picture(1).request) == alike(picture(2).request)
    assert alike(picture(1).request) != alike(picture(1, size="512x512").request)
    assert alike(picture(1).request) != alike(prompt(1).request)


def test_one_scout_at_a_time_until_the_price_is_known(till):
    prices = Prices(till.history, till.clock.now())
    scouts, what = Scouts(prices, till.clock), picture(1).request
    scouts.go(what, "first")
    assert scouts.is_out(what)
    with pytest.raises(BudgetError) as caught:
        scouts.go(what, "second")
    assert caught.value.may_pass
    scouts.is_back(what, "second")
    assert scouts.is_out(what)
    scouts.is_back(what, "first")
    assert (scouts.is_out(what), scouts.are_needed(what)) == (False, True)
    prices.learn(what, 0.06)
    assert not scouts.are_needed(what)


def test_scouts_are_sent_for_a_minute(till):
    scouts, what = Scouts(Prices(till.history, till.clock.now()), till.clock), picture(1).request
    scouts.go(what, "first")
    till.clock.advance(59)
    assert scouts.are_needed(what)
    till.clock.advance(2)
    assert not scouts.are_needed(what)
    assert scouts.are_needed(picture(1, size="512x512").request)
