"""The services are told with their keys masked, whoever asks."""

from __future__ import annotations

import json

import pytest

from pipeline.config.loader import load_configuration
from pipeline.reporting.providers_table import checks_json, describe_checks, describe_services, services_json
from pipeline.reporting.rows import CheckRow
from pipeline.runs.services.looking_round import list_services
from pipeline.store.choices import set_disabled

KEY = "sk-Quokka_Zephyr-0123456789"


@pytest.fixture
def rows(tmp_path):
    set_disabled(tmp_path, "fal", disabled=True)
    environ = {
        "DECK_ILLUSTRATOR_HOME": str(tmp_path),
        "OPENAI_API_KEY": KEY,
        "FAL_KEY": KEY,
        "STABILITY_API_KEY": f"{KEY}\n{KEY}",
    }
    return list_services(load_configuration(None, {}, environ))


def test_a_line_says_state_counts_key_and_where_it_was_found_or_what_to_do(rows):
    lines = {line.split()[0]: line.split(maxsplit=5)[1:] for line in describe_services(rows).splitlines()}
    assert lines["openai"] == ["available_personal", "11", "24", "sk-…6789", "environment OPENAI_API_KEY"]
    assert lines["fal"][0] == "disabled"
    assert lines["fal"][-1] == "switched off; providers enable fal switches it on"
    assert lines["bfl"][3:] == ["-", "set BFL_API_KEY"]
    assert lines["azure"][:3] == ["no_access", "any", "any"]
    assert lines["ollama"][-1].startswith("needs no key")
    assert lines["stability"][0] == "no_access"


def test_programs_get_the_same(rows):
    found = {row["service"]: row for row in json.loads(services_json(rows))["services"]}
    assert found["openai"]["state"] == "available_personal"
    assert found["openai"]["found_in"] == "environment OPENAI_API_KEY"
    assert (found["bfl"]["key_variable"], found["bfl"]["image_models"]) == ("BFL_API_KEY", 11)
    assert found["ollama"]["needs_key"] is False


@pytest.mark.parametrize("show", [describe_services, services_json])
def test_no_key_is_shown(rows, show):
    assert "Quokka" not in show(rows)


def test_checks_are_told_line_by_line():
    rows = [
        CheckRow(service="alpha", key="sk-…6789", state="no_credit", message="top up"),
        CheckRow(service="beta", key="", state="works", message=""),
    ]
    lines = [line.split() for line in describe_checks(rows).splitlines()]
    assert lines[1:] == [["alpha", "sk-…6789", "no", "credit", "top", "up"], ["beta", "-", "works"]]
    assert json.loads(checks_json(rows, 6)) == {
        "exit_code": 6,
        "checks": [
            {"service": "alpha", "key": "sk-…6789", "state": "no_credit", "message": "top up"},
            {"service": "beta", "key": "", "state": "works", "message": ""},
        ],
    }
    assert "providers" in describe_checks([])
