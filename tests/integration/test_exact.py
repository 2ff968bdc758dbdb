"""With `--exact` a deck is seen as LibreOffice shows it, before its slots are chosen and before it is delivered."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace

import pytest
from PIL import Image

from pipeline.config.loader import load_configuration
from pipeline.engine.clock import SystemClock
from pipeline.images.fitting import fit_to_slot
from pipeline.images.unfinished import ReceiptsInMemory
from pipeline.records import PictureFinish, Slot, SlotKind
from pipeline.runs.looking import faults_seen
from pipeline.runs.preparing import Order, prepare
from tests.builders import box
from tests.integration.support import our_pictures

pytestmark = pytest.mark.slow

needs_office = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed; .ci/run installs it"
)


@pytest.fixture
def painting() -> Image.Image:
    """A picture that shows on any ground."""
    return Image.new("RGB", (300, 300), "teal")


@needs_office
@pytest.mark.timeout(180)
def test_a_deck_is_illustrated_by_what_a_render_shows(run, make_deck, out):
    ran = run(make_deck(2), "-o", out, "--offline", "--exact")
    assert ran.code == 0, ran.report
    assert set(our_pictures(out)) == {2, 3}


@needs_office
@pytest.mark.timeout(180)
def test_a_picture_over_text_is_seen_in_the_finished_deck(make_deck, painting):
    """Slide 2 gets a picture over its text, slide 3 one where it was planned."""
    exact = {"layout.ink": "rendered", "prompts.provider": "offline", "images.provider": "offline"}
    order, receipts = Order(input=make_deck(2)), ReceiptsInMemory()
    prepared = prepare(order, load_configuration(None, exact), SystemClock(), receipts)
    with closing(prepared.services), closing(prepared.file):
        over_text = Slot(kind=SlotKind.FREE, box=box(0.5, 1.5, 6, 4))
        jobs = {2: replace(prepared.jobs[2], slot=over_text), 3: prepared.jobs[3]}
        for number, job in jobs.items():
            window = (0, 0, 300, round(300 / job.slot.box.aspect_ratio))
            picture = fit_to_slot(painting, window, job.slot.box, max_px_per_in=50)
            prepared.file.insert(
                number, job.slot, picture, name=f"Picture {number}", alt_text="Paint", finish=PictureFinish()
            )
        seen = list(faults_seen(replace(prepared, jobs=jobs), prepared.renders))
    assert [(number, fault) for number, _, fault in seen] == [(2, "the picture covers something in the finished deck")]


def test_without_libreoffice_one_line_says_what_to_do(run, make_deck, out, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = run(make_deck(1), "-o", out, "--offline", "--exact")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "LibreOffice" in ran.err
    assert "layout.ink: estimated" in ran.err
