"""A run and its slides as the history keeps them."""

from __future__ import annotations

import os

import pytest

from pipeline.errors import ExitCode
from pipeline.records.history import RunState
from pipeline.runs.past.run_records import beginning, ended_with, new_run_id, user_name


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
    monkeypatch.setattr(os, "getuid", lambda: 54321)  # nobody by that number: as in containers
    assert user_name() == "54321"
