"""What can happen to the file, and what becomes of the run then."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from filelock import FileLock

from pipeline.errors import FileAccessError
from pipeline.records.history import AttemptState
from pipeline.store.history import RunFilter, Scope
from tests.unit.store.history.support import NOON, NOT_A_DATABASE, Desk, names


@pytest.fixture
def file(tmp_path):
    return tmp_path / "history.sqlite"


def refusal(file, deed):
    with pytest.raises(FileAccessError) as caught:
        deed()
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert "\n" not in message
    return message


def test_nothing_is_made_by_looking(desk, tmp_path):
    assert desk.history.runs() == []
    assert desk.history.run("any") is None
    assert desk.history.attempt(1) is None
    assert desk.history.attempts() == desk.history.slides("any") == desk.history.batch_attempts("any") == []
    assert desk.history.stats(RunFilter()) == []
    assert desk.history.spent(Scope()).usd == 0
    assert desk.history.prune(NOON - NOON) == 0
    assert names(tmp_path) == []


def test_what_another_wrote_after_the_first_look_is_seen(desk, tmp_path):
    assert desk.history.runs() == []
    with Desk(tmp_path) as other:
        other.begin_run()
        assert [run.id for run in desk.history.runs()] == ["run-1"]


@pytest.mark.skipif(os.name != "posix", reason="rights are told otherwise there")
def test_only_its_owner_can_read_it(tmp_path):
    with Desk(tmp_path / "deep" / "data") as desk:
        desk.begin_run()
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep" / "data").iterdir()}
    assert found == dict.fromkeys(("history.sqlite", "history.sqlite-wal", "history.sqlite-shm"), 384)
    assert stat.S_IMODE((tmp_path / "deep" / "data").stat().st_mode) == 0o700
    assert names(tmp_path / "deep" / "data") == ["history.sqlite"]


def test_a_call_is_on_the_disk_before_it_is_made(desk, file):
    desk.begin()
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("SELECT state FROM attempts").fetchall() == [("pending",)]
    assert desk.history._database._connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_file_that_is_locked_for_a_moment_is_waited_for(desk, file):
    desk.begin_run()
    with closing(sqlite3.connect(file, check_same_thread=False, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        released = threading.Timer(0.2, other.execute, ["COMMIT"])
        released.start()
        desk.begin()
        released.join()
    assert len(desk.history.attempts()) == 1


def test_a_file_that_stays_locked_is_an_error_of_one_line(tmp_path, file):
    with Desk(tmp_path, busy_timeout_s=0.1) as desk, closing(sqlite3.connect(file, isolation_level=None)) as other:
        desk.begin_run()
        other.execute("BEGIN IMMEDIATE")
        assert "locked for 0.1 s" in refusal(file, desk.begin)
        assert desk.history.runs()[0].id == "run-1"
        other.execute("COMMIT")
        desk.begin()


def test_a_file_is_made_by_one_at_a_time(tmp_path, file):
    with Desk(tmp_path, busy_timeout_s=0.1) as desk:
        with FileLock(tmp_path / "history.sqlite.lock"):
            assert "locked for 0.1 s" in refusal(file, desk.begin_run)
            assert not file.exists()
        desk.begin_run()


def test_a_thread_does_not_wait_for_another_longer_than_for_the_file(tmp_path, file):
    with Desk(tmp_path, busy_timeout_s=0.1) as desk:
        desk.begin_run()
        with desk.history._database._lock:
            assert "locked for 0.1 s" in refusal(file, desk.begin)


def test_a_file_of_something_else_is_left_alone(tmp_path):
    deck = tmp_path / "talk.pptx"
    deck.write_bytes(NOT_A_DATABASE)
    with Desk(tmp_path, url=str(deck)) as desk:
        assert "is no SQLite database" in refusal(deck, desk.begin_run)
    assert deck.read_bytes() == NOT_A_DATABASE
    assert names(tmp_path) == ["talk.pptx"]


def test_a_table_that_is_missing_is_an_error_of_one_line(desk, file):
    desk.begin_run()
    with closing(sqlite3.connect(file)) as other:
        other.execute("DROP TABLE attempts")
    assert "no such table: attempts" in refusal(file, desk.begin)


@pytest.mark.parametrize("place", ["under a file", "a folder"])
def test_a_place_that_cannot_be_one_is_named(tmp_path, place):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.sqlite").mkdir()
    file = tmp_path / "file" / "history.sqlite" if place == "under a file" else tmp_path / "folder.sqlite"
    with Desk(tmp_path, url=str(file)) as desk:
        refusal(file, desk.begin_run)


def test_a_disk_that_is_full_is_an_error_of_one_line_and_passes(desk, file):
    """SQLite's own limit on pages: it says SQLITE_FULL, as for a disk without space."""
    desk.begin_run()
    connection = desk.history._database._connection
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    connection.rollback()
    assert "the disk is full" in refusal(file, lambda: desk.begin(prompt="x" * 100_000))
    assert desk.history.attempts() == []
    desk.begin(prompt="x" * 100_000)


FULL = """
import resource, sys
from pathlib import Path
from pipeline.errors import FileAccessError
from tests.unit.store.history.support import NOON, NOT_A_DATABASE, Desk, names
with Desk(Path(sys.argv[1])) as desk:
    desk.begin_run()
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        for _ in range(100):
            desk.begin(prompt="x" * 10_000)
    except FileAccessError as error:
        print(len(desk.history.attempts()), error)
"""


def test_a_disk_that_takes_no_more_in_the_middle_of_a_write_loses_nothing_before_it(tmp_path, file):
    """The kernel itself refuses to write on."""
    ended = subprocess.run([sys.executable, "-c", FULL, tmp_path], capture_output=True, text=True, check=True)
    written, _, message = ended.stdout.strip().partition(" ")
    assert message.startswith(f"{file}: ")
    assert int(written) > 1
    with Desk(tmp_path) as desk:
        assert len(desk.history.attempts()) == int(written)


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.store.history.support import NOON, NOT_A_DATABASE, Desk, names
desk = Desk(Path(sys.argv[1]))
desk.begin_run()
desk.done()
desk.begin()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_what_it_reserved(tmp_path):
    assert subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False).returncode == -9
    with Desk(tmp_path) as desk:
        assert [attempt.state for attempt in desk.history.attempts()] == [AttemptState.SUCCESS, AttemptState.PENDING]
        assert desk.history.spent(Scope()).maybe_usd == 0.05
