"""Two runs at once, on one output and on two; and two decks that share slides. Nothing is paid for twice."""

from __future__ import annotations

import getpass
import json
import os
import time
from collections import Counter
from threading import Event

import pytest

from tests.fakes.faults import fine
from tests.integration.forked import Process
from tests.integration.support import CONFIG, QUICK, our_pictures, told

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here"),
]

END_S = 40.0
LATENCY_S = 0.4
"""Of each call, where both processes are to be at work while one of them waits for an answer."""


@pytest.fixture
def start(forge, services, make_deck, tmp_path):
    """Start the program on one deck of three content slides, as a process of its own."""
    make_deck(3)
    (tmp_path / CONFIG).write_text(QUICK, encoding="utf-8")

    def launch(output: str) -> Process:
        words = ("deck.pptx", "-o", output, "--config", CONFIG, "--json")
        return forge.start(*words, said=tmp_path.with_name(f"{tmp_path.name}.said"))

    return launch


def calls_by_content(services) -> list[Counter[str]]:
    """How often each service was asked each thing."""
    claude, openai = services
    return [
        Counter(told(request.body) for request in claude.requests),
        Counter(request.body["prompt"] for request in openai.requests),
    ]


def first_to_end(*processes: Process) -> Process:
    """The process that ends first, while the others are still at work."""
    deadline = time.monotonic() + END_S
    while time.monotonic() < deadline:
        for process in processes:
            if process.is_over():
                return process
        time.sleep(0.02)
    raise AssertionError("neither process ended")


def test_of_two_processes_on_one_output_one_works_and_the_other_says_who(start, services, tmp_path):
    claude, _ = services
    other_has_ended = Event()

    def held(exchange):
        other_has_ended.wait(END_S)
        return fine(exchange)

    claude.faults.on_call(1, held)
    pair = [start("out.pptx"), start("out.pptx")]
    refused = first_to_end(*pair)
    other_has_ended.set()
    (at_work,) = (process for process in pair if process is not refused)
    (code, out, err), (refused_code, _, refused_err) = at_work.ended(END_S), refused.ended(END_S)
    assert code == 0, err
    assert set(our_pictures(tmp_path / "out.pptx")) == {2, 3, 4}
    assert refused_code == 5, refused_err
    assert f"pid {at_work.pid}" in refused_err
    assert json.loads(out)["run_id"] in refused_err
    assert getpass.getuser() in refused_err
    assert "Traceback" not in refused_err
    assert [sorted(calls.values()) for calls in calls_by_content(services)] == [[1, 1, 1], [1, 1, 1]]


def test_two_processes_that_want_the_same_pictures_for_two_outputs_make_each_call_once(start, services, tmp_path):
    for server in services:
        server.latency_s = LATENCY_S
    for process in [start("one.pptx"), start("two.pptx")]:
        code, _, err = process.ended(END_S)
        assert code == 0, err
    assert [sorted(calls.values()) for calls in calls_by_content(services)] == [[1, 1, 1], [1, 1, 1]]
    one, two = (our_pictures(tmp_path / name) for name in ("one.pptx", "two.pptx"))
    assert {n: one[n].image.sha1 for n in one} == {n: two[n].image.sha1 for n in two}
    assert set(one) == {2, 3, 4}


def test_slides_that_two_decks_share_are_paid_for_once(run, services, make_deck, tmp_path):
    claude, openai = services
    first = run(make_deck(3, "first.pptx"), "-o", tmp_path / "one.pptx")
    assert first.code == 0, first.err
    assert (len(claude.requests), len(openai.requests)) == (3, 3)
    second = run(make_deck(5, "second.pptx"), "-o", tmp_path / "two.pptx")
    assert second.code == 0, second.err
    assert (len(claude.requests), len(openai.requests)) == (5, 5), "only the two new slides are asked for"
    assert [second.slide(number)["cost_usd"] for number in (2, 3, 4)] == [0, 0, 0]
    assert all(second.slide(number)["cost_usd"] > 0 for number in (5, 6))
    assert set(our_pictures(tmp_path / "two.pptx")) == {2, 3, 4, 5, 6}
