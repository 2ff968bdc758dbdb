"""What Claude is asked and what its answer costs; its failures are also tested through a whole run."""

from __future__ import annotations

import pytest

from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting.claude import ClaudeWriter
from pipeline.records import Allowance
from pipeline.services.catalog import load_catalog
from tests.builders import brief
from tests.fakes import anthropic_faults
from tests.fakes.revising import revised
from tests.fakes.wire import Reply
from tests.unit.prompting.asked import TEMPLATES, choice, failure, wrote

PRICE = {"tokens": {"text_in": 2, "text_out": 10, "cache_write": 2.5, "cache_read": 0.1}}


def test_rules_and_outline_are_marked_for_caching_and_the_slide_is_not(at_anthropic, anthropic_server):
    assert at_anthropic().write(brief(), 5).prompt
    (request,) = anthropic_server.requests
    marked = {"type": "ephemeral"}
    assert request.body["system"] == [{"type": "text", "text": TEMPLATES.rules, "cache_control": marked}]
    deck, slide = request.body["messages"][0]["content"]
    assert deck == {"type": "text", "text": TEMPLATES.deck_part(brief()), "cache_control": marked}
    assert slide == {"type": "text", "text": TEMPLATES.slide_part(brief())}


def test_the_key_goes_into_the_header_the_catalog_names_and_no_other(at_anthropic, anthropic_server, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-another-service")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "sk-of-another-service")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "Authorization: Bearer sk-of-another-service")
    anthropic_server.faults.always(lambda _: Reply.of_json({}, status=500))
    key = {"header": "X-Api-Key", "value": "{{key}}"}
    failure(at_anthropic(key=key, headers={"X-Trace": "t {{key}}"}), FailureKind.TRANSIENT)
    headers = anthropic_server.requests[0].headers
    assert headers["x-api-key"] == anthropic_server.api_key
    assert headers["x-trace"] == f"t {anthropic_server.api_key}"
    assert "authorization" not in headers
    assert not any("of-another-service" in value for value in headers.values())


def test_a_gateway_that_wants_no_key_gets_none(writing, anthropic_server):
    chosen = choice("anthropic", "claude", protocol="anthropic", key={"is_optional": True})
    anthropic_server.faults.always(lambda _: Reply.of_json({}, status=500))
    failure(writing(ClaudeWriter, chosen, anthropic_server.base_url, None), FailureKind.TRANSIENT)
    assert not {"authorization", "x-api-key"} & anthropic_server.requests[0].headers.keys()


def test_a_redirect_is_told_with_the_one_thing_to_do_and_not_followed(at_anthropic, anthropic_server):
    elsewhere = {"location": f"{anthropic_server.base_url}/elsewhere"}
    anthropic_server.faults.always(lambda _: Reply(status=307, headers=elsewhere))
    error = failure(at_anthropic(), FailureKind.BAD_PARAMETER)
    assert str(error) == "Anthropic: its address leads elsewhere (307); check ANTHROPIC_BASE_URL"
    assert len(anthropic_server.requests) == 1


@pytest.mark.parametrize(("parameters", "thinking"), [({"thinking": {}}, {"type": "disabled"}), ({}, None)])
def test_only_a_model_that_can_skip_thinking_is_told_to(at_anthropic, anthropic_server, parameters, thinking):
    at_anthropic(parameters=parameters).write(brief(), 5)
    assert anthropic_server.requests[0].body.get("thinking") == thinking


def test_the_models_of_the_catalog_that_can_skip_thinking_are_told_to(writing, anthropic_server):
    for name, thinking in (("claude-haiku-5-5", {"type": "disabled"}), ("claude-opus-5-5", None)):
        chosen = load_catalog().choose(f"anthropic/{name}", "text", "prompts.model")
        answer = wrote(writing(ClaudeWriter, chosen, anthropic_server.base_url, anthropic_server.api_key))
        assert answer.prompt
        assert answer.cost_usd > 0
        assert anthropic_server.requests[-1].body.get("thinking") == thinking


@pytest.mark.parametrize(
    ("usage", "cost_usd"),
    [
        ({"input_tokens": 1000, "output_tokens": 100}, 3000 / 1e6),
        (
            {
                "input_tokens": 100,
                "output_tokens": 100,
                "cache_creation_input_tokens": 1000,
                "cache_read_input_tokens": 2000,
            },
            (100 * 2 + 100 * 10 + 1000 * 2.5 + 2000 * 0.1) / 1e6,
        ),
        ({"output_tokens": 100}, 1000 / 1e6),
        (None, None),
    ],
)
def test_an_answer_costs_what_its_tokens_cost(at_anthropic, anthropic_server, usage, cost_usd):
    anthropic_server.faults.always(revised(lambda message: message | {"usage": usage}))
    answer = at_anthropic(price=PRICE).complete("", "Write a poem.", 5)
    assert answer.cost_usd == (None if cost_usd is None else pytest.approx(cost_usd))


def test_a_model_without_a_price_costs_nothing_that_is_known(at_anthropic):
    writer = at_anthropic(price=None)
    assert writer.complete("", "Write a poem.", 5).cost_usd is None
    assert writer.write(brief(), 5).cost_usd == 0
    assert writer.estimate_usd(brief()) is None


def test_a_plain_question_gets_a_plain_text(at_anthropic, anthropic_server):
    anthropic_server.faults.always(anthropic_faults.answering("A poem."))
    answer = at_anthropic().complete("Be brief.", "Write a poem.", 5)
    assert answer.text == "A poem."
    (request,) = anthropic_server.requests
    assert "output_config" not in request.body
    assert request.body["system"] == [{"type": "text", "text": "Be brief."}]
    assert request.body["messages"][0]["content"] == [{"type": "text", "text": "Write a poem."}]


def test_what_is_left_of_the_allowance_comes_with_the_answer(at_anthropic, anthropic_server):
    def strike(exchange):
        reply = exchange.answer()
        left = {
            "anthropic-ratelimit-requests-remaining": "3",
            "anthropic-ratelimit-requests-reset": "2026-11-20T12:00:20Z",
        }
        return Reply(status=200, headers=dict(reply.headers) | left, body=reply.body)

    anthropic_server.faults.always(strike)
    assert at_anthropic().write(brief(), 5).allowance == Allowance(remaining=3, reset_s=20)


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (anthropic_faults.bad_key(), FailureKind.AUTH, "environment ANTHROPIC_API_KEY"),
        (anthropic_faults.credit_too_low(), FailureKind.BILLING, "no credit left"),
        (anthropic_faults.spend_limit_reached(), FailureKind.BILLING, "no credit left"),
        (anthropic_faults.rate_limited("3"), FailureKind.RATE, "rate limit"),
        (anthropic_faults.error(404, "model: claude-9-poem"), FailureKind.UNKNOWN_MODEL, "prompts.model"),
        (anthropic_faults.overloaded(), FailureKind.TRANSIENT, "Overloaded"),
        (anthropic_faults.refusal(), FailureKind.POLICY, "refused"),
        (anthropic_faults.cut_off(), FailureKind.EMPTY, "cut off"),
        (anthropic_faults.answering("Sorry."), FailureKind.EMPTY, "form"),
        (anthropic_faults.answering(" "), FailureKind.EMPTY, "no text"),
        (lambda _: Reply(headers={"content-type": "text/html"}, body=b"<p>"), FailureKind.TRANSIENT, "_BASE_URL"),
    ],
)
def test_a_failure_says_what_and_what_to_do(at_anthropic, anthropic_server, fault, kind, says):
    anthropic_server.faults.always(fault)
    with pytest.raises(ServiceError, match=says) as caught:
        at_anthropic().write(brief(), 5)
    assert caught.value.kind is kind
    assert len(anthropic_server.requests) == 1


def test_what_the_catalog_says_of_errors_is_obeyed_on_a_good_status_too(at_anthropic, anthropic_server):
    rules = [{"kind": "policy", "status": [418]}, {"kind": "billing", "when": "outcome == 'broke'"}]
    writer = at_anthropic(errors={"message": "said", "rules": rules})
    anthropic_server.faults.on_call(1, lambda _: Reply.of_json({"said": "No tea."}, status=418))
    anthropic_server.faults.on_call(2, revised(lambda message: message | {"outcome": "broke", "said": "Top up."}))
    assert "418 No tea" in str(failure(writer, FailureKind.POLICY))
    assert "Top up" in str(failure(writer, FailureKind.BILLING))
