"""Every test starts without keys, without a .env, and in an empty folder of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DECKS = ROOT.parent / "shared" / "decks"


@pytest.fixture(autouse=True)
def _bare_surroundings(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "OPENAI_", "DECK_ILLUSTRATOR_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
