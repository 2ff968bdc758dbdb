"""A service is used where its key is, and never quietly replaced where it was asked for by name."""

from __future__ import annotations

import pytest

from pipeline.config.loader import load_configuration
from pipeline.errors import CredentialsError, UsageError
from pipeline.images.unfinished import ReceiptsInMemory
from pipeline.prompting.templates import load_templates
from pipeline.runs.services.choosing import choose_services
from pipeline.store.choices import set_disabled
from tests.clocks import ManualClock

TEMPLATES = load_templates(None)
CLAUDE, OPENAI = {"ANTHROPIC_API_KEY": "k"}, {"OPENAI_API_KEY": "k"}


def choose(environ, **settings):
    dotted = {key.replace("__", "."): value for key, value in settings.items()}
    return choose_services(load_configuration(None, dotted, environ), TEMPLATES, ManualClock(), ReceiptsInMemory())


@pytest.mark.parametrize(
    ("environ", "writer", "provider", "lacking"),
    [
        ({}, "offline", "offline", {"ANTHROPIC_API_KEY", "OPENAI_API_KEY"}),
        (CLAUDE, "anthropic", "offline", {"OPENAI_API_KEY"}),
        (OPENAI, "openai", "openai", set()),
        (CLAUDE | OPENAI, "anthropic", "openai", set()),
    ],
)
def test_auto_uses_the_services_whose_keys_are_there_and_says_which_are_not(environ, writer, provider, lacking):
    services = choose(environ)
    assert (services.writer.name, services.painters[0].name) == (writer, provider)
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
    assert not services.painters[0].is_remote


def test_who_draws_writes_too_where_claude_cannot_be_asked():
    services = choose({"OPENROUTER_API_KEY": "k"}, images__provider="openrouter")
    assert services.writer.name == services.painters[0].name == "openrouter"


def test_who_draws_and_cannot_write_leaves_the_prompts_to_this_machine():
    services = choose({"STABILITY_API_KEY": "k"}, images__provider="stability")
    assert (services.writer.name, services.painters[0].name) == ("offline", "stability")


CORE = "stability/stable-image-core"
CHAIN = ["openai/gpt-image-2.6-flare", "stability/core", "placeholder"]


def test_a_chain_is_tried_in_its_order_and_its_last_resort_is_no_painter():
    services = choose(OPENAI | {"STABILITY_API_KEY": "k"}, images__chain=CHAIN)
    assert [painter.name for painter in services.painters] == ["openai", "stability"]
    assert services.marks_what_fails


def test_a_service_of_a_chain_that_cannot_be_used_is_left_out_and_told():
    services = choose(OPENAI, images__chain=CHAIN)
    assert [painter.name for painter in services.painters] == ["openai"]
    assert any("stability/core" in notice and "STABILITY_API_KEY" in notice for notice in services.notices)


def test_a_chain_of_which_nobody_can_be_used_is_refused():
    with pytest.raises(CredentialsError, match=r"OPENAI_API_KEY.*STABILITY_API_KEY"):
        choose({}, images__chain=CHAIN)


@pytest.mark.parametrize("chain", [["placeholder"], ["placeholder", "openai"], ["openai", "no-such/model"]])
def test_a_chain_that_makes_no_sense_is_refused(chain):
    with pytest.raises(UsageError, match=r"images\.chain"):
        choose(OPENAI, images__chain=chain)


def test_a_chain_beside_a_model_is_refused():
    with pytest.raises(UsageError, match="either chain"):
        choose(OPENAI, images__chain=CHAIN, images__model="openai/gpt-image-2")


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"images__model": CORE}, CORE),
        ({"images__provider": "stability", "images__model": CORE.partition("/")[2]}, CORE),
        (
            {"images__provider": "stability", "images__model": CORE},
            CORE,
        ),
        ({"images__provider": "stability"}, CORE),
    ],
)
def test_a_model_is_named_with_its_service_or_beside_it(settings, name):
    painter = choose({"STABILITY_API_KEY": "k"}, **settings).painters[0]
    assert f"{painter.name}/{painter.model}" == name


def test_a_model_named_with_its_service_is_never_replaced_by_drawing_offline():
    with pytest.raises(CredentialsError, match="STABILITY_API_KEY"):
        choose({}, images__model=CORE)


def test_a_service_without_an_address_of_its_own_asks_for_one():
    with pytest.raises(CredentialsError, match="OPENAI_COMPATIBLE_BASE_URL"):
        choose({}, images__provider="openai-compatible", images__model="my-model")


def test_a_service_that_was_switched_off_is_not_used(tmp_path):
    set_disabled(tmp_path, "openai", disabled=True)
    home = {"DECK_ILLUSTRATOR_HOME": str(tmp_path)}
    assert choose(OPENAI | home).painters[0].name == "offline"
    with pytest.raises(CredentialsError, match="providers enable openai"):
        choose(OPENAI | home, images__provider="openai")


def test_a_parameter_the_model_does_not_know_is_told_once():
    services = choose({"STABILITY_API_KEY": "k"}, images__provider="stability", images__parameters={"steps": 7})
    assert sum("steps" in notice for notice in services.notices) == 1


def test_a_quality_the_model_does_not_take_is_refused_before_any_call():
    with pytest.raises(UsageError, match=r"images\.quality"):
        choose(OPENAI, images__model="gpt-image-2", images__quality="ultra")


def test_a_model_nobody_knows_is_passed_on():
    assert choose(OPENAI, images__model="my-own").painters[0].model == "my-own"


def test_a_model_that_is_shut_down_within_sixty_days_is_named_before_the_run():
    """The manual clock stands at 2026-11-20."""
    services = choose(OPENAI, images__model="gpt-image-1.5", prompts__provider="offline")
    assert services.notices == ("openai/gpt-image-1.5 is shut down on 2026-12-01; choose another.",)
