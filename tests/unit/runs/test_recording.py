"""What the history is told of a run, and of the one that died before it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.config.settings import Settings
from pipeline.engine.board import Board
from pipeline.engine.clock import StopSignal
from pipeline.errors import ExitCode, FileAccessError
from pipeline.outcomes import RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.records.history import LOST, AttemptState, RunState
from pipeline.runs import recording
from pipeline.runs.assembly import Run, Surroundings
from pipeline.runs.budgets import Account
from pipeline.runs.keeping import Keeping
from pipeline.runs.ledger import Ledger
from pipeline.runs.recording import begin, beginning, ended_with, new_run_id, user_name
from pipeline.store.history import open_history
from pipeline.store.keeping import Store
from pipeline.store.work_folder import Holder, WorkFolder
from tests.builders import plan
from tests.clocks import ManualClock
from tests.unit.runs.paying import picture

SETTINGS = Settings.model_validate({"project": "acme", "budget": {"credits_per_image": 2.0}})


class Scene:
    """Runs on one deck, one after the other, with all that outlives them."""

    def __init__(self, folder):
        self.folder, self.clock, self.told = folder, ManualClock(), []
        self.history = open_history(None, folder, now=self.clock.now, warn=self.told.append)
        self.around = Surroundings(sink=lambda event: None, clock=self.clock)

    def run(self, name):
        return Run(
            id=name,
            prepared=SimpleNamespace(),
            account=Account(run_id=name, deck=("ab" * 32, "/talks/rivers.pptx"), project="acme"),
            work_key="cd" * 32,
            keeping=Keeping(store=Store(self.folder / "store", owner=name, now=self.clock.now), history=self.history),
            output=self.folder / "out.pptx",
            may_overwrite=False,
            board=Board([plan(2), plan(3)], 0.8, lambda event: None),
            stop=StopSignal(),
            work_folder=WorkFolder(self.folder / "out.work"),
        )

    def ledger(self, run):
        return Ledger(self.history, SETTINGS.budget, run.account, self.clock, run.stop)

    def heard(self):
        return [self.around.mailbox.get().text for _ in range(self.around.mailbox.qsize())]


@pytest.fixture
def scene(tmp_path):
    with_history = Scene(tmp_path)
    yield with_history
    with_history.history.close()


def holder(name, folder):
    return Holder(
        run_id=name,
        pid=1,
        host="here",
        user="ann",
        started=ManualClock().now(),
        input=folder / "deck.pptx",
        output=folder / "out.pptx",
    )


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
    begin(scene.run("run-1"), None, SETTINGS, scene.around)
    found = scene.history.run("run-1")
    assert (found.state, found.project, found.planned, found.deck) == (
        *(RunState.PENDING, "acme", 2, "/talks/rivers.pptx"),
    )
    assert (found.user, found.output) == (user_name(), str(scene.folder / "out.pptx"))
    assert scene.heard() == []


def test_its_end_tells_what_became_of_it_and_where_its_money_went(scene):
    run = scene.run("run-1")
    begun = begin(run, None, SETTINGS, scene.around)
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
    begun = begin(run, None, SETTINGS, scene.around)
    database = scene.folder / "history.sqlite"
    scene.history.close()
    database.unlink()
    database.mkdir()
    told = begun.ended(report(run), "")
    assert (told.exit_code, told.output) == (ExitCode.PARTIAL, run.output)
    assert told.message.startswith("the end of the run is not in the history: ")
    with pytest.raises(FileAccessError):
        begin(scene.run("run-2"), None, SETTINGS, scene.around)
    database.rmdir()


def test_who_takes_over_says_what_the_dead_may_have_paid_for(scene):
    dead = scene.run("run-1")
    begin(dead, None, SETTINGS, scene.around)
    block = scene.ledger(dead).entered(picture(2), 10)
    block.__enter__()  # and it is never left
    left = scene.folder / f".abc.{dead.id}.tmp"
    left.write_bytes(b"half a deck")
    begin(scene.run("run-2"), holder("run-1", scene.folder), SETTINGS, scene.around)
    (line,) = scene.heard()
    assert line.startswith("Run run-1 was broken off; this one goes on with what it paid for; ")
    assert line.endswith("; 1 of its calls, about $0.0500, may have been charged without an answer.")
    assert scene.history.run("run-1").state is RunState.BROKEN_OFF
    (call,) = scene.history.attempts("run-1")
    assert (call.state, call.error_kind, call.may_be_charged) == (AttemptState.ERROR, LOST, True)
    assert not left.exists()
    block.__exit__(None, None, None)


def test_a_batch_that_was_never_handed_in_cost_nothing(scene):
    dead = scene.run("run-1")
    begin(dead, None, SETTINGS, scene.around)
    scene.ledger(dead).reserve(picture(2), batch="run-1-image")
    begin(scene.run("run-2"), holder("run-1", scene.folder), SETTINGS, scene.around)
    (call,) = scene.history.attempts("run-1")
    assert (call.state, call.may_be_charged, call.cost_usd) == (AttemptState.ERROR, False, 0.0)
    assert scene.heard() == ["Run run-1 was broken off; this one goes on with what it paid for."]


@pytest.mark.parametrize(
    ("code", "state"),
    [(ExitCode.OK, RunState.SUCCESS), (ExitCode.PARTIAL, RunState.PARTIAL), (ExitCode.BUDGET, RunState.FAILED)],
)
def test_pictures_without_a_deck_are_a_run_too(scene, code, state):
    begun = beginning("run-1", scene.clock, None, 5)
    ended = ended_with(begun, code, made=3, message="why", clock=scene.clock)
    assert (ended.state, ended.exit_code, ended.illustrated, ended.failed) == (state, code, 3, 2)
    assert (ended.project, ended.message, ended.finished) == ("", "why", scene.clock.now())


def test_two_runs_of_one_second_have_ids_of_their_own(scene):
    names = {new_run_id(scene.clock) for _ in range(20)}
    assert len(names) > 1
    assert all(name.startswith("20261120-120000-") for name in names)


def test_a_user_without_a_name_has_a_number(monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(recording.os, "getuid", lambda: 54321)  # nobody by that number: as in containers
    assert user_name() == "54321"
