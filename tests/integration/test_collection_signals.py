"""Ctrl-C and SIGTERM end many decks as they end one: in order, and the same command goes on where they were ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

import pytest

from pipeline.engine.clock import GRACE_S
from tests.conftest import ROOT
from tests.fakes.faults import fine, hang
from tests.integration.collections import put_decks
from tests.integration.forked import Process
from tests.integration.support import CONFIG, QUICK, our_pictures

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")

START_S, END_S = 40.0, 12.0
"""A process on a busy machine."""
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
SUBJECTS = ("bread", "clocks", "ferries", "gardens", "kites")


def wait_for(condition: Callable[[], bool], process: Process) -> None:
    deadline = time.monotonic() + START_S
    while not condition():
        assert not process.is_over(), process.ended()
        assert time.monotonic() < deadline, "the run never got so far"
        time.sleep(0.02)


@pytest.fixture
def start(forge, services, tmp_path):
    """Start the program on a folder of five decks, two slides each, two decks at a time."""

    def launch() -> Process:
        put_decks(tmp_path / "decks", **dict.fromkeys(SUBJECTS, 2))
        (tmp_path / CONFIG).write_text(QUICK, encoding="utf-8")
        words = ("decks", "-o", "out", "--jobs", 2, "--config", CONFIG, "--json")
        return forge.start(*words, said=tmp_path.with_name(f"{tmp_path.name}.said"))

    return launch


@pytest.mark.slow
def test_what_is_ended_is_told_and_the_same_command_makes_the_rest(start, services, tmp_path):
    claude, openai = services
    for call in (1, 2, 3, 4):
        openai.faults.on_call(call, fine)
    openai.faults.always(hang())
    process = start()
    wait_for(lambda: len(openai.requests) >= 7, process)
    process.send(signal.SIGINT)
    code, said, err = process.ended(END_S)
    assert code == CODES[signal.SIGINT], err
    assert "Traceback" not in err
    report = json.loads(said)
    assert report["exit_code"] == code
    assert "run the same command again" in report["message"]
    codes = Counter(deck["exit_code"] for deck in report["decks"])
    assert codes[code] >= 1
    assert len(report["decks"]) < len(SUBJECTS), "no other deck is begun"
    paid = len(openai.requests)
    in_flight = paid - 4

    openai.faults.clear()
    code, said, err = start().ended(START_S)
    assert code == 0, err
    assert all(set(our_pictures(tmp_path / "out" / f"{subject}.pptx")) == {1, 2} for subject in SUBJECTS)
    assert len(claude.requests) == 2 * len(SUBJECTS), "every prompt was kept"
    assert len(openai.requests) == 2 * len(SUBJECTS) + in_flight, "only what was in flight is asked for again"
    assert not [path for path in (tmp_path / "out").rglob("*") if path.suffix == ".tmp"]


@pytest.mark.slow
def test_whoever_signals_twice_does_not_wait(start, services):
    claude, _ = services
    claude.faults.always(hang())
    process = start()
    wait_for(lambda: len(claude.requests) == 2, process)
    process.send(signal.SIGTERM)
    time.sleep(0.5)
    assert not process.is_over()
    began = time.monotonic()
    process.send(signal.SIGTERM)
    code, _, err = process.ended(END_S)
    assert time.monotonic() - began < GRACE_S - 0.5
    assert code == CODES[signal.SIGTERM], err
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_list_on_stdin_that_does_not_end_keeps_nobody(tmp_path):
    """As a process of its own, whose end the interpreter must survive while a thread of it reads."""
    (tmp_path / "bread.pptx").write_bytes(b"no deck")
    words = [sys.executable, str(ROOT / "run.py"), "-", "-o", "out", "--offline", "--json", "-q"]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("bread.pptx\n")
        process.stdin.flush()
        assert "bread.pptx: failed" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        report = json.loads(process.stdout.read())
        assert process.wait(END_S) == CODES[signal.SIGINT]
        (line,) = process.stderr.read().splitlines()
    assert "for those that are left" in line
    assert report["message"] in line
