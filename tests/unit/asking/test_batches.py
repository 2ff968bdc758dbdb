"""What the batches of all services share: their notes, their lists, what a refusal of one means."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.asking.answers import Answer
from pipeline.asking.batches import (
    NoSuchBatchError,
    digest_of,
    id_in,
    is_since,
    listed,
    look_refusal_of,
    refusal_of,
)
from pipeline.errors import FailureKind, ServiceError
from tests.unit.images.http.invented import access, entry, judge

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def answer(content, status=200):
    return Answer.of(status, {}, json.dumps(content).encode())


def test_a_digest_is_of_the_questions_and_not_of_their_order():
    assert digest_of({"a", "b"}) == digest_of(frozenset(("b", "a")))
    assert len({digest_of(ids) for ids in ({"a", "b"}, {"ab"}, {"a"}, set())}) == 4
    assert len(digest_of({"a"})) == 64


def test_a_list_is_followed_from_page_to_page_to_its_end():
    pages = {None: (["5", "4"], True), "4": (["3", "2"], True), "2": (["1"], False)}
    asked = []

    def page(last):
        asked.append(last)
        ids, has_more = pages[last]
        return answer({"data": [{"id": name} for name in ids], "has_more": has_more})

    assert [batch["id"] for batch in listed(page)] == ["5", "4", "3", "2", "1"]
    assert asked == [None, "4", "2"]


def test_a_list_without_end_is_not_followed_for_ever():
    assert len(list(listed(lambda _: answer({"data": [{"id": "same"}], "has_more": True})))) == 10


@pytest.mark.parametrize("content", [None, [], {}, {"data": 7, "has_more": True}, {"data": [7], "has_more": True}])
def test_what_is_no_list_lists_nothing(content):
    assert list(listed(lambda _: answer(content))) == []


@pytest.mark.parametrize(
    ("created", "holds"),
    [
        (NOON, True),
        (NOON + timedelta(days=3), True),
        (NOON - timedelta(minutes=4), True),
        (NOON - timedelta(hours=1), False),
        (None, False),
    ],
)
def test_clocks_may_be_some_minutes_apart(created, holds):
    assert is_since(created, NOON) is holds


@pytest.mark.parametrize(
    ("content", "status", "kind", "is_final"),
    [
        ({"error": {"message": "Not Found"}}, 404, "bad_parameter", True),
        ({}, 501, "bad_parameter", True),
        ({"error": {"message": "The model 'x' does not exist"}}, 404, "unknown_model", False),
        ({"error": {"message": "no"}}, 400, "bad_parameter", False),
        ({}, 401, "auth", False),
        ({}, 503, "transient", False),
    ],
)
def test_only_a_place_that_does_not_know_them_takes_no_batches(content, status, kind, is_final):
    error = refusal_of(answer(content, status), judge(), access(entry()))
    assert (error.kind, error.is_final, "takes no batches" in str(error)) == (kind, is_final, is_final)


def test_only_the_services_own_word_makes_a_batch_unknown():
    assert isinstance(look_refusal_of(answer({"error": {}}, 404), judge(), "b"), NoSuchBatchError)
    for content, status in (({"detail": "no route"}, 404), ("<html>", 404), ({"error": {}}, 500)):
        error = look_refusal_of(answer(content, status), judge(), "b")
        assert (type(error), error.kind) == (ServiceError, FailureKind.TRANSIENT)


@pytest.mark.parametrize("content", [None, {}, {"id": ""}, {"id": 7}, []])
def test_an_order_without_a_name_may_have_been_taken(content):
    for is_order in (True, False):
        with pytest.raises(ServiceError) as caught:
            id_in(answer(content), judge(), access(entry()), is_order=is_order)
        assert caught.value.may_be_charged is is_order
    assert id_in(answer({"id": "b-1"}), judge(), access(entry()), is_order=True) == "b-1"
