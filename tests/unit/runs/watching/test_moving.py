"""A file is moved to a name nobody has, and once, wherever it is broken off."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from pipeline.runs.watching.moving import NameTakenError, move_new

OWNER = "0123456789abcdef"


@pytest.fixture(params=["here", "another disk", "no links"])
def target(request, tmp_path, monkeypatch):
    """Where to: in another folder, on another disk, on one without hard links."""
    if request.param == "another disk":
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            if Path(folder).stat().st_dev == tmp_path.stat().st_dev:
                pytest.skip("this machine has one disk")
            yield Path(folder) / "made" / "a.pptx"
        return
    if request.param == "no links":

        def refuse(*_args, **_more):
            raise PermissionError(errno.EPERM, "no links here")

        monkeypatch.setattr(os, "link", refuse)
    yield tmp_path / "made" / "a.pptx"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.pptx"
    path.write_bytes(b"the deck")
    return path


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_a_file_is_moved_whole(source, target):
    move_new(source, target, OWNER)
    assert target.read_bytes() == b"the deck"
    assert names(target.parent) == ["a.pptx"]
    assert not source.exists()
    move_new(source, target, OWNER)  # done already


def test_another_file_is_never_written_over(source, target):
    target.parent.mkdir()
    target.write_bytes(b"the deck")  # the same bytes make it no less another
    with pytest.raises(NameTakenError):
        move_new(source, target, OWNER)
    assert source.exists()
    assert target.read_bytes() == b"the deck"


@pytest.mark.parametrize("target", ["here", "another disk"], indirect=True)
@pytest.mark.parametrize("step", ["shutil.copyfile", "os.link", "os.remove"])
def test_a_move_that_was_broken_off_is_finished(source, target, dies_before, step):
    """Without links a kill in the middle of two steps cannot be told from a file that was there before."""
    for count in range(1, 10):
        with dies_before(step, count) as died:
            move_new(source, target, OWNER)
        if not died:
            break
    assert target.read_bytes() == b"the deck"
    assert names(target.parent) == ["a.pptx"]
    assert not source.exists()


@pytest.mark.parametrize("target", ["no links"], indirect=True)
def test_an_empty_file_that_a_killed_move_left_is_used(source, target):
    target.parent.mkdir()
    target.touch()
    move_new(source, target, OWNER)
    assert target.read_bytes() == b"the deck"
