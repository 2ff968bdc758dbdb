"""A service's limits hold for whatever it is asked, the settings' delays for each kind of question."""

from __future__ import annotations

import pytest

from pipeline.config.settings import Limits
from pipeline.engine.clock import StopSignal
from pipeline.runs.services.limiting import RunLimits
from pipeline.services.catalog import load_catalog
from tests.clocks import ManualClock

OPENAI = load_catalog().services["openai"]


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def limits(clock, tmp_path):
    made = RunLimits(Limits(), tmp_path, clock)
    yield made
    made.close()


def test_all_who_ask_a_service_share_its_limits(limits):
    assert limits.of(OPENAI) is limits.of(OPENAI)


def test_a_refusal_slows_whoever_asks(limits, clock):
    limits.of(OPENAI).refused(7.0)
    with limits.of(OPENAI).turn(StopSignal()):
        assert clock.monotonic() >= 1007.0


def test_prompts_and_pictures_keep_their_own_distances(limits, clock):
    for kind, delay_s in (("text", 1.0), ("image", 20.0)):
        for _ in range(2):
            with limits.pace(OPENAI, kind, delay_s).turn(StopSignal()):
                pass
    assert sum(clock.slept) == pytest.approx(21.0)


def test_what_is_done_on_this_machine_waits_for_nobody(limits, clock):
    for _ in range(3):
        with limits.of(None).turn(StopSignal()), limits.pace(None, "image", 60.0).turn(StopSignal()):
            pass
    assert clock.slept == []


def test_runs_share_their_requests_a_minute_in_a_file_of_ones_own_folder(clock, tmp_path):
    home = tmp_path / "home"
    made = RunLimits(Limits(backend="sqlite"), home, clock)
    entry = OPENAI.model_copy(update={"limits": OPENAI.limits.model_copy(update={"requests_per_minute": 5})})
    with made.of(entry).turn(StopSignal()):
        pass
    made.close()
    assert [path.name for path in home.glob("rates.sqlite")] == ["rates.sqlite"]


def test_machines_that_share_a_service_share_its_places_and_starts(clock, tmp_path):
    asked, pauses = [], []

    class Elsewhere:
        def acquire(self, timeout):
            asked.append(timeout)
            return True

        def release(self):
            asked.append("given back")

        def start(self, apart_s):
            return 0.0, 0.0

        def pause(self, seconds):
            pauses.append(seconds)

    def places_of(service, parallel):
        asked.append((service, parallel))
        return Elsewhere()

    made = RunLimits(Limits(), tmp_path, clock, places_of=places_of, starts_of=lambda _: Elsewhere())
    entry = OPENAI.model_copy(update={"limits": OPENAI.limits.model_copy(update={"parallel": 3})})
    unbounded = OPENAI.model_copy(
        update={"service": "unbounded", "limits": OPENAI.limits.model_copy(update={"parallel": None})}
    )
    for service in (entry, unbounded):
        with made.of(service).turn(StopSignal()):
            made.of(service).refused(3.0)
    made.close()
    assert asked[0] == ("openai", 3)
    assert asked[-1] == "given back"
    assert len(asked) == 3
    assert pauses == [3.0, 3.0]
