"""The schedule as a user keeps it: listed, run once for cron and the like, kept as a process until a signal comes."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.config.loader import load_configuration
from pipeline.engine.clock import GRACE_S
from pipeline.runs.scheduling.memory import Memory
from tests.fakes.faults import fine, hang
from tests.integration.conftest import COARSE
from tests.integration.support import CONFIG, our_pictures
from tests.integration.test_signals import CODES, END_S, wait_for

NIGHTLY = """\
schedule:
  - name: nightly
    cron: "0 2 * * mon-fri"
    timezone: Europe/Berlin
    source: decks
    target: out
    recursive: true
"""
OFFLINE = COARSE + NIGHTLY + "    settings: {prompts: {provider: offline}, images.provider: offline}\n"


@pytest.fixture
def decks(make_deck, tmp_path):
    """A folder of two decks, one of them in a folder of its own."""
    (tmp_path / "decks" / "more").mkdir(parents=True)
    for name in ("decks/one.pptx", "decks/more/two.pptx"):
        make_deck(1, name)
    return tmp_path / "decks"


def missed_a_night(folder: Path) -> None:
    """Have the schedule catch up as soon as it is kept."""
    configuration = load_configuration(folder / CONFIG)
    for job in configuration.settings.schedule:
        Memory(configuration.data).note(job, datetime.now(UTC) - timedelta(days=8))


@pytest.fixture
def keep(forge, tmp_path):
    """Keep the schedule of a config in a process of its own."""
    said = tmp_path.with_name(f"{tmp_path.name}.said")

    def start(config, *words):
        (tmp_path / CONFIG).write_text(config, encoding="utf-8")
        missed_a_night(tmp_path)
        return forge.start("schedule", "--config", CONFIG, *words, said=said)

    return start


def test_the_list_says_when_each_job_is_due_there_and_in_utc(run, tmp_path):
    ran = run("schedule", "--list", config=OFFLINE, as_json=False)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[:2] == ["nightly  0 2 * * mon-fri  Europe/Berlin", f"  {tmp_path / 'decks'} -> {tmp_path / 'out'}"]
    assert len(lines) == 2 + 3
    (job,) = run("schedule", "--list", config=OFFLINE).report["jobs"]
    assert (job["name"], job["cron"], job["timezone"]) == ("nightly", "0 2 * * mon-fri", "Europe/Berlin")
    for line, when in zip(lines[2:], job["next"], strict=True):
        local, utc = datetime.fromisoformat(when["local"]), datetime.fromisoformat(when["utc"])
        assert local == utc
        assert (local.hour, utc.utcoffset()) == (2, timedelta(0))
        assert f"{local:%a %Y-%m-%d} 02:00 CE" in line
        assert f"{utc:%Y-%m-%d %H:%M} UTC" in line
    assert not (tmp_path / "out").exists()


def test_a_job_is_run_once_and_done_decks_are_left_as_they_are(run, decks, tmp_path):
    first = run("schedule", "--once", "nightly", config=OFFLINE)
    assert first.code == 0, first.err
    assert first.out.count("\n") == 1
    told = first.report
    assert (told["job"], told["exit_code"], told["next"]) == ("nightly", 0, None)
    assert [deck["illustrated"] for deck in told["report"]["decks"]] == [1, 1]
    made = [tmp_path / "out" / "one.pptx", tmp_path / "out" / "more" / "two.pptx"]
    assert all(our_pictures(path) for path in made)
    before = [path.stat().st_mtime_ns for path in made]

    again = run("schedule", "--once", "nightly", config=OFFLINE, as_json=False)
    assert again.code == 0, again.err
    assert "nightly: 2 decks: 2 done (code 0)" in again.out
    assert [path.stat().st_mtime_ns for path in made] == before


def test_the_worst_code_of_its_decks_is_the_jobs(run, decks):
    (decks / "broken.pptx").write_bytes(b"no deck")
    ran = run("schedule", "--once", "nightly", "-q", config=OFFLINE, as_json=False)
    assert ran.code == 4
    assert ran.out == ""
    assert "broken.pptx: failed" in ran.err
    assert "nightly: 3 decks: 1 failed, 2 done (code 4)" in ran.err


def test_include_and_exclude_of_a_job_choose_its_decks(run, decks, tmp_path):
    chosen = OFFLINE.replace("recursive: true", 'include: ["*.pptx"]\n    exclude: ["one*"]\n    recursive: true')
    assert run("schedule", "--once", "nightly", config=chosen).code == 0
    assert [path.name for path in (tmp_path / "out").rglob("*.pptx")] == ["two.pptx"]


def test_a_folder_without_decks_is_nothing_to_do(run, tmp_path):
    (tmp_path / "decks").mkdir()
    ran = run("schedule", "--once", "nightly", config=OFFLINE, as_json=False)
    assert ran.code == 3
    assert "nightly: no deck was found (code 3)" in ran.out


@pytest.mark.parametrize(
    ("words", "config", "told"),
    [
        ((), COARSE, "there are no jobs; write some under `schedule:`"),
        (("--list",), COARSE, "there are no jobs"),
        (("--once", "weekly"), OFFLINE, "no job is called 'weekly'; there are: nightly"),
    ],
)
def test_what_cannot_be_kept_is_told(run, words, config, told):
    ran = run("schedule", *words, config=config)
    assert ran.code == 2
    assert told in ran.report["message"]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")
def test_a_missed_night_is_caught_up_with_and_a_signal_ends_the_schedule(keep, decks, tmp_path):
    process = keep(OFFLINE, "--json")
    said = process.said.with_suffix(".out")
    wait_for(lambda: said.exists() and said.read_text(encoding="utf-8").endswith("\n"), process)
    process.send(signal.SIGTERM)
    code, out, err = process.ended(END_S)
    assert code == CODES[signal.SIGTERM], err
    (line,) = out.splitlines()
    told = json.loads(line)
    assert (told["job"], told["exit_code"]) == ("nightly", 0)
    assert datetime.fromisoformat(told["next"]) > datetime.fromisoformat(told["ended"])
    assert len(told["report"]["decks"]) == 2
    assert (tmp_path / "out" / "more" / "two.pptx").exists()
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")
def test_a_job_that_is_ended_is_gone_on_with_and_nothing_is_paid_for_twice(keep, run, services, make_deck, tmp_path):
    claude, openai = services
    (tmp_path / "decks").mkdir()
    make_deck(3, "decks/one.pptx")
    openai.faults.on_call(1, fine)
    openai.faults.always(hang())
    process = keep(COARSE + NIGHTLY)
    wait_for(lambda: len(openai.requests) == 3 and len(claude.requests) == 3, process)
    process.send(signal.SIGTERM)
    code, out, err = process.ended(END_S)
    assert code == CODES[signal.SIGTERM], err
    assert "nightly: 1 deck: 1 failed (code 143)" in out
    assert "next" not in out

    openai.faults.clear()
    again = keep(COARSE + NIGHTLY)
    wait_for((tmp_path / "out" / "one.pptx").exists, again)
    again.send(signal.SIGINT)
    assert again.ended(END_S)[0] == CODES[signal.SIGINT]
    assert set(our_pictures(tmp_path / "out" / "one.pptx")) == {2, 3, 4}
    assert len(claude.requests) == 3
    assert len(openai.requests) == 3 + 2


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")
def test_whoever_signals_twice_does_not_wait(keep, services, make_deck, tmp_path):
    claude, _ = services
    (tmp_path / "decks").mkdir()
    make_deck(1, "decks/one.pptx")
    claude.faults.always(hang())
    process = keep(COARSE + NIGHTLY)
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
