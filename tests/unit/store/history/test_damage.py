"""A file that is damaged or taken away is begun anew, and the runs under way lose nothing."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing

import pytest

from pipeline.errors import FileAccessError
from pipeline.records.history import AttemptState, RunState
from pipeline.store.history import Scope
from tests.unit.store.history.support import NOT_A_DATABASE, Desk, names, one_run, run_record, together


@pytest.fixture
def file(tmp_path):
    return tmp_path / "history.sqlite"


def spoil(file):
    """Overwrite all pages but the first with rubbish, in the file and in what is not yet in it."""
    with file.open("r+b") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(4096)
        opened.write(b"\xa5" * (size - 4096))


def checkpointed(file):
    """All of it in the file itself."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("damage", ["no database", "pages"])
def test_a_file_that_is_damaged_at_opening_is_put_aside_with_one_warning(tmp_path, file, damage):
    if damage == "no database":
        file.write_bytes(NOT_A_DATABASE)
    else:
        with Desk(tmp_path) as desk:
            desk.done()
        spoil(file)
    before = file.read_bytes()
    with Desk(tmp_path) as desk:
        desk.begin_run()
        number = desk.done(cost_usd=0.5)
        (warning,) = desk.warnings
        assert desk.history.attempt(number).cost_usd == 0.5
        assert desk.history.spent(Scope()).usd == 0.5
    kept = tmp_path / "history.sqlite.damaged-20261118-120000"
    assert kept.read_bytes() == before
    assert warning.startswith(f"{file}: damaged (")
    assert kept.name in warning
    assert "\n" not in warning


def test_one_that_is_damaged_in_the_middle_takes_nothing_of_the_run_with_it(desk, tmp_path, file):
    desk.begin_run(deck="/q3.pptx")
    done, pending = desk.done(cost_usd=0.5), desk.begin()
    checkpointed(file)
    spoil(file)
    desk.history.end_attempt(pending, cost_usd=0.25)
    assert desk.history.run("run-1").deck == "/q3.pptx"
    assert len(desk.warnings) == 1
    assert desk.history.spent(Scope()).usd == 0.75
    assert desk.history.attempt(done).state is AttemptState.SUCCESS
    assert desk.begin() not in {done, pending}
    desk.history.end_run(run_record(state=RunState.SUCCESS), [])
    assert desk.history.run("run-1").state is RunState.SUCCESS
    assert len([name for name in names(tmp_path) if re.fullmatch(r"history\.sqlite\.damaged-[\d-]+", name)]) == 1
    assert not [name for name in names(tmp_path) if name.endswith(".lock")]


def test_damage_found_by_looking_is_put_aside_too(desk, tmp_path, file):
    file.write_bytes(NOT_A_DATABASE)
    assert desk.history.runs() == []
    assert len(desk.warnings) == 1
    assert not file.exists()


def test_damage_that_comes_twice_in_a_second_keeps_both(tmp_path, file):
    for _ in range(2):
        file.write_bytes(NOT_A_DATABASE)
        with Desk(tmp_path) as desk:
            desk.begin_run()
        file.unlink()
    assert names(tmp_path) == [f"history.sqlite.damaged-20261118-120000{ending}" for ending in ("", "-2")]


def test_two_who_share_a_damaged_file_share_the_new_one(tmp_path, file):
    with Desk(tmp_path) as desk, Desk(tmp_path) as other:
        desk.begin_run("run-1")
        other.begin_run("run-2")
        first, second = desk.begin(run_id="run-1"), other.begin(run_id="run-2")
        checkpointed(file)
        spoil(file)
        third = desk.begin(run_id="run-1")
        assert third == second  # the new file gives the id anew that the other still holds
        other.history.end_attempt(second, cost_usd=0.25)
        desk.history.end_attempt(first, cost_usd=1.0)
        desk.history.end_attempt(third, cost_usd=2.0)
        assert other.history.attempt(second).run_id == "run-2"
        costs = {attempt.run_id: [] for attempt in desk.history.attempts()}
        for attempt in desk.history.attempts():
            costs[attempt.run_id].append(attempt.cost_usd)
        assert costs == {"run-1": [1.0, 2.0], "run-2": [0.25]}
        assert [len(one.warnings) for one in (desk, other)] == [1, 1]
    assert {name[:24] for name in names(tmp_path)} == {"history.sqlite", "history.sqlite.damaged-2"}


def test_processes_that_find_the_damage_at_once_put_it_aside_once(tmp_path, file):
    file.write_bytes(NOT_A_DATABASE)
    together(one_run, "", tmp_path)
    assert names(tmp_path)[0] == "history.sqlite"
    assert len(names(tmp_path)) == 2
    with Desk(tmp_path) as desk:
        assert len(desk.history.runs()) == 4


def test_a_file_that_vanishes_is_begun_anew_with_what_the_run_knows(desk, file):
    desk.begin_run()
    number = desk.begin()
    file.unlink()
    desk.history.end_attempt(number, cost_usd=0.5)
    assert desk.history.spent(Scope(run_id="run-1")).usd == 0.5
    (warning,) = desk.warnings
    assert "taken away" in warning
    assert desk.history.run("run-1") is not None


def test_one_that_vanishes_while_nobody_is_connected_to_it_is_begun_anew_as_well(tmp_path, file):
    with Desk(tmp_path, busy_timeout_s=0.1) as desk:
        desk.begin_run()
        desk.begin()
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(FileAccessError):
                desk.begin()
        file.unlink()
        desk.begin()
        assert len(desk.warnings) == 1
        assert desk.history.run("run-1") is not None
        assert desk.history.spent(Scope()).images == 2
