"""A file is there whole or not at all."""

from __future__ import annotations

import os

import pytest

from pipeline.store.files import write_whole


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
