"""Folders to watch, a clock turned by hand, and what is said."""

from __future__ import annotations

import sys
import zipfile
from contextlib import contextmanager

import pytest

from pipeline.runs.watching.folders import open_folders
from pipeline.runs.watching.saying import Said
from tests.clocks import ManualClock


class Notes(Said):
    """What was said, in order."""

    def __init__(self):
        self.texts = []
        super().__init__(self.texts.append)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def said():
    return Notes()


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "inbox").mkdir()
    return open_folders(tmp_path / "inbox", tmp_path / "done", tmp_path / "failed")


@pytest.fixture
def put(folders):
    """Put a file into the inbox: a whole zip unless its bytes are given."""

    def write(name, data=None):
        path = folders.inbox / name
        if data is None:
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("part", name)
        else:
            path.write_bytes(data)
        return path

    return write


class Died(BaseException):
    """As if the process had been killed: nothing of ours catches it."""


class _Reaper:
    """Lets the code under test die before its so manieth step of a kind; the interpreter tells of each (PEP 578)."""

    def __init__(self):
        self._step, self._left = "", 0
        self._is_hooked = False

    @contextmanager
    def __call__(self, step, count):
        if not self._is_hooked:  # none is ever taken out again
            sys.addaudithook(self._heard)
            self._is_hooked = True
        died = []
        self._step, self._left = step, count
        try:
            yield died
        except Died as death:
            died.append(death)
        finally:
            self._step = ""

    def _heard(self, event, _arguments):
        if event == self._step:
            self._left -= 1
            if self._left == 0:
                raise Died


_reaper = _Reaper()


@pytest.fixture
def dies_before():
    """`with dies_before(step, count) as died`: the block ends before its so manieth step, of which `died` tells."""
    return _reaper
