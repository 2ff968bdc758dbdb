"""The real `anthropic` SDK talks to the Messages server: what a test may rely on when it scripts a fault."""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any

import anthropic
import pytest

from tests.fakes import AnthropicServer, anthropic_faults
from tests.fakes.answers import Answer, Ask, text_of
from tests.fakes.faults import Fault, http_date, malformed_json


def test_the_answer_satisfies_the_schema_of_the_request(ask: Ask) -> None:
    message = ask()
    answer = Answer.model_validate_json(text_of(message))
    assert answer.worth_illustrating
    assert re.fullmatch(r"[A-Z][a-z, ]{30,}\.", answer.prompt)
    assert message.stop_reason == "end_turn"
    assert message._request_id is not None
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0


def test_the_same_slide_always_gives_the_same_prompt_and_another_slide_another(ask: Ask) -> None:
    prompts = [Answer.model_validate_json(text_of(ask(text))).prompt for text in ("Sun", "Sun", "Moon")]
    assert prompts[0] == prompts[1] != prompts[2]


def test_without_a_schema_the_answer_is_a_sentence(ask: Ask) -> None:
    assert text_of(ask(output_config={"effort": "low"})).endswith(".")


def test_parse_of_the_sdk_understands_the_answer(claude: anthropic.Anthropic) -> None:
    message = claude.messages.parse(
        model="claude-sonnet-5-5",
        max_tokens=4000,
        messages=[{"role": "user", "content": "Slide 1"}],
        output_format=Answer,
    )
    assert message.parsed_output is not None


def test_a_model_that_thinks_puts_a_thinking_block_first(ask: Ask) -> None:
    message = ask(model="claude-opus-5-5", thinking={"type": "adaptive"})
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.usage.output_tokens_details is not None
    assert message.usage.output_tokens_details.thinking_tokens > 0


def test_too_few_tokens_cut_the_answer_off(ask: Ask) -> None:
    message = ask(max_tokens=5)
    assert message.stop_reason == "max_tokens"
    assert len(text_of(message)) == 20


@pytest.mark.parametrize(("ttl", "kind"), [("5m", "ephemeral_5m_input_tokens"), ("1h", "ephemeral_1h_input_tokens")])
def test_a_marked_prefix_is_written_to_the_cache_once_and_then_read(ask: Ask, ttl: str, kind: str) -> None:
    rules = [{"type": "text", "text": "Rule. " * 1000, "cache_control": {"type": "ephemeral", "ttl": ttl}}]
    first, second = ask("Slide 1", system=rules).usage, ask("Slide 2", system=rules).usage
    assert (first.cache_creation_input_tokens, first.cache_read_input_tokens) == (1500, 0)
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens) == (0, 1500)
    assert first.cache_creation is not None
    assert getattr(first.cache_creation, kind) == 1500
    assert second.input_tokens < 10


def test_a_prefix_below_the_minimum_is_not_cached(ask: Ask) -> None:
    rules = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
    assert ask(system=rules).usage.cache_creation_input_tokens == 0


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
def test_sampling_parameters_are_refused(ask: Ask, name: str) -> None:
    with pytest.raises(anthropic.BadRequestError, match=f"{name}: Extra inputs are not permitted"):
        ask(extra_body={name: 1})


@pytest.mark.filterwarnings("ignore:The model:DeprecationWarning")  # the SDK knows it too
@pytest.mark.parametrize("model", ["claude-3-5-haiku-latest", "claude-opus-4-1", "gpt-5"])
def test_a_retired_or_foreign_model_is_not_found(ask: Ask, model: str) -> None:
    with pytest.raises(anthropic.NotFoundError) as caught:
        ask(model=model)
    assert caught.value.type == "not_found_error"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"model": "claude-opus-5-5"}, "cannot be disabled"),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "adaptive"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "{"}]}, "prefill"),
        ({"messages": []}, "messages: Field required"),
        ({"output_config": {"effort": "huge"}}, "effort"),
        ({"output_config": {"format": {"type": "xml"}}}, "json_schema"),
        ({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}, "additionalProperties"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "string", "maxLength": 9}}}},
            "maxLength",
        ),
        ({"extra_body": {"stream": True}}, "stream"),
        ({"extra_headers": {"anthropic-version": "2022-01-01"}}, "anthropic-version"),
    ],
)
def test_what_the_messages_api_does_not_take_is_a_bad_request(
    ask: Ask, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(anthropic.BadRequestError, match=complaint) as caught:
        ask(**changes)
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id


def test_both_ways_to_send_the_key_are_taken_and_x_api_key_counts_first(ask: Ask, writer: AnthropicServer) -> None:
    ask(extra_headers={"x-api-key": writer.api_key, "authorization": "Bearer wrong"})
    with pytest.raises(anthropic.AuthenticationError):
        ask(extra_headers={"x-api-key": "wrong"})
    with pytest.raises(anthropic.AuthenticationError):
        ask(extra_headers={"authorization": "Bearer wrong"})


# --- the faults ---


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        (anthropic_faults.bad_key(), anthropic.AuthenticationError, (401, "authentication_error", None)),
        (anthropic_faults.forbidden(), anthropic.PermissionDeniedError, (403, "permission_error", None)),
        (
            anthropic_faults.payment_required(),
            anthropic.PaymentRequiredError,
            (402, "billing_error", "linked_organization_spend_limit_reached"),
        ),
        (anthropic_faults.credit_too_low(), anthropic.BadRequestError, (400, "invalid_request_error", None)),
        (
            anthropic_faults.spend_limit_reached(),
            anthropic.RateLimitError,
            (429, "rate_limit_error", "enforced_spend_limit_reached"),
        ),
        (
            anthropic_faults.rate_limited(error_code="ramp_limit_exceeded"),
            anthropic.RateLimitError,
            (429, "rate_limit_error", "ramp_limit_exceeded"),
        ),
        (anthropic_faults.server_error(), anthropic.InternalServerError, (500, "api_error", None)),
        (anthropic_faults.unavailable(), anthropic.InternalServerError, (503, "api_error", None)),
        (anthropic_faults.overloaded(), anthropic.InternalServerError, (529, "overloaded_error", None)),
    ],
)
def test_an_error_carries_its_class_status_type_and_code(
    ask: Ask, writer: AnthropicServer, fault: Fault, error: type[anthropic.APIStatusError], told: tuple[Any, ...]
) -> None:
    writer.faults.always(fault)
    with pytest.raises(error) as caught:
        ask()
    assert (caught.value.status_code, caught.value.type, caught.value.error_code) == told
    assert caught.value.request_id


def test_an_empty_prepaid_account_is_told_by_its_words(ask: Ask, writer: AnthropicServer) -> None:
    writer.faults.always(anthropic_faults.credit_too_low())
    with pytest.raises(anthropic.BadRequestError, match="credit balance is too low"):
        ask()


def test_a_rate_limit_names_its_wait_in_seconds_milliseconds_a_date_or_not_at_all(
    ask: Ask, writer: AnthropicServer
) -> None:
    date = http_date(30)
    hints: list[tuple[str | None, str | None]] = [("2", None), (None, "1500"), (date, None), (None, None)]
    for number, (seconds, milliseconds) in enumerate(hints, 1):
        writer.faults.on_call(number, anthropic_faults.rate_limited(seconds, milliseconds))
        with pytest.raises(anthropic.RateLimitError) as caught:
            ask()
        headers = caught.value.response.headers
        assert (headers.get("retry-after"), headers.get("retry-after-ms")) == (seconds, milliseconds)
    assert 28 <= parsedate_to_datetime(date).timestamp() - time.time() <= 30


def test_a_refusal_has_its_category_and_no_text(ask: Ask, writer: AnthropicServer) -> None:
    writer.faults.always(anthropic_faults.refusal("cyber"))
    message = ask()
    assert message.stop_reason == "refusal"
    assert message.stop_details is not None
    assert message.stop_details.category == "cyber"
    assert text_of(message) == ""


def test_a_cut_off_answer_is_not_json_any_more(ask: Ask, writer: AnthropicServer) -> None:
    writer.faults.always(anthropic_faults.cut_off())
    message = ask()
    assert message.stop_reason == "max_tokens"
    with pytest.raises(json.JSONDecodeError):
        json.loads(text_of(message))


def test_a_tester_chooses_the_whole_answer_or_some_of_its_fields(ask: Ask, writer: AnthropicServer) -> None:
    writer.faults.on_call(1, anthropic_faults.answering("Слайд 3: Море"))
    writer.faults.always(anthropic_faults.answering_with(worth_illustrating=False, prompt="Тихое море"))
    assert text_of(ask()) == "Слайд 3: Море"
    answer = Answer.model_validate_json(text_of(ask()))
    assert (answer.worth_illustrating, answer.prompt) == (False, "Тихое море")


def test_a_malformed_body_does_not_decode(ask: Ask, writer: AnthropicServer) -> None:
    writer.faults.always(malformed_json)
    with pytest.raises(json.JSONDecodeError):
        ask()
