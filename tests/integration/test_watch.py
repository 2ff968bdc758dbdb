"""A watched folder as people use it: decks in, illustrated decks with their reports and originals out."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from pathlib import Path

import pytest

from tests.fakes.faults import fine, hang
from tests.integration.conftest import COARSE
from tests.integration.support import CONFIG, QUICK, names_in, our_pictures
from tests.integration.test_signals import wait_for

CONFIG_TEXT = COARSE + "watch: {steady_s: 0.1, interval_s: 0.2}\n"
ONLINE = QUICK + "layout: {max_px_per_in: 50}\nwatch: {steady_s: 0.1, interval_s: 0.2}\n"
WORDS = ("watch", "inbox", "--outbox", "done", "--failed", "failed")
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def watch_once(run):
    """One `watch --once`, offline unless said otherwise."""

    def call(*words, config=CONFIG_TEXT, offline=True, as_json=True):
        extra = ["--offline"] if offline else []
        return run(*WORDS, "--once", *extra, *words, config=config, as_json=as_json)

    return call


@pytest.fixture
def start(forge, tmp_path):
    """Start a watcher as a process of its own."""
    said = tmp_path.with_name(f"{tmp_path.name}.said")

    def launch(*words, config=CONFIG_TEXT, dies_at=()):
        (tmp_path / CONFIG).write_text(config, encoding="utf-8")
        return forge.start(*WORDS, *words, "--config", CONFIG, said=said, dies_at=dies_at)

    return launch


def ended(ran):
    """The lines of JSON, by the names of their decks."""
    lines = [json.loads(line) for line in ran.out.splitlines()]
    return {Path(line["input"]).name: line for line in lines}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_decks_come_out_with_their_reports_and_what_is_none_with_its_reason(watch_once, make_deck, inbox):
    original = digest(make_deck(1, "inbox/talk.pptx"))
    make_deck(0, "inbox/title.pptx")
    (inbox / "broken.pptx").write_bytes(b"no deck")
    ran = watch_once()
    assert ran.code == 4, ran.err
    codes = {name: told["exit_code"] for name, told in ended(ran).items()}
    assert codes == {"talk.pptx": 0, "title.pptx": 3, "broken.pptx": 4}
    assert names_in(Path("done")) == {
        *("talk.pptx", "talk.report.json", "title.pptx", "title.report.json", "originals"),
    }
    assert names_in(Path("done/originals")) == {"talk.pptx", "title.pptx"}
    assert names_in(Path("failed")) == {"broken.pptx", "broken.reason.txt", "broken.report.json"}
    assert set(our_pictures(Path("done/talk.pptx"))) == {2}
    assert digest(Path("done/originals/talk.pptx")) == original
    assert digest(Path("done/title.pptx")) == digest(Path("done/originals/title.pptx"))
    report = json.loads(Path("done/talk.report.json").read_text())
    assert (report["input"], report["output"]) == (str(inbox / "talk.pptx"), str(Path("done/talk.pptx").resolve()))
    assert names_in(inbox) == {"processing"}
    assert names_in(inbox / "processing") == set()


def test_a_deck_too_many_of_whose_slides_fail_is_put_aside_with_what_there_is_of_it(
    watch_once, make_deck, services, inbox
):
    claude, _ = services
    claude.faults.on_call(1, fine)
    claude.faults.always(answering_nothing())
    make_deck(4, "inbox/talk.pptx")
    ran = watch_once(config=ONLINE + "prompts: {provider: anthropic}\nimages: {provider: openai}\n", offline=False)
    assert ran.code == 7, ran.err
    assert {"talk.pptx", "talk.reason.txt", "talk.report.json", "talk.log"} <= names_in(Path("failed"))
    reason = Path("failed/talk.reason.txt").read_text()
    assert "What:    prompts:" in reason
    assert "Slides that failed" in reason


def answering_nothing():
    from tests.fakes.anthropic_faults import answering_with  # noqa: PLC0415

    return answering_with(prompt="")


def test_the_folder_has_settings_of_its_own_but_not_over_arguments(watch_once, make_deck, inbox):
    (inbox / "illustrate.yaml").write_text("rules: {skip_title: false}\nstyle: watercolour\n", encoding="utf-8")
    make_deck(1, "inbox/talk.pptx")
    ran = watch_once()
    assert ran.code == 0, ran.err
    assert ended(ran)["talk.pptx"]["planned"] >= 1
    assert "its settings hold from now on" in ran.err


def test_a_folder_that_asks_for_what_it_may_not_is_told_and_its_decks_wait(watch_once, make_deck, inbox):
    (inbox / "illustrate.yaml").write_text("hook: {command: [reboot]}\n", encoding="utf-8")
    make_deck(1, "inbox/talk.pptx")
    ran = watch_once()
    assert ran.code == 2
    assert "illustrate.yaml line 1" in ran.err
    assert "talk.pptx" in names_in(inbox)


def test_a_used_up_budget_leaves_the_deck_in_the_inbox(watch_once, make_deck, services, inbox):
    make_deck(1, "inbox/talk.pptx")
    ran = watch_once(config=ONLINE + "budget: {max_images_per_day: 0}\n", offline=False)
    assert ran.code == 10, ran.err
    assert names_in(inbox) == {"talk.pptx", "processing"}
    assert names_in(inbox / "processing") == set()
    assert names_in(Path("failed")) == set()
    assert ran.out == ""
    assert "is in the inbox again" in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("watch", "nowhere", "--outbox", "done", "--failed", "failed"), "no such folder to watch"),
        (("watch", "inbox", "--outbox", "done", "--failed", "done"), "is both --outbox and --failed"),
        (("watch", "inbox", "--outbox", "inbox", "--failed", "failed"), "is both the inbox and --outbox"),
        (("watch", "inbox", "--outbox", "done", "--failed", "failed", "--interval", "0"), "watch.interval_s"),
    ],
)
def test_folders_and_settings_that_cannot_be_meant_are_refused(run, inbox, words, told):
    refused = run(*words, as_json=False)
    assert refused.code == 2
    assert told in refused.err


@pytest.mark.slow
@forks
def test_a_killed_watcher_s_deck_is_done_once_by_the_next(start, watch_once, make_deck, inbox):
    make_deck(1, "inbox/talk.pptx")
    steps = [("os.link", Path("done/talk.report.json").resolve()), ("os.link", Path("done/talk.pptx").resolve())]
    for step in steps:
        killed = start("--offline", dies_at=[step])
        assert killed.ended()[0] == -signal.SIGKILL
    assert names_in(inbox) == {"processing"}
    ran = watch_once()
    assert ran.code == 0, ran.err
    assert names_in(Path("done")) == {"talk.pptx", "talk.report.json", "originals"}
    assert names_in(inbox / "processing") == set()
    assert set(ended(ran)) == {"talk.pptx"}


@pytest.mark.slow
@forks
def test_a_signal_keeps_what_is_paid_for_and_the_next_start_goes_on_from_there(
    start, watch_once, make_deck, services, inbox
):
    claude, openai = services
    openai.faults.on_call(1, fine)
    openai.faults.always(hang())
    make_deck(3, "inbox/talk.pptx")
    process = start("--key", f"openai={openai.api_key}", config=ONLINE)
    wait_for(lambda: len(openai.requests) == 3 and len(claude.requests) == 3, process)
    process.send(signal.SIGTERM)
    code, _, err = process.ended()
    assert code == 143, err
    assert "Traceback" not in err
    assert names_in(inbox) == {"processing"}
    assert names_in(Path("failed")) == set()
    openai.faults.clear()
    before = len(openai.requests)
    ran = watch_once(config=ONLINE, offline=False)
    assert ran.code == 0, ran.err
    assert len(openai.requests) - before == 2  # the first had been paid for
    assert set(our_pictures(Path("done/talk.pptx"))) == {2, 3, 4}


@forks
def test_two_watchers_share_the_work_and_each_deck_is_done_once(start, make_deck, inbox):
    count = 4
    watchers = [start("--offline", "--json") for _ in range(2)]
    for number in range(count):
        make_deck(1, f"aside{number}.pptx").rename(inbox / f"{number}.pptx")
    originals = Path("done/originals")
    wait_for(lambda: originals.is_dir() and len(names_in(originals)) == count, watchers[0])
    for watcher in watchers:
        watcher.send(signal.SIGTERM)
    told = [line for watcher in watchers for line in watcher.ended()[1].splitlines()]
    names = sorted(Path(json.loads(line)["input"]).name for line in told)
    assert names == [f"{number}.pptx" for number in range(count)]
    assert names_in(inbox / "processing") == set()
