"""The schedule goes on whatever becomes of a job, never runs one beside itself, and ends in order."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.engine.clock import StopCause
from pipeline.engine.messages import StopRequested
from pipeline.errors import ExitCode, UsageError
from pipeline.runs.scheduling.flow import Around, _Due, keep_schedule
from pipeline.runs.scheduling.memory import Memory
from tests.unit.runs.scheduling.jobs import Every, job, report_of

LONG_S = 20.0
OFTEN = Every(0.05)
SELDOM = Every(3600.0)


class Watched:
    """A schedule whose jobs do what a test says, and which a test ends as a signal would."""

    def __init__(self, folder) -> None:
        self.memory = Memory(folder)
        self.runs, self.notes = [], []
        self.mail = None
        self.is_told = threading.Condition()

    def keep(self, *jobs, work, times, until=None):
        """Until `until(self)` holds, asked after each thing that is told."""
        self._until = until

        @contextmanager
        def signals(mailbox):
            self.mail = mailbox
            yield

        around = Around(
            work=work,
            ended=lambda run: self._tell(self.runs, run),
            note=lambda name, text: self._tell(self.notes, (name, text)),
            memory=self.memory,
            signals=signals,
            times=times if callable(times) else lambda _job: times,
        )
        return keep_schedule(jobs, around)

    def end(self, cause=StopCause.TERMINATED):
        self.mail.put(StopRequested(cause=cause))

    def _tell(self, to, what):
        to.append(what)
        if self._until is not None and self._until(self):
            self._until = None
            self.end()


@pytest.fixture
def watched(tmp_path):
    return Watched(tmp_path / "data")


def missed(watched, *jobs):
    """Have `jobs` to be caught up with at once."""
    for one in jobs:
        watched.memory.note(one, datetime.now(UTC) - timedelta(days=3))


def at_ease(_job, _mailbox):
    return report_of()


def test_a_job_runs_whenever_it_is_due(watched):
    code = watched.keep(job(), work=at_ease, times=OFTEN, until=lambda it: len(it.runs) == 3)
    assert code is ExitCode.TERMINATED
    assert [(run.name, run.exit_code) for run in watched.runs] == [("nightly", ExitCode.OK)] * 3
    first, second, third = watched.runs
    assert first.began <= first.ended <= second.began <= second.ended <= third.began
    assert first.next_time is not None


@pytest.mark.parametrize(
    ("cause", "code"),
    [(StopCause.TERMINATED, ExitCode.TERMINATED), (StopCause.INTERRUPTED, ExitCode.INTERRUPTED)],
)
def test_a_signal_ends_it_with_its_own_code(watched, cause, code):
    missed(watched, job())

    def work(_job, mailbox):
        watched.end(cause)
        assert mailbox.get(timeout=LONG_S) == StopRequested(cause=cause)
        return report_of(stopped=code)

    assert watched.keep(job(), work=work, times=SELDOM) is code
    assert [run.exit_code for run in watched.runs] == [code]


def test_what_is_under_way_ends_in_order_and_nothing_else_begins(watched):
    began = threading.Barrier(2, timeout=LONG_S)

    def work(_job, mailbox):
        began.wait()
        if _job.name == "second":
            watched.end()
            watched.mail.put(_Due("third"))
        assert isinstance(mailbox.get(timeout=LONG_S), StopRequested)
        return report_of(stopped=ExitCode.TERMINATED)

    jobs = job("first"), job("second"), job("third")
    missed(watched, *jobs[:2])
    watched.keep(*jobs, work=work, times=SELDOM)
    assert {run.name for run in watched.runs} == {"first", "second"}
    assert ("third", "begins") not in watched.notes


def test_a_job_never_runs_beside_itself(watched):
    at_work = []

    def work(_job, mailbox):
        at_work.append(len(at_work))
        mailbox.get(timeout=LONG_S)
        return report_of(stopped=ExitCode.TERMINATED)

    left_out = ("nightly", "is due, but its last run is not done; left out")
    watched.keep(job(), work=work, times=OFTEN, until=lambda it: it.notes.count(left_out) == 3)
    assert at_work == [0]


def test_jobs_that_are_due_together_run_together(watched):
    together = threading.Barrier(2, timeout=LONG_S)

    def work(_job, _mailbox):
        together.wait()
        return report_of()

    jobs = job("first"), job("second")
    missed(watched, *jobs)
    watched.keep(*jobs, work=work, times=SELDOM, until=lambda it: len(it.runs) == 2)
    assert {run.exit_code for run in watched.runs} == {ExitCode.OK}


def test_whatever_becomes_of_a_job_the_schedule_goes_on(watched, caplog):
    failures = iter([UsageError("no such\nfolder"), RuntimeError("a bug"), KeyboardInterrupt(), None])

    def work(_job, _mailbox):
        failure = next(failures)
        if failure is not None:
            raise failure
        return report_of()

    with caplog.at_level(logging.ERROR, logger="pipeline"):
        watched.keep(job(), work=work, times=OFTEN, until=lambda it: len(it.runs) == 4)
    codes = [(run.exit_code, run.message) for run in watched.runs]
    assert codes[0] == (ExitCode.USAGE, "no such folder")
    assert codes[1] == (ExitCode.BUG, "a bug: unexpected RuntimeError: a bug")
    assert codes[2][0] is ExitCode.BUG
    assert codes[3] == (ExitCode.OK, "")
    assert "Traceback" in caplog.text


def test_a_time_that_passed_while_no_schedule_ran_is_caught_up_with_once(watched):
    missed(watched, job())
    daily = Every(86_400.0)
    watched.keep(job(), work=at_ease, times=daily, until=lambda it: it.runs)
    assert len(watched.runs) == 1
    assert watched.memory.dealt_with_until(job(), datetime.now(UTC)) == watched.runs[0].ended

    missed(watched, job("other"))
    watched.keep(job("other"), job(), work=at_ease, times=daily, until=lambda it: len(it.runs) == 2)
    assert [run.name for run in watched.runs] == ["nightly", "other"]


def test_a_run_that_was_broken_off_is_gone_on_with_at_the_next_start(watched):
    missed(watched, job())

    def broken_off(_job, mailbox):
        mailbox.get(timeout=LONG_S)
        return report_of(stopped=ExitCode.TERMINATED)

    daily = Every(86_400.0)
    watched.keep(job(), work=broken_off, times=daily, until=lambda it: it.notes)
    watched.keep(job(), work=at_ease, times=daily, until=lambda it: len(it.runs) == 2)
    assert [run.exit_code for run in watched.runs] == [ExitCode.TERMINATED, ExitCode.OK]


def test_a_job_that_is_new_has_missed_nothing(watched):
    missed(watched, job("other"))
    times = Every(86_400.0)
    watched.keep(job(), job("other"), work=at_ease, times=times, until=lambda it: it.runs)
    assert [name for name, _ in watched.notes] == ["other"]


def test_a_job_another_process_is_at_is_left_to_it(watched):
    missed(watched, job())
    before = watched.memory.dealt_with_until(job(), datetime.now(UTC))
    with Memory(watched.memory._folder).alone_with(job()):
        watched.keep(job(), work=at_ease, times=SELDOM, until=lambda it: it.runs)
    (run,) = watched.runs
    assert run.exit_code is ExitCode.FILE_ACCESS
    assert "another process" in run.message
    assert watched.memory.dealt_with_until(job(), datetime.now(UTC)) == before  # who is at it may yet be killed


def test_the_second_signal_ends_it_at_once(watched):
    jobs = job("deaf"), job("last")
    missed(watched, jobs[0])
    is_at_work, released = threading.Event(), threading.Event()

    def work(_job, _mailbox):
        is_at_work.set()
        released.wait(LONG_S)  # and hears of no signal
        return report_of()

    def broken_off_at_the_last(name, _text):
        if name == "last":
            assert is_at_work.wait(LONG_S)
            raise KeyboardInterrupt

    times = {"deaf": SELDOM, "last": OFTEN}
    around = Around(
        work=work,
        ended=watched.runs.append,
        note=broken_off_at_the_last,
        memory=watched.memory,
        times=lambda one: times[one.name],
    )
    try:
        with pytest.raises(KeyboardInterrupt):
            keep_schedule(jobs, around)
        assert watched.runs == []
        assert "APScheduler" not in {thread.name for thread in threading.enumerate()}
    finally:
        released.set()
