"""The clockwork rings when something is due: once for however much was missed, and not after its end."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue

import pytest

from pipeline.runs.scheduling.clockwork import Clockwork, _Trigger
from tests.unit.runs.scheduling.jobs import Every, Never

SOON_S = 10.0


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def rings():
    return SimpleQueue()


def test_what_is_due_again_and_again_rings_again_and_again(rings):
    clockwork = Clockwork(rings.put)
    clockwork.add("often", Every(0.05), now())
    with clockwork:
        assert [rings.get(timeout=SOON_S) for _ in range(3)] == ["often"] * 3


def test_all_that_was_missed_is_one_ring(rings):
    clockwork = Clockwork(rings.put)
    clockwork.add("hourly", Every(3600), now() - timedelta(days=400))
    clockwork.add("never", Never(), None)
    with clockwork:
        assert rings.get(timeout=SOON_S) == "hourly"
        clockwork.look()
        with pytest.raises(Empty):
            rings.get(timeout=0.2)


def test_after_its_end_nothing_rings_and_no_thread_is_left(rings):
    clockwork = Clockwork(rings.put)
    clockwork.add("often", Every(0.02), now())
    with clockwork:
        rings.get(timeout=SOON_S)
    heard = rings.qsize()
    assert "APScheduler" not in {thread.name for thread in threading.enumerate()}
    assert rings.qsize() == heard


def test_the_next_time_is_after_now_however_late_it_is_and_after_the_last_one_if_the_clock_was_set_back():
    trigger, noon = _Trigger(Every(60)), datetime(2026, 11, 20, 12, tzinfo=UTC)
    week, minute = timedelta(days=7), timedelta(minutes=1)
    assert trigger.get_next_fire_time(None, noon) == noon + minute
    assert trigger.get_next_fire_time(noon, noon + week) == noon + week + minute
    assert trigger.get_next_fire_time(noon, noon - week) == noon + minute
