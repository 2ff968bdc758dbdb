"""What the shipped catalog takes an error for, of OpenAI and of those that copy its API: its words, then the status."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.asking.answers import Answer
from pipeline.asking.errors import Judge
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind
from pipeline.services.catalog import load_catalog
from tests.fakes.wire import Reply

CATALOG = load_catalog()
COPIES = ("ollama", "localai", "lmstudio", "openai-compatible")
OF_OPENAI = ("openai", "azure", *COPIES)


def meant(name, status, error):
    service = CATALOG.services[name]
    access = Access(service=service, base_url="https://a.example")
    judge = Judge(access, service.errors, None, lambda: datetime(2026, 11, 20, tzinfo=UTC))
    body = Reply.of_json({"error": error}).body
    return judge.refusal_in(Answer.of(status, {"content-type": "application/json"}, body)).kind


@pytest.mark.parametrize("name", OF_OPENAI)
@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"type": "insufficient_quota", "code": None}, FailureKind.BILLING),
        (429, {"code": "insufficient_quota"}, FailureKind.BILLING),
        (400, {"code": "billing_hard_limit_reached"}, FailureKind.BILLING),
        (403, {"code": "billing_not_active"}, FailureKind.BILLING),
        (429, {"code": "rate_limit_exceeded"}, FailureKind.RATE),
        (429, {"message": "busy"}, FailureKind.RATE),
        (400, {"code": "content_policy_violation"}, FailureKind.POLICY),
        (400, {"code": "content_filter"}, FailureKind.POLICY),
        (400, {"code": "invalid_prompt"}, FailureKind.POLICY),
        (400, {"type": "invalid_prompt"}, FailureKind.POLICY),
        (400, {"moderation_details": {"stage": "input"}}, FailureKind.POLICY),
        (400, {"code": "model_not_found"}, FailureKind.UNKNOWN_MODEL),
        (400, {"message": "The model `llama9` does not exist"}, FailureKind.UNKNOWN_MODEL),
        (400, {"message": "Model not found: llama9"}, FailureKind.UNKNOWN_MODEL),
        (400, {"message": "x/y is not a valid model ID"}, FailureKind.UNKNOWN_MODEL),
        (400, {"message": "This model's maximum context length is 8192"}, FailureKind.BAD_PARAMETER),
        (400, {"code": ["odd"], "metadata": "odd", "message": 7}, FailureKind.BAD_PARAMETER),
        (400, ["odd"], FailureKind.BAD_PARAMETER),
        (401, {"code": "invalid_api_key"}, FailureKind.AUTH),
        (404, None, FailureKind.UNKNOWN_MODEL),
        (500, {"message": "the runner found no file"}, FailureKind.TRANSIENT),
        (502, {}, FailureKind.TRANSIENT),
    ],
)
def test_openais_words_count_before_the_status(name, status, error, kind):
    assert meant(name, status, error) is kind


@pytest.mark.parametrize("name", ["openai", *COPIES])
def test_openais_other_words(name):
    assert meant(name, 429, {"code": "credit_balance_exhausted"}) is FailureKind.BILLING
    assert meant(name, 503, {"code": "slow_down"}) is FailureKind.RATE


@pytest.mark.parametrize("name", COPIES)
def test_copies_say_in_a_text_what_openai_says_in_an_object(name):
    assert meant(name, 400, "The model `llama9` does not exist") is FailureKind.UNKNOWN_MODEL
    assert meant(name, 400, "no such size") is FailureKind.BAD_PARAMETER
    assert meant(name, 400, {"code": "invalid_api_key"}) is FailureKind.AUTH


@pytest.mark.parametrize("name", ["openrouter", "openai-compatible"])
def test_a_403_with_reasons_is_a_refused_prompt_and_without_a_refused_key(name):
    assert meant(name, 403, {"code": 403, "metadata": {"reasons": ["violence"]}}) is FailureKind.POLICY
    assert meant(name, 403, {"code": 403, "metadata": {"reasons": []}}) is FailureKind.AUTH


@pytest.mark.parametrize(
    "message", ["x/y is not a valid model ID", "The model x/y does not exist", "Model x/y not found"]
)
def test_openrouter_says_with_a_400_that_there_is_no_such_model(message):
    assert meant("openrouter", 400, {"code": 400, "message": message}) is FailureKind.UNKNOWN_MODEL


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"message": "Your credit balance is too low to access the Anthropic API."}, FailureKind.BILLING),
        (429, {"details": {"error_code": "contract_spend_limit_reached"}}, FailureKind.BILLING),
        (429, {"details": {"error_code": "enforced_spend_limit_reached"}}, FailureKind.BILLING),
        (403, {"details": {"error_code": "linked_organization_billing_unavailable"}}, FailureKind.BILLING),
        (402, {"type": "billing_error"}, FailureKind.BILLING),
        (429, {"type": "rate_limit_error"}, FailureKind.RATE),
        (413, {"type": "request_too_large"}, FailureKind.BAD_PARAMETER),
        (529, {"type": "overloaded_error"}, FailureKind.TRANSIENT),
    ],
)
def test_anthropics_words(status, error, kind):
    assert meant("anthropic", status, error) is kind
