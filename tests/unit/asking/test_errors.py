"""Rules, status, hints and words: what an answer that is no picture comes to mean, whatever stands in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.asking.answers import Answer
from pipeline.errors import FailureKind
from tests.unit.images.http.invented import KEY, judge


def answer(content, status=400, **headers):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Answer.of(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def failure(errors, content, status=400, *, is_submit=True, **headers):
    return judge(errors).failure_in(answer(content, status, **headers), is_submit=is_submit)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "bad_parameter"),
        (401, "auth"),
        (402, "billing"),
        (403, "auth"),
        (404, "unknown_model"),
        (405, "bad_parameter"),
        (408, "transient"),
        (409, "transient"),
        (410, "unknown_model"),
        (413, "bad_parameter"),
        (422, "bad_parameter"),
        (425, "transient"),
        (429, "rate"),
        (500, "transient"),
        (529, "transient"),
    ],
)
def test_without_a_rule_the_status_tells(status, kind):
    assert failure({}, {}, status).kind == kind


def test_the_first_rule_whose_conditions_all_hold_wins():
    rules = [
        {"kind": "billing", "status": [403], "text": "balance"},
        {"kind": "policy", "status": [403], "when": "type == 'moderation'"},
        {"kind": "empty", "status": [403]},
    ]
    found = [
        failure({"rules": rules}, content, 403).kind
        for content in ({"detail": "Exhausted BALANCE"}, {"type": "moderation"}, {"type": "other"})
    ]
    assert found == ["billing", "policy", "empty"]


def test_a_rule_of_words_alone_judges_failures_only():
    rules = {"rules": [{"kind": "policy", "text": "flagged"}]}
    assert failure(rules, {"prompt": "a flagged ship"}, 200) is None
    assert failure(rules, {"prompt": "a flagged ship"}, 400).kind is FailureKind.POLICY
    assert judge(rules).failed_task(answer({}, 200), "was flagged").kind is FailureKind.POLICY
    assert judge(rules).failed_task(answer({}, 200), "it broke").kind is FailureKind.TRANSIENT


@pytest.mark.parametrize(
    ("found", "holds"), [(0, True), ("x", True), (None, False), ("", False), ([], False), (False, False)]
)
def test_what_jmespath_calls_true_holds_on_a_good_status_too(found, holds):
    error = failure({"rules": [{"kind": "policy", "when": "blocked"}]}, {"blocked": found}, 200)
    assert (error is not None) is holds


@pytest.mark.parametrize(
    ("content", "kind"),
    [({"code": 200}, None), ({"code": 402}, "billing"), ({"code": "429"}, "rate"), ({"code": True}, None), ([], None)],
)
def test_a_status_of_the_services_own_counts_where_it_answers_200(content, kind):
    error = failure({"status": "code"}, content, 200)
    assert (error and error.kind) == kind


def test_a_task_that_is_not_found_says_nothing_of_the_model():
    rules = {"rules": [{"kind": "unknown_model", "status": [404]}]}
    assert failure(rules, {}, 404, is_submit=False).kind is FailureKind.TRANSIENT
    assert failure({}, {}, 410, is_submit=False).kind is FailureKind.TRANSIENT


def test_an_address_that_moved_is_for_the_person_to_mend():
    error = judge(settings=("a.model",)).failure_in(answer(b"", 301), is_submit=True)
    assert error.kind is FailureKind.BAD_PARAMETER
    assert str(error) == "Invented: its address leads elsewhere (301); check INVENTED_BASE_URL"


HINTS = {"retry_after": "wait", "retry_after_text": r"in ~?(\d+)s", "rate_wait_s": 7, "message": "said"}


@pytest.mark.parametrize(
    ("content", "headers", "hint"),
    [
        ({"wait": 3, "said": "in ~4s"}, {"retry_after_ms": "1500", "retry_after": "9"}, 1.5),
        ({"wait": 3, "said": "in ~4s"}, {"retry_after": "9"}, 9),
        ({"wait": "33s", "said": "in ~4s"}, {}, 33),
        ({"wait": 2.5, "said": "in ~4s"}, {}, 2.5),
        ({"wait": ["soon"], "said": "in ~4s"}, {}, 4),
        ({"wait": True}, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "12"}, 12),
        ({"wait": -5}, {"x_ratelimit_remaining": "3", "x_ratelimit_reset": "12"}, 7),
        ({"error": {"metadata": {"headers": {"X-RateLimit-Remaining": 0, "X-RateLimit-Reset": "12"}}}}, {}, 12),
        ({"error": {"metadata": {"headers": ["X-RateLimit-Remaining"]}}}, {}, 7),
        ({"wait": "1e999"}, {}, 7),
        ([], {}, 7),
    ],
)
def test_hints_come_in_their_order(content, headers, hint):
    assert failure(HINTS, content, 429, **headers).retry_after_s == hint


def test_what_a_rate_limit_usually_means_is_not_said_of_other_failures():
    assert failure(HINTS, {}, 500).retry_after_s is None
    assert failure(HINTS, {}, 503, retry_after="5").retry_after_s == 5


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "check the key (INVENTED_API_KEY)"),
        (402, "the key (INVENTED_API_KEY) has no credit"),
        (400, "check a.model, a.quality and a.size"),
        (404, "check a.model, `models --service invented`"),
    ],
)
def test_a_message_names_the_service_the_status_and_what_to_do(status, remedy):
    judging = judge({"message": "error"}, settings=("a.model", "a.quality", "a.size"))
    text = str(judging.failure_in(answer({"error": "No.\nNot at all."}, status), is_submit=True))
    assert text.startswith(f"Invented: {status} No. Not at all; ")
    assert remedy in text


@pytest.mark.parametrize("status", [400, 404])
def test_whoever_asks_without_settings_has_none_to_mend(status):
    assert str(failure({"message": "error"}, {"error": "No."}, status)) == f"Invented: {status} No."


def test_a_model_that_is_all_there_is_to_set_is_named():
    judging = judge(settings=("prompts.model",))
    assert str(judging.failure_in(answer({}, 422), is_submit=True)).endswith("; check prompts.model")


def test_credit_that_comes_back_by_waiting_is_not_spent():
    assert failure({"rules": [{"kind": "billing", "status": [402]}]}, {}, 402, retry_after="4").kind is FailureKind.RATE
    spent = failure({"rules": [{"kind": "billing", "status": [429]}]}, {}, 429, retry_after="4")
    assert (spent.kind, spent.retry_after_s) == (FailureKind.BILLING, 4)


def test_a_server_without_a_key_where_one_is_wanted_asks_for_it():
    error = judge(key=None).failure_in(answer({}, 401), is_submit=True)
    assert str(error).endswith("set INVENTED_API_KEY")


def test_a_key_quoted_back_is_taken_out_in_every_spelling():
    for spelling in (KEY, KEY.encode().hex(), json.dumps([KEY])):
        said = str(failure({"message": "m"}, {"m": f"bad key {spelling} {'x' * 1000}"}, 401))
        assert KEY not in said
        assert len(said) < 500
    assert KEY not in str(failure({}, f"<p>{KEY}".encode(), 500))


@pytest.mark.parametrize("body", [b"<html>\x1b[31m" + b"x" * 10_000_000, b"\xff\xfe\x00", b"[" * 100_000, b"", b"\0"])
def test_garbage_is_told_in_one_line_that_can_be_shown(body):
    error = failure({"message": "a.b"}, body, 502, content_type="text/html")
    assert error.kind is FailureKind.TRANSIENT
    assert str(error).isprintable()
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "content", [{"error": {"message": "No."}}, {"message": "No."}, {"detail": "No."}, {"error": "No."}]
)
def test_where_the_catalog_does_not_say_where_the_message_stands_the_usual_places_are_looked_at(content):
    assert str(failure({}, content, 500)) == "Invented: 500 No."


def test_words_that_would_paint_the_terminal_are_shown_as_words():
    assert str(failure({"message": "m"}, {"m": "a\x1b[31m\r\u202e\ud800b"}, 500)) == "Invented: 500 a [31m b"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)
ALL = {
    "message": "a.b || contains(c, a)",
    "status": "a || sum(b)",
    "retry_after": "ceil(d)",
    "retry_after_text": r"(\d+)?",
    "rules": [{"kind": "policy", "when": "contains(a, b)"}, {"kind": "auth", "text": "x", "when": "from_json(b).c"}],
}


@given(JSON, st.sampled_from((200, 302, 400, 404, 429, 500)))
def test_no_answer_brings_anything_but_an_error_of_a_service(content, status):
    error = failure(ALL, content, status)
    assert error is None or str(error).isprintable()
