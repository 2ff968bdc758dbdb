"""What a run finds of others before it is told, closed and swept; what is alive is left alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace

from pipeline.records.history import LOST, AttemptState, RunState
from pipeline.runs.past.recording import begin_recording
from pipeline.runs.past.run_records import beginning
from pipeline.runs.past.taking_over import end_the_dead
from tests.unit.runs.paying import picture
from tests.unit.runs.scenes import SETTINGS, holder
from tests.unit.store.stores import image


def gone():
    """The number of a process that was."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_who_takes_over_says_what_the_dead_may_have_paid_for(scene):
    dead = scene.run("run-1")
    begin_recording(dead, None, SETTINGS, scene.around)
    block = scene.ledger(dead).entered(picture(2), 10)
    block.__enter__()  # and it is never left
    left = scene.folder / f".abc.{dead.id}.tmp"
    left.write_bytes(b"half a deck")
    begin_recording(scene.run("run-2"), holder("run-1", scene.folder), SETTINGS, scene.around)
    (line,) = scene.heard()
    assert line.startswith("Run run-1 was broken off; this one goes on with what it paid for; ")
    assert line.endswith("; 1 of its calls, about $0.0500, may have been charged without an answer.")
    assert scene.history.run("run-1").state is RunState.BROKEN_OFF
    (call,) = scene.history.attempts("run-1")
    assert (call.state, call.error_kind, call.may_be_charged) == (AttemptState.ERROR, LOST, True)
    assert not left.exists()
    block.__exit__(None, None, None)


def test_whose_picture_reached_the_store_had_succeeded(scene):
    """The process died between the picture's file and its row."""
    dead, held = scene.run("run-1"), ExitStack()
    begin_recording(dead, None, SETTINGS, scene.around)
    for number in (2, 3):
        held.enter_context(scene.ledger(dead).entered(picture(number), 10))
    dead.keeping.store.keep_picture(picture(2).request, image())
    scene.run("another").keeping.store.keep_picture(picture(3).request, image())  # which paid for its own
    begin_recording(scene.run("run-2"), holder("run-1", scene.folder), SETTINGS, scene.around)
    assert [(call.state, call.cost_usd, call.may_be_charged) for call in scene.history.attempts("run-1")] == [
        (AttemptState.SUCCESS, image().cost_usd, False),
        (AttemptState.ERROR, None, True),
    ]
    assert scene.heard()[0].endswith("; 1 of its calls, about $0.0500, may have been charged without an answer.")
    held.close()


def test_a_batch_that_was_never_handed_in_cost_nothing(scene):
    dead = scene.run("run-1")
    begin_recording(dead, None, SETTINGS, scene.around)
    scene.ledger(dead).reserve(picture(2), batch="run-1-image")
    begin_recording(scene.run("run-2"), holder("run-1", scene.folder), SETTINGS, scene.around)
    (call,) = scene.history.attempts("run-1")
    assert (call.state, call.may_be_charged, call.cost_usd) == (AttemptState.ERROR, False, 0.0)
    assert scene.heard() == ["Run run-1 was broken off; this one goes on with what it paid for."]


def test_what_died_without_an_heir_is_broken_off_and_what_lives_is_left_alone(scene):
    here, held = socket.gethostname(), ExitStack()  # a call that is under way until its process ends
    for name, pid, host in (("dead", gone(), here), ("alive", os.getppid(), here), ("far", gone(), "elsewhere")):
        scene.history.begin_run(replace(beginning(name, scene.clock, None, 1), pid=pid, host=host))
        held.enter_context(scene.ledger(scene.run(name)).entered(picture(None), 10))
    end_the_dead(scene.run("now").keeping, beginning("now", scene.clock, None, 1))
    states = {name: scene.history.run(name).state for name in ("dead", "alive", "far")}
    assert states == {"dead": RunState.BROKEN_OFF, "alive": RunState.PENDING, "far": RunState.PENDING}
    assert [call.may_be_charged for call in scene.history.attempts("dead")] == [True]
    assert [call.state for call in scene.history.attempts("alive")] == [AttemptState.PENDING]
    held.close()
