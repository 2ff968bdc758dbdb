"""The whole program against protocol servers on loopback: real SDKs, real decks, nothing replaced inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from pptx.util import Inches

from pipeline.cli import main
from tests.integration.forked import Forge
from tests.integration.half_price import SLIDES, WAITING

FAST = "workers: {prompt_delay_s: 0, image_delay_s: 0}\n"


COARSE = FAST + "layout: {max_px_per_in: 50}\n"
"""Pictures of few pixels, which are drawn in a sixteenth of the time."""


@dataclass
class Ran:
    """What a command left behind. `report` is the JSON of `--json`, None without it."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.out)

    def slide(self, number: int) -> dict[str, Any]:
        return self.report["slides"][number - 1]


@pytest.fixture
def run(capsys, tmp_path):
    """Run the program as a user types it, delays off unless a config is given."""

    def call(*words: object, config: str = FAST, as_json: bool = True) -> Ran:
        settings = tmp_path / "illustrate.yaml"
        settings.write_text(config, encoding="utf-8")
        extra = ["--json"] if as_json else []
        code = main([*map(str, words), "--config", str(settings), *extra])
        captured = capsys.readouterr()
        return Ran(code=code, out=captured.out, err=captured.err)

    return call


@pytest.fixture
def services(claude, openai):
    """Both."""
    return claude, openai


@pytest.fixture
def make_deck(tmp_path):
    """A deck of a title slide and `content` slides whose text leaves the right half free."""

    def make(content: int = 5, name: str = "deck.pptx") -> Path:
        path = tmp_path / name
        path.write_bytes(_deck_of(content))
        return path

    return make


@cache
def _deck_of(content: int) -> bytes:
    """Such a deck's file."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    opening = presentation.slides.add_slide(presentation.slide_layouts[0])
    opening.shapes.title.text = "How rivers shape the land"
    for number in range(1, content + 1):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        title, body = slide.shapes.title, slide.placeholders[1]
        title.left, title.top, title.width, title.height = map(Inches, (0.5, 0.4, 12, 1))
        body.left, body.top, body.width, body.height = map(Inches, (0.5, 1.6, 6, 5))
        title.text = f"Stage {number} of a river"
        body.text_frame.text = f"Water carries stones and sand, part {number}"
    file = BytesIO()
    presentation.save(file)
    return file.getvalue()


@pytest.fixture(scope="session")
def _forge() -> Iterator[Forge]:
    with Forge() as forge:
        yield forge


@pytest.fixture
def forge(_forge) -> Iterator[Forge]:
    """Where processes of the program come from; none outlives its test."""
    try:
        yield _forge
    finally:
        _forge.end_all()


@pytest.fixture
def out(tmp_path) -> Path:
    """Where `illustrate` puts the deck."""
    return tmp_path / "out.pptx"


@pytest.fixture
def illustrate(run, make_deck, out):
    """Run the program on a deck with so many content slides."""

    def call(content: int, *words: str, **how: str) -> Ran:
        return run(make_deck(content), "-o", out, *words, **how)

    return call


@pytest.fixture
def batch(illustrate):
    """One start of the same command with `--batch`, on a deck of three content slides."""

    def start(*words: str, content: int = SLIDES, **how: str):
        return illustrate(content, "--batch", *words, **how)

    return start


@pytest.fixture
def finish(services):
    """Let both services end all their batches."""

    def end() -> None:
        for server in services:
            server.batches.finish()

    return end


@pytest.fixture
def to_pictures(batch, finish):
    """The first two starts: prompts collected, pictures handed in."""

    def go(**how: str):
        assert batch(**how).code == WAITING
        finish()
        second = batch(**how)
        assert second.code == WAITING, second.err
        return second

    return go
