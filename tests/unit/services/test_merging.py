"""One catalog file over another, and models that are like others."""

from __future__ import annotations

import pytest

from pipeline.services.merging import laid_over, with_likes


def test_what_lies_above_wins_and_the_rest_stays():
    below = {"title": "A", "limits": {"parallel": 2, "delay_s": 1}}
    assert laid_over(below, {"limits": {"parallel": 9}}) == {"title": "A", "limits": {"parallel": 9, "delay_s": 1}}


def test_lists_are_replaced():
    assert laid_over({"hosts": ["a", "b"]}, {"hosts": ["c"]}) == {"hosts": ["c"]}


def test_null_wins_too():
    assert laid_over({"key": {"variables": ["A"]}}, {"key": None}) == {"key": None}


@pytest.mark.parametrize(
    ("field", "below", "above"),
    [("shape", {"free": {"max_edge": 9}}, {"ratios": ["1:1"]}), ("price", {"table": {"low": 1}}, {"image": 2})],
)
def test_shape_and_price_are_replaced_as_a_whole(field, below, above):
    """They are said in one of several ways; half of one and half of another would be neither."""
    assert laid_over({"models": {"m": {field: below}}}, {"models": {"m": {field: above}}}) == {
        "models": {"m": {field: above}}
    }


def test_neither_side_is_changed():
    below, above = {"a": {"b": 1}}, {"a": {"c": 2}}
    laid_over(below, above)
    assert (below, above) == ({"a": {"b": 1}}, {"a": {"c": 2}})


def test_a_model_takes_over_what_it_does_not_say():
    models = {"old": {"endpoint": "x", "parameters": {"seed": {}}}, "new": {"like": "old", "prompt_limit_chars": 900}}
    assert with_likes(models)["new"] == {
        "like": "old",
        "endpoint": "x",
        "parameters": {"seed": {}},
        "prompt_limit_chars": 900,
    }


@pytest.mark.parametrize("field", ["default", "pattern", "aliases", "title", "route", "retires"])
def test_what_makes_a_model_itself_is_not_taken_over(field):
    assert field not in with_likes({"old": {field: "x"}, "new": {"like": "old"}})["new"]


def test_likes_may_be_chained_in_any_order():
    models = {"c": {"like": "b"}, "b": {"like": "a", "endpoint": "y"}, "a": {"endpoint": "x", "type": "text"}}
    assert with_likes(models)["c"] == {"like": "b", "endpoint": "y", "type": "text"}


@pytest.mark.parametrize(
    "models",
    [{"a": {"like": "z"}}, {"a": {"like": "a"}}, {"a": {"like": "b"}, "b": {"like": "a"}}],
    ids=["nothing", "itself", "a circle"],
)
def test_a_like_that_leads_nowhere_is_named(models):
    with pytest.raises(ValueError, match=r"models\.[ab]\.like: there is no model"):
        with_likes(models)


@pytest.mark.parametrize("broken", [None, 7, "text", {"like": ["b"]}])
def test_what_is_no_entry_is_left_for_the_schema_to_refuse(broken):
    assert with_likes({"a": broken, "b": {"like": "a"}})["a"] == broken
