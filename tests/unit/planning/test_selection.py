"""Slides are chosen by number, and a slip is told at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.planning.selection import parse_selection


@pytest.mark.parametrize(
    ("text", "slides"),
    [
        ("2-5,8", {2, 3, 4, 5, 8}),
        ("1", {1}),
        (" 3 , 1-2 ", {1, 2, 3}),
        ("4-4", {4}),
        ("1-3,2-4", {1, 2, 3, 4}),
        ("10", {10}),
    ],
)
def test_numbers_and_ranges_are_understood(text, slides):
    assert parse_selection(text, 10) == slides


@pytest.mark.parametrize(
    "text", ["", ",", "2,", "a", "1-", "-3", "5-2", "0", "0-3", "11", "9-11", "1..3", "1 2", "٣", "²", "9" * 5000]
)
def test_anything_else_is_a_usage_error_that_quotes_it(text):
    with pytest.raises(UsageError, match=r"^--slides"):
        parse_selection(text, 10)


def test_the_error_says_how_many_slides_there_are():
    with pytest.raises(UsageError, match="1-10, the slides of this deck"):
        parse_selection("8-12", 10)


@given(st.text(alphabet="0123456789-, x٣", max_size=12), st.integers(1, 20))
def test_whatever_is_typed_gives_slides_of_the_deck_or_a_usage_error(text, count):
    try:
        chosen = parse_selection(text, count)
    except UsageError:
        return
    assert chosen
    assert chosen <= set(range(1, count + 1))
