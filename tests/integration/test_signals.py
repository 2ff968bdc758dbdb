"""Ctrl-C and SIGTERM end a run within seconds: what was paid for is kept, and the next run goes on from there."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.engine.clock import GRACE_S
from tests.fakes.faults import fine, hang
from tests.integration.forked import Process
from tests.integration.support import CONFIG, QUICK, WORK, kept_images, names_in, our_pictures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here"),
]

START_S = 40.0
"""A process on a busy machine."""
END_S = 8.0

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def wait_for(condition: Callable[[], bool], process: Process) -> None:
    """Return once `condition` holds; fail where the process ended before, or it takes too long."""
    deadline = time.monotonic() + START_S
    while not condition():
        assert not process.is_over(), process.ended()
        assert time.monotonic() < deadline, "the run never got so far"
        time.sleep(0.02)


@pytest.fixture
def start(forge, services, make_deck, tmp_path):
    """Start the program on a deck with so many content slides, as a process of its own."""
    said = tmp_path.with_name(f"{tmp_path.name}.said")  # beside what the tests look at

    def launch(content: int) -> Process:
        (tmp_path / CONFIG).write_text(QUICK, encoding="utf-8")
        return forge.start(*(make_deck(content), "-o", tmp_path / "out.pptx", "--config", CONFIG, "--json"), said=said)

    return launch


def no_temporary_file_in(folder: Path) -> bool:
    return not [path for path in folder.rglob("*") if path.name.startswith(".") or path.suffix == ".tmp"]


def test_a_run_that_is_ended_keeps_its_pictures_and_the_next_one_makes_the_rest(start, run, services, tmp_path):
    claude, openai = services
    source, out = tmp_path / "deck.pptx", tmp_path / "out.pptx"
    for call in (1, 2):
        openai.faults.on_call(call, fine)
    openai.faults.always(hang())
    process = start(5)
    before = source.read_bytes()
    wait_for(lambda: len(openai.requests) == 4 and len(claude.requests) == 5, process)
    process.send(signal.SIGTERM)
    code, said, err = process.ended(END_S)

    assert code == CODES[signal.SIGTERM], err
    assert "Traceback" not in err
    report = json.loads(said)
    assert (report["status"], report["exit_code"], report["output"]) == ("failed", CODES[signal.SIGTERM], None)
    assert source.read_bytes() == before
    assert no_temporary_file_in(tmp_path)
    assert names_in(tmp_path) == {"deck.pptx", CONFIG, WORK, "out.partial.pptx"}
    assert len(kept_images()) == 2
    made = {slide["number"] for slide in report["slides"] if slide["status"] == "illustrated"}
    assert len(made) == 2
    assert set(our_pictures(tmp_path / "out.partial.pptx")) == made

    openai.faults.clear()
    again = run(source, "-o", out)
    assert again.code == 0, again.err
    assert set(our_pictures(out)) == {2, 3, 4, 5, 6}
    assert len(claude.requests) == 5, "every prompt was kept"
    assert len(openai.requests) == 4 + 3, "only the missing pictures are paid for"


def test_a_run_ended_while_the_first_prompt_is_written_leaves_no_deck(start, services, tmp_path):
    claude, openai = services
    claude.faults.always(hang())
    process = start(2)
    wait_for(lambda: len(claude.requests) == 1, process)
    process.send(signal.SIGINT)
    code, said, err = process.ended(END_S)
    assert code == CODES[signal.SIGINT], err
    assert "Traceback" not in err
    assert json.loads(said)["exit_code"] == CODES[signal.SIGINT]
    assert openai.requests == ()
    assert names_in(tmp_path) == {"deck.pptx", CONFIG, WORK}
    assert no_temporary_file_in(tmp_path)


def test_whoever_signals_twice_does_not_wait_for_calls_in_flight(start, services, tmp_path):
    claude, _ = services
    claude.faults.always(hang())
    process = start(2)
    wait_for(lambda: len(claude.requests) == 1, process)
    process.send(signal.SIGTERM)
    time.sleep(0.5)
    assert not process.is_over()  # the call in flight is given its grace, which the second signal ends
    began = time.monotonic()
    process.send(signal.SIGTERM)
    code, _, err = process.ended(END_S)
    assert time.monotonic() - began < GRACE_S - 0.5
    assert code == CODES[signal.SIGTERM], err
    assert "Traceback" not in err
    assert no_temporary_file_in(tmp_path)
