"""`config` prints every setting with its origin, and which keys are there, never the keys."""

from __future__ import annotations

import json

import pytest

from pipeline.config.loader import load_configuration
from pipeline.reporting.configuration import config_json, describe_config

ENVIRON = {
    "OPENAI_API_KEY": "sk-hush",
    "OPENAI_BASE_URL": "https://ann:hush@gateway.example.org:8443/v1?token=hush",
    "DECK_ILLUSTRATOR_STYLE": "photo",
    "DECK_ILLUSTRATOR_LIMITS__BACKEND": "redis",
    "DECK_ILLUSTRATOR_LIMITS__URL": "redis://:hush@redis.example.org:6379/0?password=hush",
    "DECK_ILLUSTRATOR_FLEET__BROKER_URL": "amqp://ann:hush@queue.example.org",
    "DECK_ILLUSTRATOR_FLEET__REDIS_URL": "redis://:hush@redis.example.org:6379/0",
    "DECK_ILLUSTRATOR_FLEET__STORAGE": "sftp://ann:hush@files.example.org/decks",
    "DECK_ILLUSTRATOR_TELEMETRY__TRACES_URL": "http://ann:hush@traces.example.org/v1/traces",
    "DECK_ILLUSTRATOR_WEBHOOK__URL": "https://hooks.example.org/services/hush",
    "DECK_ILLUSTRATOR_SCHEDULE": """[{
        name: nightly, cron: "0 2 * * *", source: "sftp://ann:hush@files.example.org/in", target: /made,
        settings: {limits.url: "redis://:hush@redis.example.org"},
    }]""",
}


@pytest.fixture
def configuration():
    return load_configuration(None, {"workers.image_workers": 5}, ENVIRON)


def test_people_read_key_value_and_origin(configuration):
    lines = [line.split() for line in describe_config(configuration).splitlines()]
    assert ["style", "photo", "environment", "DECK_ILLUSTRATOR_STYLE"] in lines
    assert ["workers.image_workers", "5", "argument"] in lines
    assert ["workers.queue_size", "8", "default"] in lines


def test_programs_read_the_same(configuration):
    data = json.loads(config_json(configuration))
    assert data["style"] == {"value": "photo", "origin": "environment DECK_ILLUSTRATOR_STYLE"}
    assert data["prompts.folder"] == {"value": None, "origin": "default"}
    assert set(data) == set(configuration.origins)


def test_a_path_can_be_printed_for_programs():
    configuration = load_configuration(None, {"output.work_folder": "/var/work"}, {})
    assert json.loads(config_json(configuration))["output.work_folder"]["value"] == "/var/work"


def test_it_says_which_keys_are_set_where_they_stand_and_where_the_service_is(configuration):
    text = describe_config(configuration)
    found = "environment OPENAI_API_KEY"
    assert f"OPENAI_API_KEY is set for openai ({found}) at https://gateway.example.org:8443/v1" in text
    assert "ANTHROPIC" not in text
    assert "No service's key is set" in describe_config(load_configuration(None, {}, {}))


def test_a_setting_that_is_no_address_is_shown_as_it_is():
    url = {"limits.backend": "sqlite", "limits.url": "/var/rates#1.sqlite"}
    assert json.loads(config_json(load_configuration(None, url, {})))["limits.url"]["value"] == "/var/rates#1.sqlite"


@pytest.mark.parametrize("show", [describe_config, config_json])
def test_no_key_and_no_password_is_printed(configuration, show):
    assert "hush" not in show(configuration)


def test_a_job_is_told_by_name_time_and_places(configuration):
    (job,) = json.loads(config_json(configuration))["schedule"]["value"]
    assert job == "nightly (0 2 * * *, UTC): sftp://files.example.org/in -> /made, with limits.url"


def test_a_password_is_taken_out_and_the_rest_of_an_address_left(configuration):
    assert json.loads(config_json(configuration))["limits.url"]["value"] == "redis://redis.example.org:6379/0"
