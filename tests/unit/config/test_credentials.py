"""Keys are read from the environment and cannot be printed by accident."""

from __future__ import annotations

import pytest

from pipeline.config.credentials import read_credentials
from pipeline.config.loader import load_configuration

KEYS = {"ANTHROPIC_API_KEY": "sk-ant-hush", "OPENAI_API_KEY": " sk-hush\n", "OPENAI_BASE_URL": "http://localhost/v1"}


def test_keys_and_addresses_are_read():
    credentials = read_credentials(KEYS)
    assert credentials.anthropic.key.get_secret_value() == "sk-ant-hush"
    assert credentials.anthropic.base_url is None
    assert credentials.openai.key.get_secret_value() == "sk-hush", "a copied key often ends in a line break"
    assert credentials.openai.base_url == "http://localhost/v1"
    assert credentials.openai.key_variable == "OPENAI_API_KEY"


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_is_no_key(value):
    credentials = read_credentials({"OPENAI_API_KEY": value, "OPENAI_BASE_URL": value})
    assert credentials.openai.key is None
    assert credentials.openai.base_url is None
    assert credentials.secrets == ()


@pytest.mark.parametrize("show", [repr, str, "{}".format])
def test_no_printing_shows_a_key(show):
    configuration = load_configuration(environ=KEYS)
    for thing in (configuration, configuration.credentials, configuration.credentials.openai, configuration.settings):
        assert "hush" not in show(thing)


def test_every_key_is_known_for_taking_it_out_of_what_is_written():
    assert set(read_credentials(KEYS).secrets) == {"sk-ant-hush", "sk-hush"}
