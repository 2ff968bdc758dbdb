"""What the history is told of a run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import ExitCode, FileAccessError
from pipeline.outcomes import RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.records.history import RunState
from pipeline.runs.past.recording import begin_recording
from pipeline.runs.past.run_records import user_name
from tests.unit.runs.paying import picture
from tests.unit.runs.scenes import SETTINGS


def report(run, **facts):
    usual = {
        "status": RunStatus.PARTIAL,
        "exit_code": ExitCode.PARTIAL,
        "output": run.output,
        "slides": (
            SlideOutcome(number=2, title="Rain", status=SlideStatus.ILLUSTRATED, reason="", image=Path("ef.png")),
            SlideOutcome(number=3, title="Snow", status=SlideStatus.PLACEHOLDER, reason="refused", saved_usd=0.01),
        ),
    }
    return RunReport(run_id=run.id, input=Path("deck.pptx"), **usual | facts)


def test_a_run_is_in_the_history_from_its_beginning(scene):
    begin_recording(scene.run("run-1"), None, SETTINGS, scene.around)
    found = scene.history.run("run-1")
    assert (found.state, found.project, found.planned, found.deck) == (
        *(RunState.PENDING, "acme", 2, "/talks/rivers.pptx"),
    )
    assert (found.user, found.output) == (user_name(), str(scene.folder / "out.pptx"))
    assert scene.heard() == []


def test_its_end_tells_what_became_of_it_and_where_its_money_went(scene):
    run = scene.run("run-1")
    begun = begin_recording(run, None, SETTINGS, scene.around)
    with scene.ledger(run).entered(picture(2), 10) as entry:
        entry.cost_usd = 0.06
    scene.clock.advance(60)
    told = begun.ended(report(run), "9f" * 32)
    assert (told.money.delivered_usd, told.money.saved_usd, told.money.credits) == (0.06, 0.01, 2.0)
    found = scene.history.run("run-1")
    assert (found.state, found.exit_code, found.illustrated, found.failed) == (RunState.PARTIAL, 20, 1, 1)
    assert (found.cost_usd, found.output_hash) == (0.06, "9f" * 32)
    assert found.finished - found.created == timedelta(seconds=60)
    first, second = scene.history.slides("run-1")
    assert (first.status, first.image_hash, second.status, second.reason) == (
        *("illustrated", "ef", "placeholder", "refused"),
    )


def test_a_history_that_cannot_be_written_at_the_end_takes_nothing_back(scene):
    run = scene.run("run-1")
    begun = begin_recording(run, None, SETTINGS, scene.around)
    database = scene.folder / "history.sqlite"
    scene.history.close()
    database.unlink()
    database.mkdir()
    told = begun.ended(report(run), "")
    assert (told.exit_code, told.output) == (ExitCode.PARTIAL, run.output)
    assert told.message.startswith("the end of the run is not in the history: ")
    with pytest.raises(FileAccessError):
        begin_recording(scene.run("run-2"), None, SETTINGS, scene.around)
    database.rmdir()
