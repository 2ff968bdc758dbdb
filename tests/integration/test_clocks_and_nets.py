"""A clock set back, a network that is lost, a history that stays locked: the run ends or goes on in order."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from pipeline.config.loader import load_configuration
from pipeline.engine.clock import SystemClock
from pipeline.errors import ExitCode, FileAccessError
from pipeline.runs.assembly import Surroundings
from pipeline.runs.deck_run import illustrate as illustrate_deck
from pipeline.runs.keeping import Keeping, open_keeping
from pipeline.runs.preparing import Order
from pipeline.store.history import open_history
from tests.integration.cable import Cable
from tests.integration.happenings import attempts, calls, ends_in_one_line, home, left_over, meanwhile, run_states
from tests.integration.support import QUICK, our_pictures

MADE = {("prompt", "success"): 2, ("image", "success"): 2}


class SetBack(SystemClock):
    """A clock that somebody sets back by a day and more while it runs."""

    def __init__(self) -> None:
        self.back = timedelta()

    def now(self):
        return super().now() - self.back

    def set_back(self) -> None:
        self.back = timedelta(days=1, hours=3)


@pytest.fixture
def illustrate(make_deck, tmp_path, out):
    """Run the flow of a deck with surroundings of a test's own, on a deck with two content slides."""

    def call(config: str = QUICK, **around):
        path = tmp_path / "illustrate.yaml"
        path.write_text(config, encoding="utf-8")
        order = Order(input=make_deck(2), output=out)
        return illustrate_deck(order, load_configuration(path), Surroundings(sink=lambda _event: None, **around))

    return call


def test_a_clock_that_goes_backwards_in_the_middle_changes_nothing(run, services, illustrate, tmp_path, out):
    clock = SetBack()
    services[1].faults.on_call(1, meanwhile(clock.set_back))
    report = illustrate(clock=clock)
    assert report.exit_code == ExitCode.OK, report.message
    assert report.seconds >= 0
    assert set(our_pictures(out)) == {2, 3}
    assert attempts(run) == MADE
    told = run("history", "--attempts").report["attempts"]
    assert all(one["seconds"] is None or one["seconds"] >= 0 for one in told)
    out.unlink()
    again = run("deck.pptx", "-o", out)
    assert again.code == 0, again.err
    assert calls(services) == (2, 2)
    assert not left_over(tmp_path, home())


def test_a_clock_that_went_backwards_does_not_give_a_days_money_twice(services, illustrate, out):
    config = QUICK + "budget: {max_images_per_day: 2}\n"
    assert illustrate(config).exit_code == ExitCode.OK
    out.unlink()
    clock = SetBack()
    clock.set_back()
    other = config + "style: watercolour\n"
    report = illustrate(other, clock=clock)
    assert report.exit_code == ExitCode.BUDGET, report.message
    assert "max_images_per_day" in report.message
    assert calls(services)[1] == 2


def impatient(configuration, run_id, clock, warn) -> Keeping:
    """As ever, with a history that is waited for for a moment only."""
    store = open_keeping(configuration, run_id, clock, warn).store
    history = open_history(None, configuration.data, now=clock.now, warn=warn, busy_timeout_s=0.1)
    return Keeping(store=store, history=history)


def test_a_history_that_stays_locked_ends_the_run_and_takes_no_picture_with_it(
    run, services, illustrate, tmp_path, out
):
    def lock() -> None:
        held.append(sqlite3.connect(home() / "history.sqlite", isolation_level=None, check_same_thread=False))
        held[0].execute("BEGIN IMMEDIATE")

    held = []
    services[1].faults.on_call(1, meanwhile(lock))
    report = illustrate(QUICK.replace("{", "{image_workers: 1, "), keeping=impatient)
    held[0].close()
    assert report.exit_code == ExitCode.FILE_ACCESS
    assert "kept the history locked for 0.1 s" in report.message
    assert "\n" not in report.message
    assert not out.exists()
    again = run("deck.pptx", "-o", out)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3}
    assert calls(services)[1] == 2
    assert run_states(run) == ["success", "broken_off"]
    assert attempts(run).total() == sum(calls(services))
    assert not left_over(tmp_path, home())


def test_a_history_that_is_locked_at_the_start_is_refused_before_any_call(services, illustrate, run, make_deck):
    assert run("history").code == 0
    run(make_deck(1), "-o", "first.pptx", "--offline")
    with closing(sqlite3.connect(home() / "history.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(FileAccessError, match=r"history\.sqlite: another process has kept the history locked"):
            illustrate(keeping=impatient)
    assert calls(services) == (0, 0)


def test_a_network_that_is_lost_for_a_moment_costs_what_was_on_its_way(run, services, make_deck, out, monkeypatch):
    with Cable(services[1].origin) as cable:
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{cable.port}/v1")
        mending = threading.Timer(0.3, cable.mend)

        def lose() -> None:
            cable.cut()
            mending.start()

        services[1].faults.on_call(1, meanwhile(lose))
        ran = run(make_deck(2), "-o", out, config=QUICK.replace("{", "{image_workers: 1, "))
        mending.join()
    assert ran.code == 0, ran.err
    assert set(our_pictures(out)) == {2, 3}
    assert calls(services) == (2, 3)
    told = run("history", "--attempts").report["attempts"]
    assert [one["may_be_charged"] for one in told].count(True) == 1
    assert attempts(run)["image", "success"] == 2


def test_a_network_that_is_lost_for_good_ends_the_run_and_the_same_command_goes_on(
    run, services, make_deck, out, monkeypatch
):
    once = QUICK.replace("{", "{image_workers: 1, max_attempts: 1, ")
    with Cable(services[1].origin) as cable:
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{cable.port}/v1")
        services[1].faults.on_call(2, meanwhile(cable.cut))
        ends_in_one_line(run(make_deck(3), "-o", out, config=once), 8)
        assert not out.exists()
        cable.mend()
        again = run("deck.pptx", "-o", out, config=once)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3, 4}
    assert calls(services) == (3, 3 + 1)
