"""Records as the tests need them, and children that write a history at the same time."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import BudgetError
from pipeline.records import CallKind
from pipeline.records.history import AttemptRecord, RunRecord, RunState
from pipeline.store.history import Bound, Scope, open_history, schema

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
NOT_A_DATABASE = b"no database at all, but long enough to be taken for one" * 200


class Watch:
    """A clock that stands still until it is set."""

    def __init__(self, moment=NOON):
        self.moment = moment

    def __call__(self):
        return self.moment

    def pass_by(self, **time):
        self.moment += timedelta(**time)


class Desk:
    """A history as a run has it, with its clock and the warnings it gave."""

    def __init__(self, place, *, url=None, moment=NOON, busy_timeout_s=10.0):
        self.watch = Watch(moment)
        self.warnings = []
        self.history = open_history(
            url, place, now=self.watch, warn=self.warnings.append, busy_timeout_s=busy_timeout_s
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.history.close()

    def begin_run(self, name="run-1", **facts):
        run = run_record(name, **{"created": self.watch()} | facts)
        self.history.begin_run(run)
        return run

    def begin(self, *bounds, **facts):
        return self.history.begin_attempt(call(**{"created": self.watch()} | facts), bounds)

    def done(self, *bounds, cost_usd=0.05, **facts):
        number = self.begin(*bounds, **facts)
        self.history.end_attempt(number, cost_usd=cost_usd)
        return number


def run_record(name="run-1", **facts):
    return RunRecord(id=name, **{"state": RunState.PENDING, "created": NOON} | facts)


def call(**facts):
    usual = {
        "id": 0,
        "run_id": "run-1",
        "slide_number": 1,
        "kind": CallKind.IMAGE,
        "service": "fake",
        "model": "painter",
        "request_key": "a" * 64,
        "prompt": "a calm lake",
        "reserved_usd": 0.05,
        "created": NOON,
    }
    return AttemptRecord(**usual | facts)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def together(work, *arguments, children=4):
    """Call `work`, a function of this module, in several processes at once; the lines they printed."""
    script = f"from tests.unit.store.history import support; support.forked(support.{work.__name__}, {children})"
    command = [sys.executable, "-c", script, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.split()


def forked(work, children):
    """In a process that has all it needs in memory: its children begin within a moment of each other."""
    start, started = os.pipe()
    pids = []
    for _ in range(children):
        pid = os.fork()
        if pid == 0:
            os.close(started)
            os.read(start, 1)  # until the parent closes the other end
            work(*sys.argv[1:])
            sys.stdout.flush()
            os._exit(0)
        pids.append(pid)
    os.close(started)
    sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids))


def spend(url, folder):
    """Four threads, each asking for pictures until a budget says no; prints how many they got."""
    bounds = [Bound(name="budget.max_usd_per_day", scope=Scope(since=NOON), max_usd=1.0)]
    got = []

    def ask():
        with suppress(BudgetError):
            while True:
                number = desk.history.begin_attempt(call(), bounds)
                got.append(number)
                desk.history.end_attempt(number, cost_usd=0.05)

    with Desk(Path(folder), url=url or None) as desk:
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    sys.stdout.write(f"{len(got)}\n")


def one_run(url, folder):
    """Writes a run of its own into a history nobody may have prepared; prints how many warnings it heard."""
    with Desk(Path(folder), url=url or None) as desk:
        desk.begin_run(f"run-{os.getpid()}")
    sys.stdout.write(f"{len(desk.warnings)}\n")


def one_run_of_a_later_version(folder, migrations):
    """As a program whose tables are of version 0002 would."""
    importlib.import_module("pipeline.store.history.migrating").FOLDER = Path(migrations)
    schema.VERSION, schema.VERSIONS = "0002", ("0001", "0002")
    one_run("", folder)
