"""The Python door opens on the same run as the command line's."""

from __future__ import annotations

import pytest
from pptx import Presentation

from pipeline import ExitCode, PipelineError, Settings, illustrate_deck, strip_deck
from pipeline.events import RunEnded, RunStarted
from tests.conftest import ROOT

SAMPLE = ROOT / "samples" / "rtl-hebrew.pptx"
OFFLINE = Settings.model_validate({"prompts": {"provider": "offline"}, "images": {"provider": "offline"}})


def test_a_deck_is_illustrated_and_told_of_as_it_happens(tmp_path):
    events = []
    report = illustrate_deck(SAMPLE, tmp_path / "out.pptx", settings=OFFLINE, slides="2-3", progress=events.append)
    assert report.exit_code is ExitCode.OK
    assert report.output == tmp_path / "out.pptx"
    assert len(Presentation(str(report.output)).slides) == 9
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunEnded)


def test_settings_are_made_in_python_with_the_documented_defaults():
    settings = Settings(style="photo")
    assert settings.workers.image_workers == 2
    assert settings.gate.min_success_rate == 0.8


def test_a_run_that_cannot_begin_raises(tmp_path):
    with pytest.raises(PipelineError, match="gone"):
        illustrate_deck(tmp_path / "gone.pptx", settings=OFFLINE)


def test_our_pictures_can_be_taken_out_again(tmp_path):
    illustrate_deck(SAMPLE, tmp_path / "out.pptx", settings=OFFLINE, slides="2")
    report = strip_deck(tmp_path / "out.pptx")
    assert (report.exit_code, report.removed) == (ExitCode.OK, 1)
    assert report.output == tmp_path / "out.stripped.pptx"
    assert report.output.is_file()
