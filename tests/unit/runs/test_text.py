"""A question to a text model without a deck: asked of whoever writes prompts, waited for, told plainly."""

from __future__ import annotations

import random

import pytest

from pipeline.config.loader import load_configuration
from pipeline.errors import CredentialsError, FailureKind, ServiceError, UsageError
from pipeline.runs.text import ask_for_text
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
