"""One run on one output; who comes second is told who is first, and who comes after a dead one is told that too."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import FileAccessError
from pipeline.store.work_folder import Holder, WorkFolder
from tests.unit.store.stores import full

DYING = """
from tests.unit.store.test_work_folder import holder
from pipeline.store.work_folder import WorkFolder
work = WorkFolder(folder)
with work.held(holder("20261121-120000-dead")) as before:
    work.note_delivery("ab" * 32)
    (folder / ".0123.20261121-120000-dead.tmp").write_bytes(b"half")
    print(before, flush=True)
    sys.stdin.readline()
"""


def holder(run_id="20261121-120100-beef", **changes):
    return Holder(
        run_id=run_id,
        pid=123,
        host="night",
        user="ann",
        started=datetime(2026, 11, 21, 12, 1, tzinfo=UTC),
        input=Path("/decks/in.pptx"),
        output=Path("/decks/out.pptx"),
        **changes,
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_nothing_is_made_before_it_is_held(tmp_path):
    assert WorkFolder(tmp_path / "out.work").log_file == tmp_path / "out.work" / "run.log"
    assert not list(tmp_path.iterdir())


def test_the_note_is_there_while_it_is_held_and_gone_after(tmp_path):
    work = WorkFolder(tmp_path / "a" / "out.work")
    with work.held(holder()) as dead:
        assert dead is None
        assert json.loads((work.path / "run.json").read_bytes())["run_id"] == "20261121-120100-beef"
    assert names(work.path) == []
    with WorkFolder(work.path).held(holder()) as dead:
        assert dead is None


def test_a_second_run_is_told_who_holds_it(tmp_path):
    one, other = WorkFolder(tmp_path / "out.work"), WorkFolder(tmp_path / "out.work")
    with one.held(holder()):
        with pytest.raises(FileAccessError) as raised, other.held(holder("later")):
            pass
        assert json.loads((one.path / "run.json").read_bytes())["run_id"] == "20261121-120100-beef"
    since = datetime(2026, 11, 21, 12, 1, tzinfo=UTC).astimezone()
    assert str(raised.value) == (
        f"{one.path}: run 20261121-120100-beef (pid 123 on night, by ann, since {since:%Y-%m-%d %H:%M}) is at work on"
        " this output; wait for it to end"
    )


@pytest.mark.parametrize("note", [None, b"{"])
def test_a_second_run_is_turned_away_even_where_no_note_says_by_whom(tmp_path, note):
    work = WorkFolder(tmp_path / "out.work")
    with work.held(holder()):
        (work.path / "run.json").unlink()
        if note is not None:
            (work.path / "run.json").write_bytes(note)
        with pytest.raises(FileAccessError, match="another run is at work"), WorkFolder(work.path).held(holder()):
            pass


def test_whoever_comes_after_a_killed_run_is_told_of_it_and_cleans_up(store_program, tmp_path):
    work = WorkFolder(tmp_path / "out.work")
    process = store_program(DYING, work.path)
    assert process.stdout.readline() == "None\n"
    with pytest.raises(FileAccessError, match="run 20261121-120000-dead"), work.held(holder()):
        pass
    process.kill()
    process.communicate()
    (work.path / ".4567.20261120-090000-cafe.tmp").write_bytes(b"of one that died before it")
    (work.path / "notes.tmp").write_bytes(b"a person's")
    with work.held(holder()) as dead:
        assert dead == holder("20261121-120000-dead", delivered=("ab" * 32,))
        assert names(work.path) == ["notes.tmp", "run.json", "run.lock"]
    with work.held(holder()) as dead:
        assert dead is None


def test_a_run_that_is_left_by_an_exception_leaves_its_note_and_no_lock(tmp_path):
    work = WorkFolder(tmp_path / "out.work")
    with pytest.raises(KeyError), work.held(holder("first")):
        raise KeyError
    with work.held(holder("second")) as dead:
        assert dead is not None
        assert dead.run_id == "first"


def test_a_dead_runs_note_stays_until_the_next_has_written_its_own(tmp_path, monkeypatch):
    work = WorkFolder(tmp_path / "out.work")
    with pytest.raises(KeyError), work.held(holder("first")):
        raise KeyError
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(FileAccessError, match=r"run\.json: cannot be written"), work.held(holder("second")):
            pass
    with work.held(holder("third")) as dead:
        assert dead is not None
        assert dead.run_id == "first"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"run_id": "x"}', b"\xff\xfe"])
def test_a_damaged_note_names_nobody(tmp_path, damage):
    work = WorkFolder(tmp_path / "out.work")
    work.path.mkdir()
    (work.path / "run.json").write_bytes(damage)
    with work.held(holder()) as dead:
        assert dead is None


def test_every_delivery_is_noted_and_only_by_who_holds_the_folder(tmp_path):
    work = WorkFolder(tmp_path / "out.work")
    with pytest.raises(RuntimeError):
        work.note_delivery("a")
    with suppress(KeyError), work.held(holder()):
        work.note_delivery("a")
        work.note_delivery("b")
        raise KeyError
    with pytest.raises(RuntimeError):
        work.note_delivery("c")
    with work.held(holder()) as dead:
        assert dead is not None
        assert dead.delivered == ("a", "b")


def test_a_note_that_vanished_is_no_error(tmp_path):
    work = WorkFolder(tmp_path / "out.work")
    with work.held(holder()):
        (work.path / "run.json").unlink()
    assert names(work.path) == []


def test_names_of_files_that_are_no_text_can_be_noted(tmp_path):
    work = WorkFolder(tmp_path / "out.work")
    odd = replace(holder(), input=Path(os.fsdecode(b"/decks/\xff.pptx")))
    with pytest.raises(KeyError), work.held(odd):
        raise KeyError
    with work.held(holder()) as dead:
        assert dead is not None
        assert dead.run_id == odd.run_id


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path):
    (tmp_path / "file").write_text("")
    work = WorkFolder(tmp_path / "file" / "out.work")
    with pytest.raises(FileAccessError, match=r"output\.work_folder"), work.held(holder()):
        pass


def test_a_disk_that_fails_lets_nobody_begin_and_leaves_no_lock(tmp_path, monkeypatch):
    work = WorkFolder(tmp_path / "out.work")
    work.path.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(FileAccessError, match="No space left on device"), work.held(holder()):
            pytest.fail("it began")
    assert names(work.path) == []
    with work.held(holder()) as dead:
        assert dead is None


def test_the_note_of_a_run_that_is_known_to_be_over_can_be_removed_and_no_other(tmp_path):
    work = WorkFolder(tmp_path / "out.work")
    work.forget("first")
    assert not work.path.exists()
    with pytest.raises(KeyError), work.held(holder("first")):
        raise KeyError
    work.forget("other")
    assert "run.json" in names(work.path)
    work.forget("first")
    assert "run.json" not in names(work.path)


def test_a_note_is_not_removed_under_who_holds_the_folder(tmp_path):
    work = WorkFolder(tmp_path / "out.work")
    with work.held(holder("first")):
        WorkFolder(work.path).forget("first")
        assert "run.json" in names(work.path)


def test_a_folder_that_was_removed_meanwhile_is_made_anew_for_a_delivery(tmp_path):
    work = WorkFolder(tmp_path / "out.work")
    with suppress(KeyError), work.held(holder()):
        shutil.rmtree(work.path)
        work.note_delivery("a")
        raise KeyError
    with work.held(holder()) as dead:
        assert dead is not None
        assert dead.delivered == ("a",)
