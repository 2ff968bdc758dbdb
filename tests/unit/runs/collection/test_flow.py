"""The flow of many decks, where nothing but its surroundings is another: what a bug does, who is told, what is kept."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import SimpleQueue

import pytest

from pipeline.config.loader import configuration_of
from pipeline.config.settings import Settings
from pipeline.engine.clock import StopCause
from pipeline.engine.messages import StopRequested, Told
from pipeline.errors import DeckError, ExitCode
from pipeline.events import Notice
from pipeline.outcomes import RunStatus
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.collection.flow import illustrate_all
from pipeline.runs.collection.outcomes import Refused
from pipeline.runs.keeping import open_keeping
from pipeline.runs.preparing import Order
from tests.integration.collections import put_decks


def configuration(jobs=1):
    offline = {"prompts": {"provider": "offline"}, "images": {"provider": "offline", "chain": ()}}
    return configuration_of(
        Settings.model_validate(offline | {"layout": {"max_px_per_in": 50}, "decks": {"jobs": jobs}})
    )


class Seen:
    """Keeps what progress is told."""

    def __init__(self):
        self.totals, self.events, self.outcomes, self.lines, self.threads = [], [], [], [], set()

    def listed(self, total):
        self.totals.append(total)
        self.threads.add(threading.get_ident())

    def event(self, deck, event):
        self.events.append((deck, event))
        self.threads.add(threading.get_ident())

    def ended(self, outcome):
        self.outcomes.append(outcome)
        self.threads.add(threading.get_ident())

    def told(self, text):
        self.lines.append(text)
        self.threads.add(threading.get_ident())


@pytest.fixture
def order(tmp_path):
    """An order for a small deck about a subject, which is made."""

    def make(subject):
        folder = put_decks(tmp_path / "in", **{subject: 1})
        return Order(input=folder / f"{subject}.pptx", output=tmp_path / "out" / "deep" / f"{subject}.pptx")

    return make


def test_each_deck_is_told_of_with_its_report_and_shown_in_one_thread(order):
    asked = [order("bread"), Refused(input="?.pptx", error=DeckError("?.pptx: none")), order("clocks")]
    heard, seen = {}, Seen()
    crowd = Crowd(heard=lambda outcome, report: heard.update({outcome.input: (outcome, report)}), progress=seen)
    report = illustrate_all(iter(asked), configuration(jobs=2), crowd)
    assert [deck.input for deck in report.decks] == [str(asked[0].input), "?.pptx", str(asked[2].input)]
    assert (report.exit_code, report.message, report.stopped) == (ExitCode.BAD_DECK, "", None)
    assert report.seconds > 0
    assert {outcome for outcome, _ in heard.values()} == set(report.decks) == set(seen.outcomes)
    assert heard["?.pptx"][1] is None
    assert heard[str(asked[0].input)][1].slides
    assert asked[0].output.is_file()
    assert (seen.totals, seen.threads) == ([3], {threading.get_ident()})


def test_who_is_told_of_a_deck_may_overhear_its_run_and_have_a_line_shown(order):
    mailbox, overheard, seen = SimpleQueue(), [], Seen()

    def watching(sink):
        return lambda event: (overheard.append(event), sink(event))

    def heard(outcome, _report):
        mailbox.put(Told(text=f"nobody answers for {Path(outcome.input).name}"))

    illustrate_all(
        [order("bread")], configuration(), Crowd(heard=heard, watching=watching, progress=seen, mailbox=mailbox)
    )
    assert seen.lines == ["nobody answers for bread.pptx"]
    assert overheard == [event for _, event in seen.events] != []


def test_a_bug_that_one_deck_meets_is_told_with_its_trace_and_the_others_go_on(order):
    opened, seen = iter(range(3)), Seen()

    def keeping(*how):
        if next(opened) == 1:
            raise KeyError("never thought of")
        return open_keeping(*how)

    report = illustrate_all(
        map(order, ("bread", "clocks", "ferries")), configuration(), Crowd(keeping=keeping, progress=seen)
    )
    assert [deck.exit_code for deck in report.decks] == [ExitCode.OK, ExitCode.BUG, ExitCode.OK]
    bug = report.decks[1]
    assert (bug.status, "KeyError: 'never thought of'" in bug.message) == (RunStatus.FAILED, True)
    (trace,) = [event.text for deck, event in seen.events if isinstance(event, Notice) and deck == bug.input]
    assert trace.startswith("Traceback")
    assert report.exit_code is ExitCode.BUG


def test_an_output_folder_that_cannot_be_made_is_its_decks_error(order, tmp_path):
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    (deck,) = illustrate_all([order("bread")], configuration(), Crowd()).decks
    assert (deck.exit_code, deck.output) == (ExitCode.FILE_ACCESS, None)


def test_an_output_that_is_not_ours_is_not_overwritten(order):
    one = order("bread")
    one.output.parent.mkdir(parents=True)
    one.output.write_bytes(b"somebody's")
    (deck,) = illustrate_all([one], configuration(), Crowd()).decks
    assert deck.exit_code is ExitCode.FILE_ACCESS
    assert one.output.read_bytes() == b"somebody's"


def test_a_signal_that_came_before_the_first_deck_ends_all(order):
    mailbox = SimpleQueue()
    mailbox.put(StopRequested(cause=StopCause.TERMINATED))
    report = illustrate_all(map(order, ("bread", "clocks")), configuration(), Crowd(mailbox=mailbox))
    assert (report.stopped, report.exit_code) == (ExitCode.TERMINATED, ExitCode.TERMINATED)
    assert not Path("out/deep/clocks.pptx").exists()


def test_of_nothing_comes_a_report_of_nothing():
    report = illustrate_all([], configuration(), Crowd())
    assert (report.decks, report.exit_code) == ((), ExitCode.NOTHING_TO_DO)
