"""A service is used where its key is, and never quietly replaced where it was asked for by name."""

from __future__ import annotations

import pytest

from pipeline.config.loader import load_configuration
from pipeline.errors import CredentialsError, UsageError
from pipeline.prompting.templates import load_templates
from pipeline.runs.services import choose_services
from tests.clocks import ManualClock

TEMPLATES = load_templates(None)
CLAUDE, OPENAI = {"ANTHROPIC_API_KEY": "k"}, {"OPENAI_API_KEY": "k"}


def choose(environ, **settings):
    dotted = {key.replace("__", "."): value for key, value in settings.items()}
    return choose_services(load_configuration(None, dotted, environ), TEMPLATES, ManualClock())


@pytest.mark.parametrize(
    ("environ", "writer", "provider", "lacking"),
    [
        ({}, "offline", "offline", {"ANTHROPIC_API_KEY", "OPENAI_API_KEY"}),
        (CLAUDE, "anthropic", "offline", {"OPENAI_API_KEY"}),
        (OPENAI, "offline", "openai", {"ANTHROPIC_API_KEY"}),
        (CLAUDE | OPENAI, "anthropic", "openai", set()),
    ],
)
def test_auto_uses_the_services_whose_keys_are_there_and_says_which_are_not(environ, writer, provider, lacking):
    services = choose(environ)
    assert (services.writer.name, services.provider.name) == (writer, provider)
    assert {key for key in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY") if key in "".join(services.notices)} == lacking
    assert len(services.notices) == bool(lacking), "one line at most"


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"prompts__provider": "anthropic"}, "ANTHROPIC_API_KEY"),
        ({"images__provider": "openai"}, "OPENAI_API_KEY"),
    ],
)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_service_named_without_its_key_is_refused_with_the_variables_name(settings, variable, value):
    with pytest.raises(CredentialsError, match=variable):
        choose({} if value is None else {variable: value}, **settings)


def test_offline_by_choice_needs_no_notice_and_calls_nobody():
    services = choose(CLAUDE | OPENAI, prompts__provider="offline", images__provider="offline")
    assert services.notices == ()
    assert not services.writer.is_remote
    assert not services.provider.is_remote


def test_a_quality_the_model_does_not_take_is_refused_before_any_call():
    with pytest.raises(UsageError, match=r"images\.quality"):
        choose(OPENAI, images__model="gpt-image-2", images__quality="ultra")


def test_a_model_nobody_knows_is_passed_on():
    assert choose(OPENAI, images__model="my-own").provider.model == "my-own"


def test_a_model_that_is_shut_down_within_sixty_days_is_named_before_the_run():
    """The manual clock stands at 2026-11-20."""
    services = choose(OPENAI, images__model="gpt-image-1.5", prompts__provider="offline")
    assert services.notices == ("images.model gpt-image-1.5 is shut down on 2026-12-01; choose another.",)
