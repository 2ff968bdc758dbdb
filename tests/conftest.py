"""Every test starts without keys, without a .env, without anything a person keeps, in an empty folder of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fakes import AnthropicServer, OpenAIServer

ROOT = Path(__file__).parent.parent
DECKS = ROOT.parent / "shared" / "decks"
_OF_SERVICES = ("_KEY", "_TOKEN", "_BASE_URL")


@pytest.fixture(autouse=True)
def _bare_surroundings(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "OPENAI_", "DECK_ILLUSTRATOR_")) or name.endswith(_OF_SERVICES):
            monkeypatch.delenv(name)
    home = str(tmp_path.with_name(f"{tmp_path.name}.home"))  # made by who writes there
    monkeypatch.setenv("DECK_ILLUSTRATOR_HOME", home)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, home)  # for tests that give the program another environment
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def claude(monkeypatch):
    """The Anthropic protocol on loopback, its key and address in the environment."""
    with AnthropicServer() as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", server.api_key)
        yield server


@pytest.fixture
def openai(monkeypatch):
    """The OpenAI Images protocol on loopback, its key and address in the environment. It draws small pictures."""
    with OpenAIServer(shrink=4) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", server.api_key)
        yield server
