"""The watcher: what it takes, what it leaves, when it looks again, when it ends. Decks here fail before any call."""

from __future__ import annotations

import json
import os
from queue import SimpleQueue

import pytest

from pipeline.config.loader import load_configuration
from pipeline.engine.clock import StopCause
from pipeline.engine.messages import StopRequested
from pipeline.errors import ExitCode
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.watching.claims import claim_file
from pipeline.runs.watching.flow import Watcher
from pipeline.runs.watching.folder_settings import FolderSettings
from pipeline.runs.watching.inbox import Candidate, stamp_of
from pipeline.runs.watching.leases import Lease
from pipeline.runs.watching.making import DIED_TOO_OFTEN
from tests.torture.decks import make_deck

STEADY_S, INTERVAL_S = 3.0, 30.0


class ScriptedStandby:
    """Waits by moving the clock on, after doing the next thing of its script; a signal comes when that is over."""

    def __init__(self, clock, mailbox, script):
        self._clock, self._mailbox, self._script = clock, mailbox, list(script)
        self.waited = []

    def wait(self, seconds):
        assert seconds > 0
        assert len(self.waited) < 50, "it waits for ever"
        self.waited.append(seconds)
        self._clock.advance(seconds)
        if self._script:
            self._script.pop(0)()

    def cause(self):
        return None if self._mailbox.empty() else self._mailbox.get().cause


@pytest.fixture
def watch(folders, clock, said):
    """Run a watcher through a script; returns its code. `heard` and `waited` are attributes of it."""

    def run(*script, once=True, owner=None, **arguments):
        mailbox = SimpleQueue()
        configuration = load_configuration(
            None,
            {"prompts.provider": "offline", "images.provider": "offline", "watch.steady_s": STEADY_S, **arguments},
        )
        heard = []
        around = Crowd(heard=lambda outcome, report: heard.append((outcome, report)), clock=clock, mailbox=mailbox)
        run.standby = ScriptedStandby(clock, mailbox, script)
        run.mailbox, run.heard = mailbox, heard
        with Lease(folders.processing, clock, 60.0, "here") as lease:
            watcher = Watcher(
                folders=folders,
                settings=FolderSettings(configuration, folders.inbox, said),
                lease=lease,
                standby=run.standby,
                around=around,
                say=said,
            )
            return watcher.run(once=once)

    return run


def calm():
    """Nothing happens."""


def stop(watch, cause=StopCause.TERMINATED):
    return lambda: watch.mailbox.put(StopRequested(cause=cause))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def claimed(path, folders, owner="0badcafe"):
    return claim_file(Candidate(path, stamp_of(path)), folders.processing, owner)[0]


def test_with_nothing_there_once_ends_at_once(watch):
    assert watch() is ExitCode.NOTHING_TO_DO
    assert watch.standby.waited == []


def test_what_is_no_deck_inside_ends_in_failed_with_its_reason(watch, put, folders):
    put("a.pptx")
    assert watch() is ExitCode.BAD_DECK
    assert watch.standby.waited == [STEADY_S]
    assert names(folders.failed) == ["a.pptx", "a.reason.txt", "a.report.json"]
    reason = (folders.failed / "a.reason.txt").read_text()
    assert reason.startswith("a.pptx was not illustrated.\n\nWhat:    is a zip archive, but not a presentation;")
    report = json.loads((folders.failed / "a.report.json").read_text())
    assert (report["exit_code"], report["input"]) == (ExitCode.BAD_DECK, str(folders.inbox / "a.pptx"))
    ((outcome, told),) = watch.heard
    assert (outcome.exit_code, outcome.input, told) == (ExitCode.BAD_DECK, str(folders.inbox / "a.pptx"), None)
    assert names(folders.processing) == []


def test_until_a_signal_it_looks_every_interval_and_sooner_for_a_file_that_comes_to_rest(watch, put, folders):
    code = watch(lambda: put("a.pptx"), calm, calm, stop(watch), once=False)
    assert code is ExitCode.TERMINATED
    assert watch.standby.waited == [INTERVAL_S, STEADY_S, INTERVAL_S, INTERVAL_S]
    assert "a.pptx" in names(folders.failed)


def test_once_does_not_wait_for_what_comes_later_or_is_open_elsewhere(watch, put, folders):
    put("a.pptx")
    put("open.pptx")
    put("~$open.pptx")
    watch(lambda: put("later.pptx"))
    assert names(folders.inbox) == ["later.pptx", "open.pptx", "processing", "~$open.pptx"]


def test_a_key_that_is_missing_leaves_all_files_in_the_inbox_until_the_next_interval(watch, folders, said):
    for name in ("a.pptx", "b.pptx"):
        make_deck(folders.inbox / name, 1)
    settings = {"images.provider": "openai", "prompts.provider": "claude"}
    code = watch(calm, calm, calm, stop(watch), once=False, **settings)
    assert code is ExitCode.TERMINATED
    assert names(folders.inbox) == ["a.pptx", "b.pptx", "processing"]
    assert names(folders.failed) == []
    assert watch.standby.waited == [STEADY_S, INTERVAL_S, INTERVAL_S, INTERVAL_S]
    assert watch.heard == []
    assert all("is in the inbox again and is tried again" in text for text in said.texts)
    assert {text.partition(":")[0] for text in said.texts} == {"a.pptx", "b.pptx"}  # each had its turn
    assert len(said.texts) == 2


def test_once_ends_with_the_code_of_what_is_in_the_way(watch, folders):
    make_deck(folders.inbox / "a.pptx", 1)
    assert watch(**{"images.provider": "openai", "prompts.provider": "claude"}) is ExitCode.CREDENTIALS
    assert names(folders.inbox) == ["a.pptx", "processing"]
    assert names(folders.processing) == []


def test_a_broken_settings_file_is_told_once_and_files_wait_until_it_is_mended(watch, put, folders, said):
    put("a.pptx")
    settings = put("illustrate.yaml", b"style: [")

    def mend():
        settings.write_bytes(b"style: flat\n")

    watch(calm, calm, calm, mend, calm, stop(watch), once=False)
    about = [text for text in said.texts if "illustrate.yaml" in text]
    assert [text.endswith("decks wait in the inbox until that is mended") for text in about] == [True, False]
    assert "a.pptx" in names(folders.failed)


def test_with_a_broken_settings_file_once_ends(watch, put, folders):
    put("a.pptx")
    put("illustrate.yaml", b"hook: {command: [rm]}")
    assert watch() is ExitCode.USAGE
    assert "a.pptx" in names(folders.inbox)


def test_what_a_dead_watcher_had_is_taken_up_and_what_it_had_done_is_only_finished(watch, put, folders, clock):
    dead = Lease(folders.processing, clock, 60.0, "here").__enter__()
    claimed(put("begun.pptx"), folders, dead.owner)
    claimed(put("living.pptx"), folders, "another").folder.rename(folders.processing / "another.0")
    os.close(dead._lock._descriptor)
    assert watch() is ExitCode.BAD_DECK
    assert "begun.pptx" in names(folders.failed)
    assert names(folders.processing) == ["another.0"]  # of whom nobody knows yet


def test_a_deck_that_took_the_program_with_it_too_often_is_put_aside(watch, put, folders, clock):
    with Lease(folders.processing, clock, 60.0, "here") as dead:
        claim = claimed(put("a.pptx"), folders, dead.owner)
        for _ in range(DIED_TOO_OFTEN):
            claim.begin()
    clock.advance(1)
    late = watch(lambda: clock.advance(60), calm, calm, stop(watch), once=False)
    assert late is ExitCode.TERMINATED
    assert "the program ended in the middle of this deck 5 times" in (folders.failed / "a.reason.txt").read_text()


def test_a_file_written_to_at_the_last_moment_goes_back(watch, put, folders, said):
    path = put("a.pptx")

    def write():
        with path.open("ab") as file:
            file.write(b"x")
        os.utime(path, (5, 5))

    watch(write, once=True)
    assert "a.pptx" in names(folders.failed)
    assert watch.standby.waited == [STEADY_S, STEADY_S]


def test_a_file_whose_first_part_is_missing_is_put_aside_and_holds_up_no_other(watch, put, folders):
    """Its directory names places before its beginning, which the system says it cannot go to."""
    whole = make_deck(folders.inbox / "whole.bin", 1).read_bytes()
    put("a.pptx", whole[100:])
    put("b.pptx")
    watch()
    assert {"a.reason.txt", "b.reason.txt"} <= set(names(folders.failed))


def test_an_outbox_that_cannot_be_written_keeps_the_file_in_processing_and_is_tried_again(watch, put, folders, said):
    put("a.pptx")
    folders.failed.rmdir()
    folders.failed.write_bytes(b"in the way")

    def mend():
        folders.failed.unlink()
        folders.failed.mkdir()

    watch(calm, mend, calm, stop(watch), once=False)
    assert "a.pptx" in names(folders.failed)
    assert [text for text in said.texts if "stays in processing and is tried again" in text]


def test_an_inbox_that_is_away_for_a_while_is_waited_for(watch, put, folders, said, tmp_path):
    put("a.pptx")
    away = tmp_path / "away"
    leave, come = (lambda: folders.inbox.rename(away)), (lambda: away.rename(folders.inbox))
    watch(leave, come, calm, stop(watch), once=False)
    assert "a.pptx" in names(folders.failed)
    assert any("cannot be looked into" in text for text in said.texts)


@pytest.mark.parametrize("jobs", [1, 3])
def test_many_files_are_each_taken_once(watch, put, folders, jobs):
    for number in range(7):
        put(f"{number}.pptx")
    watch(**{"decks.jobs": jobs})
    assert len(names(folders.failed)) == 21
    assert len(watch.heard) == 7
