"""A question to a text model without a deck: asked of whoever writes prompts, waited for, told plainly."""

from __future__ import annotations

import random
from contextlib import closing

import pytest

from pipeline.config.loader import load_configuration
from pipeline.errors import BudgetError, CredentialsError, FailureKind, ServiceError, UsageError
from pipeline.records.history import AttemptState, RunState
from pipeline.runs.text import ask_for_text
from pipeline.store.history import open_history
from tests.clocks import ManualClock
from tests.fakes import AnthropicServer, OpenAIServer, anthropic_faults, chat_faults


@pytest.fixture
def claude():
    with AnthropicServer() as server:
        server.faults.when(lambda body: "?" in str(body["messages"]), anthropic_faults.answering("Forty-two."))
        yield server


@pytest.fixture
def openai():
    with OpenAIServer() as server:
        server.faults.always(chat_faults.answering("Forty-one."))
        yield server


def variables(name, server):
    return {f"{name}_BASE_URL": server.base_url, f"{name}_API_KEY": server.api_key}


def asked(environ, prompt="How many?", **settings):
    dotted = {key.replace("__", "."): value for key, value in settings.items()}
    return ask_for_text(prompt, load_configuration(None, dotted, environ), ManualClock(), random.Random(1))


def test_claude_is_asked_where_nobody_is_named(claude):
    assert asked(variables("ANTHROPIC", claude)) == "Forty-two."
    body = claude.requests[0].body
    assert "system" not in body
    assert "How many?" in str(body["messages"])


def test_a_model_that_is_named_is_asked(claude, openai):
    environ = variables("ANTHROPIC", claude) | variables("OPENAI", openai)
    assert asked(environ, prompts__model="openai/gpt-6-sol") == "Forty-one."
    assert openai.requests[0].body["model"] == "gpt-6-sol"
    assert claude.requests == ()


def test_who_draws_is_asked_where_claude_cannot_be(openai):
    assert asked(variables("OPENAI", openai)) == "Forty-one."


def test_what_passes_is_tried_again(claude):
    claude.faults.clear()
    claude.faults.on_call(1, anthropic_faults.overloaded())
    claude.faults.always(anthropic_faults.answering("Forty-two."))
    assert asked(variables("ANTHROPIC", claude)) == "Forty-two."


def test_a_refusal_is_raised_as_what_it_is(claude):
    claude.faults.clear()
    claude.faults.always(anthropic_faults.bad_key())
    with pytest.raises(ServiceError) as told:
        asked(variables("ANTHROPIC", claude))
    assert told.value.kind is FailureKind.AUTH
    assert len(claude.requests) == 1


@pytest.mark.parametrize("settings", [{}, {"prompts__provider": "offline"}])
def test_where_no_model_can_be_asked_it_is_said(settings):
    with pytest.raises(CredentialsError, match="ANTHROPIC_API_KEY"):
        asked({}, **settings)


def test_an_empty_question_is_refused_before_any_call(claude):
    with pytest.raises(UsageError, match="empty"):
        asked(variables("ANTHROPIC", claude), prompt="  ")
    assert claude.requests == ()


def test_each_call_is_in_the_history_with_what_it_cost(claude, tmp_path):
    environ = variables("ANTHROPIC", claude) | {"DECK_ILLUSTRATOR_HOME": str(tmp_path)}
    asked(environ)
    with closing(open_history(None, tmp_path, now=ManualClock().now, warn=print)) as history:
        (call,), (run,) = history.attempts(), history.runs()
    assert (call.prompt, call.service, call.state) == ("How many?", "anthropic", AttemptState.SUCCESS)
    assert call.cost_usd > 0
    assert (run.state, run.cost_usd) == (RunState.SUCCESS, call.cost_usd)


def test_a_budget_that_is_used_up_allows_none(claude):
    with pytest.raises(BudgetError, match=r"budget\.max_usd_per_day"):
        asked(variables("ANTHROPIC", claude), budget__max_usd_per_day=0.0)
    assert claude.requests == ()
