"""A chat completion that fails is of the kind its service means, and says what and what to do. Never with the key."""

from __future__ import annotations

import pytest

from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting.chat import ChatWriter
from tests.fakes import chat_faults, openai_faults, openrouter_faults
from tests.fakes.faults import hang, html_error_page, malformed_json
from tests.fakes.revising import revised
from tests.fakes.wire import Reply
from tests.unit.prompting.asked import NOW, choice, failure, wrote


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (openai_faults.bad_key(), FailureKind.AUTH),
        (openai_faults.forbidden(), FailureKind.AUTH),
        (openai_faults.quota_exhausted(), FailureKind.BILLING),
        (openai_faults.error(429, "No quota.", code="insufficient_quota"), FailureKind.BILLING),
        (openai_faults.billing_hard_limit_reached(), FailureKind.BILLING),
        (openai_faults.error(402, "Pay."), FailureKind.BILLING),
        (openai_faults.rate_limited(), FailureKind.RATE),
        (openai_faults.retired_model(), FailureKind.UNKNOWN_MODEL),
        (openai_faults.error(400, "gone", code="model_not_found"), FailureKind.UNKNOWN_MODEL),
        (openai_faults.error(410, "gone"), FailureKind.UNKNOWN_MODEL),
        (openai_faults.moderation_blocked(), FailureKind.POLICY),
        (openai_faults.error(400, "filtered", code="content_filter"), FailureKind.POLICY),
        (openai_faults.bad_parameter(), FailureKind.BAD_PARAMETER),
        (openai_faults.server_error(), FailureKind.TRANSIENT),
        (openai_faults.overloaded(), FailureKind.TRANSIENT),
        (html_error_page(), FailureKind.TRANSIENT),
        (html_error_page(200), FailureKind.TRANSIENT),
        (malformed_json, FailureKind.TRANSIENT),
        (openai_faults.garbage(), FailureKind.TRANSIENT),
        (lambda _: None, FailureKind.TRANSIENT),
        (lambda _: Reply.of_json({"choices": [7], "usage": "none"}), FailureKind.EMPTY),
        (chat_faults.refusal(), FailureKind.POLICY),
        (chat_faults.content_filtered(), FailureKind.POLICY),
        (chat_faults.cut_off(), FailureKind.EMPTY),
        (chat_faults.no_choices(), FailureKind.EMPTY),
        (chat_faults.answering(""), FailureKind.EMPTY),
        (chat_faults.answering("<think>Endless"), FailureKind.EMPTY),
        (chat_faults.answering("A lighthouse"), FailureKind.EMPTY),
        (chat_faults.answering('{"worth_illustrating": tr'), FailureKind.EMPTY),
        (chat_faults.answering('{"a":' * 20_000), FailureKind.EMPTY),
        (chat_faults.upstream_error(502), FailureKind.TRANSIENT),
        (chat_faults.upstream_error(429), FailureKind.RATE),
        (chat_faults.upstream_error(402), FailureKind.BILLING),
        (lambda _: Reply.of_json({"error": {"code": 429, "message": "busy"}}), FailureKind.RATE),
        (lambda _: Reply.of_json({"error": {"code": "insufficient_quota", "message": "x"}}), FailureKind.BILLING),
        (lambda _: Reply.of_json({"error": "overloaded"}), FailureKind.TRANSIENT),
        (revised(lambda c: c | {"choices": [{"finish_reason": "error"}]}), FailureKind.TRANSIENT),
    ],
)
def test_a_failure_is_of_the_kind_its_service_means(at_openai, openai_server, fault, kind):
    openai_server.faults.always(fault)
    failure(at_openai(), kind)
    assert len(openai_server.requests) == 1, "nobody but the engine tries again"


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (openrouter_faults.bad_key(), FailureKind.AUTH, "environment OPENROUTER_API_KEY"),
        (openrouter_faults.no_credit(), FailureKind.BILLING, "openrouter.ai/credits"),
        (openrouter_faults.policy_refusal(), FailureKind.POLICY, "moderation"),
        (openrouter_faults.retired_model(), FailureKind.UNKNOWN_MODEL, "prompts.model"),
        (openrouter_faults.error(400, "x/y is not a valid model ID"), FailureKind.UNKNOWN_MODEL, "x/y"),
        (openrouter_faults.server_error(), FailureKind.TRANSIENT, "upstream error"),
        (openrouter_faults.server_error(529), FailureKind.TRANSIENT, "upstream error"),
        (openrouter_faults.rate_limited_upstream(), FailureKind.RATE, "temporarily rate-limited"),
    ],
)
def test_openrouters_failures_say_what_and_what_to_do(at_openrouter, openrouter_server, fault, kind, says):
    openrouter_server.faults.always(fault)
    assert says in str(failure(at_openrouter(), kind))


def test_ollama_without_the_model_says_so(at_home, local_server):
    said = {"error": {"message": "model 'llama9' not found", "type": "not_found_error"}}
    local_server.faults.always(lambda _: Reply.of_json(said, status=404))
    error = failure(at_home(model="llama9"), FailureKind.UNKNOWN_MODEL)
    assert "model 'llama9' not found" in str(error)
    assert "prompts.model" in str(error)


def test_a_server_that_wants_a_key_after_all_says_which_to_set(at_home, local_server):
    local_server.faults.always(openai_faults.bad_key())
    assert str(failure(at_home(), FailureKind.AUTH)).endswith("; set OLLAMA_API_KEY")


@pytest.mark.parametrize(
    ("fault", "hint_s"),
    [
        (openai_faults.rate_limited(17), 17),
        (openai_faults.rate_limited(17, "250"), 0.25),
        (openai_faults.error(429, "x", headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "6m0s"}), 360),
        (openai_faults.error(429, "x", headers={"x-ratelimit-remaining": "9", "x-ratelimit-reset": "6m0s"}), None),
        (openai_faults.error(402, "Budget in flight.", headers={"retry-after": "4"}), 4),
        (openai_faults.rate_limited(), None),
    ],
)
def test_a_rate_limit_tells_when_it_ends(at_openai, openai_server, fault, hint_s):
    openai_server.faults.always(fault)
    assert failure(at_openai(), FailureKind.RATE).retry_after_s == hint_s


def test_openrouters_copy_of_the_headers_tells_it_too(at_openrouter, openrouter_server):
    moment_ms = str(int((NOW.timestamp() + 30) * 1000))
    hints = {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": moment_ms}
    openrouter_server.faults.always(openrouter_faults.error(429, "busy", metadata={"headers": hints}))
    assert failure(at_openrouter(), FailureKind.RATE).retry_after_s == pytest.approx(30)


def test_an_answer_that_cannot_be_used_was_paid_for(at_openai, openai_server):
    for fault in (chat_faults.refusal(), chat_faults.cut_off(), chat_faults.answering("A lighthouse")):
        openai_server.faults.clear()
        openai_server.faults.always(fault)
        with pytest.raises(ServiceError) as caught:
            wrote(at_openai())
        assert caught.value.cost_usd > 0


def test_a_server_that_never_answers_is_left_in_time(at_openai, openai_server):
    openai_server.faults.always(hang())
    assert "no answer within" in str(failure(at_openai(), FailureKind.TRANSIENT, timeout_s=0.2))


def test_a_server_that_is_not_there_is_named_by_its_variable(writing, local_server):
    chosen = choice("ollama", "llama3.2", key={"is_optional": True})
    writer = writing(ChatWriter, chosen, "http://127.0.0.1:1/v1", None)
    error = failure(writer, FailureKind.TRANSIENT)
    assert "127.0.0.1" in str(error)
    assert "OLLAMA_BASE_URL" in str(error)


def test_a_key_that_a_server_quotes_back_is_not_told(at_openai, openai_server):
    key = "sk-of-another-account-1234"
    openai_server.faults.always(openai_faults.error(401, f"Incorrect API key provided: {key}."))
    error = failure(at_openai(key=key), FailureKind.AUTH)
    assert "***" in str(error)
    assert key not in str(error)


def test_what_the_catalog_says_of_errors_is_obeyed_on_a_good_status_too(at_home, local_server):
    rules = [{"kind": "policy", "status": [418]}, {"kind": "billing", "when": "outcome == 'broke'"}]
    writer = at_home(errors={"message": "said", "rules": rules, "retry_after": "wait"})
    local_server.faults.on_call(1, lambda _: Reply.of_json({"said": "No tea."}, status=418))
    local_server.faults.on_call(2, revised(lambda body: body | {"outcome": "broke", "said": "Top up."}))
    local_server.faults.on_call(3, lambda _: Reply.of_json({"said": "Busy.", "wait": "33s"}, status=429))
    assert "418 No tea" in str(failure(writer, FailureKind.POLICY))
    assert "Top up" in str(failure(writer, FailureKind.BILLING))
    assert failure(writer, FailureKind.RATE).retry_after_s == 33
