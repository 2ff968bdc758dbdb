"""Every test starts without keys, without a .env, without anything a person keeps, in an empty folder of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
