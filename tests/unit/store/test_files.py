"""A file is there whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from pipeline.errors import FileAccessError
from pipeline.files import sync_folder
from pipeline.store.files import changing, make_folder, refusals_told, temporaries, write_together, write_whole


def test_the_data_arrives_and_nothing_else_is_left(tmp_path):
    write_whole(tmp_path / "a.png", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.png": b"new"}


def test_an_older_file_is_replaced(tmp_path):
    (tmp_path / "a.png").write_bytes(b"a much longer old content")
    write_whole(tmp_path / "a.png", b"new")
    assert (tmp_path / "a.png").read_bytes() == b"new"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, call):
    def fail(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "a.png").write_bytes(b"old")
    if call == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "a.png", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.png": b"old"}


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "none" / "a.png", b"new")


def test_the_file_then_its_name_are_synced(tmp_path, monkeypatch):
    synced, fsync = [], os.fsync

    def noted(descriptor):
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    write_whole(tmp_path / "a.png", b"new")
    assert synced == [False, True]


@pytest.mark.parametrize(("mode", "expected"), [(0o600, 0o600), (0o666, 0o640)])
def test_the_umask_decides_unless_it_is_private(tmp_path, mode, expected):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", b"", mode=mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == expected


def test_a_temporary_file_names_its_owner_and_is_told_from_others(tmp_path, monkeypatch):
    (tmp_path / "notes.tmp").write_bytes(b"a person's")
    fsync, seen = os.fsync, []

    def look(descriptor):
        fsync(descriptor)
        found = [sorted(temporaries(tmp_path, owner)) for owner in ("run-1", "run-11", None)]
        seen.append([len(one) for one in found])
        if len(seen) == 1:
            write_whole(tmp_path / "b", b"2", owner="run-11")

    monkeypatch.setattr(os, "fsync", look)
    write_whole(tmp_path / "a", b"1", owner="run-1")
    assert seen[:2] == [[1, 0, 1], [1, 1, 2]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "notes.tmp"]
    assert list(temporaries(tmp_path / "none")) == []


@pytest.mark.parametrize("stands", [False, True])
def test_files_that_are_written_together_are_synced_with_their_names(tmp_path, monkeypatch, stands):
    synced, fsync = [], os.fsync

    def noted(descriptor):
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    if stands:
        (tmp_path / "b").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", noted)
    write_together({tmp_path / "a": b"1", tmp_path / "b": b"2"}, owner="run-1", mode=0o600)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"1", "b": b"2"}
    assert {path.stat().st_ino for path in (tmp_path, *tmp_path.iterdir())} == set(synced)


def test_where_one_of_several_files_finds_no_room_none_is_there(tmp_path, monkeypatch):
    opened = os.open

    def full(path, flags, mode=0o777):
        if len(list(tmp_path.iterdir())) == 1:
            raise OSError(28, "No space left on device")
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(OSError, match="No space left"):
        write_together({tmp_path / "a": b"1", tmp_path / "b": b"2"}, owner="run-1", mode=0o600)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_takes_nothing_that_stood_there(tmp_path, monkeypatch):
    def fail(_):
        raise OSError(5, "Input/output error")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        write_together({tmp_path / "a": b"new"}, owner="run-1", mode=0o600)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old"}


def test_folders_are_made_with_all_above_them_for_one_person_alone(tmp_path):
    make_folder(tmp_path / "a" / "b", mode=0o700)
    make_folder(tmp_path / "a" / "b", mode=0o700)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700, 0o700]


def test_a_folder_below_a_file_cannot_be_made(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(OSError, match="File exists"):
        make_folder(tmp_path / "a" / "b")


@pytest.mark.parametrize(("number", "fails"), [(errno.EINVAL, False), (errno.EACCES, False), (errno.EIO, True)])
def test_a_folder_that_knows_no_syncing_is_not_synced_a_broken_one_is_told(tmp_path, monkeypatch, number, fails):
    def fail(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    if fails:
        with pytest.raises(OSError, match="error"):
            sync_folder(tmp_path)
    else:
        sync_folder(tmp_path)


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free space there"),
        (errno.EDQUOT, "free space there"),
        (errno.EROFS, "have it writable"),
        (errno.EACCES, "fix its rights"),
        (errno.EIO, "look after the disk"),
    ],
)
def test_what_the_disk_refuses_is_one_line_with_path_reason_and_remedy(number, remedy):
    with pytest.raises(FileAccessError) as raised, refusals_told(Path("/store/a"), "written", "store.folder"):
        raise OSError(number, os.strerror(number))
    reason = os.strerror(number)
    assert str(raised.value) == f"/store/a: cannot be written ({reason}); {remedy}, or set store.folder to another"


def test_a_file_being_changed_is_kept_from_others(tmp_path):
    path = tmp_path / "own" / "choices.json"
    with changing(path, 1), pytest.raises(FileAccessError, match="another process"), changing(path, 0):
        pass
