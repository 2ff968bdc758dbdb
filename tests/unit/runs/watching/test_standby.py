"""Waiting: for changes, for time, for a signal, whichever comes first."""

from __future__ import annotations

import time
from queue import SimpleQueue

import pytest

from pipeline.engine.clock import StopCause
from pipeline.engine.messages import StopRequested, ThreadEnded
from pipeline.runs.watching.standby import SystemStandby

LONG_S = 30.0
"""Nothing here waits for so long, or the test is too slow."""


@pytest.fixture
def mailbox():
    return SimpleQueue()


@pytest.fixture
def standby(tmp_path, mailbox):
    told = []

    def make(folder=tmp_path, *, is_notified=True):
        made = SystemStandby(folder, mailbox, told.append, is_notified=is_notified)
        made.told = told
        return made

    return make


def waited_s(standby, seconds):
    began = time.monotonic()
    standby.wait(seconds)
    return time.monotonic() - began


def test_a_change_ends_the_wait_also_one_that_came_before_it(standby, tmp_path):
    watching = standby()
    (tmp_path / "a.pptx").touch()
    assert waited_s(watching, LONG_S) < LONG_S / 2
    (tmp_path / "a.pptx").rename(tmp_path / "b.pptx")
    assert waited_s(watching, LONG_S) < LONG_S / 2


@pytest.mark.parametrize("is_notified", [True, False])
def test_without_a_change_the_time_ends_it(standby, is_notified):
    assert waited_s(standby(is_notified=is_notified), 0.2) >= 0.2


@pytest.mark.parametrize("is_notified", [True, False])
def test_a_signal_ends_it_and_what_threads_leave_behind_does_not(standby, mailbox, is_notified):
    watching = standby(is_notified=is_notified)
    mailbox.put(ThreadEnded(name="lister", crash=None))
    assert watching.cause() is None
    assert waited_s(watching, 0.1) >= 0.1
    mailbox.put(ThreadEnded(name="lister", crash=None))
    mailbox.put(StopRequested(cause=StopCause.TERMINATED))
    assert waited_s(watching, LONG_S) < LONG_S / 2
    assert watching.cause() is StopCause.TERMINATED


def test_where_the_system_tells_nothing_time_is_waited_for_which_is_said(standby, tmp_path):
    watching = standby(tmp_path / "gone")
    assert len(watching.told) == 1
    assert "does not tell of changes" in watching.told[0]
    assert waited_s(watching, 0.1) >= 0.1
