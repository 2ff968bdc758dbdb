"""Watching a folder: look, take what is at rest, make it, put it where it belongs; again and again until a signal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any

from pipeline.config.loader import Configuration
from pipeline.engine.clock import StopCause
from pipeline.engine.many import Ended, Many
from pipeline.engine.threads import Mailbox
from pipeline.errors import ExitCode
from pipeline.events import Event
from pipeline.outcomes import DeckOutcome, RunReport, RunStatus, worst
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.services.limiting import RunLimits
from pipeline.runs.watching.claims import Claim, claim_file, claims_of
from pipeline.runs.watching.endings import (
    Ending,
    Verdict,
    decide,
    finish,
    outcome_in_place,
    read_ending,
    report_in_place,
)
from pipeline.runs.watching.folder_settings import FolderSettings
from pipeline.runs.watching.folders import Folders
from pipeline.runs.watching.inbox import Candidate, Inbox, Look
from pipeline.runs.watching.leases import Lease
from pipeline.runs.watching.making import SIGNALS, Maker, sent_back
from pipeline.runs.watching.standby import Standby

_CODES = {StopCause.INTERRUPTED: ExitCode.INTERRUPTED, StopCause.TERMINATED: ExitCode.TERMINATED}
# A first deck over a bound for money may be a dear one; with the second nothing else would go through either.
_PATIENCE_WITH_BUDGETS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happened:
    """An event of a deck's run, on its way to who shows it."""

    deck: str
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _Went:
    """What became of a file: `verdict` None where it is still in processing, `outcome` None where it was not ours.

    `is_left` where it may still be in the inbox.
    """

    name: str
    is_left: bool = False
    outcome: DeckOutcome | None = None
    verdict: Verdict | None = None


class Watcher:
    """One watcher of one folder.

    `around.heard` is told of each file that ends; of one twice where the watcher was killed just then. `say(subject,
    text)` has a person told, once for each text.
    """

    def __init__(
        self,
        *,
        folders: Folders,
        settings: FolderSettings,
        lease: Lease,
        standby: Standby,
        around: Crowd,
        say: Callable[[str, str], None],
    ) -> None:
        self._folders = folders
        self._settings = settings
        self._lease = lease
        self._standby = standby
        self._around = around
        self._say = say
        self._mailbox: SimpleQueue[Any] = around.mailbox
        self._inbox = Inbox(folders.inbox, around.clock, say)
        self._codes: set[ExitCode] = set()
        self._rests_until = around.clock.monotonic()
        self._sent_back: set[str] = set()
        self._again: set[str] = set()
        self._cause: StopCause | None = None

    def run(self, *, once: bool) -> ExitCode:
        """Until a signal, or with `once` until what was there at first is done. Returns the worst code of all.

        Raises what breaks in this thread, a second signal above all, and UsageError where limits cannot be kept.
        """
        base = self._settings.base
        to_do: frozenset[str] | None = None
        with closing(RunLimits(base.settings.limits, base.home, self._around.clock)) as limits:
            while True:
                self._again.clear()
                look, has_taken = self._round(limits)
                left = look.waiting | self._again
                to_do = left if to_do is None else to_do & left
                self._cause = self._cause or self._standby.cause()
                if self._cause is not None:
                    return worst({_CODES[self._cause]})
                if once and (not to_do or self._is_resting or self._settings.current() is None):
                    return worst(self._codes)
                if not has_taken or self._is_resting:  # else files may have come meanwhile
                    self._standby.wait(self._pause_s(look))

    @property
    def _is_resting(self) -> bool:
        return self._around.clock.monotonic() < self._rests_until

    def _pause_s(self, look: Look) -> float:
        interval_s = self._settings.base.settings.watch.interval_s
        if self._is_resting:
            return self._rests_until - self._around.clock.monotonic()
        return interval_s if look.wait_s is None else min(interval_s, look.wait_s)

    def _round(self, limits: RunLimits) -> tuple[Look, bool]:
        """One look, and all that is taken after it. Returns what was there before, and whether any of it was ours."""
        watch = self._settings.base.settings.watch
        try:
            look = self._inbox.look(watch.steady_s, watch.interval_s)
            configuration = self._settings.current()
            if configuration is None:
                self._codes.add(ExitCode.USAGE)
                return look, False
            if self._is_resting:
                return look, False
            claims = claims_of(self._lease, self._folders.processing)
        except OSError as error:  # a share that is away for a while
            self._say(str(self._folders.inbox), f"{self._folders.inbox}: cannot be looked into ({error.strerror})")
            self._codes.add(ExitCode.FILE_ACCESS)
            return Look(), False
        self._sent_back &= {one.path.name for one in look.ready}
        ready = sorted(look.ready, key=lambda one: one.path.name in self._sent_back)  # those once more, but last
        things: list[Claim | Candidate] = [*claims, *ready]
        return look, bool(things) and self._take(things, configuration, limits)

    def _take(self, things: list[Claim | Candidate], configuration: Configuration, limits: RunLimits) -> bool:
        """Make all `things`, `decks.jobs` at the same time, unless something is in the way of all of them.

        Returns whether any was there to be taken.
        """
        maker = Maker(configuration, self._around, limits, self._folders.inbox)
        many: Many[Claim | Candidate, _Went] = Many(
            things, partial(self._work, maker), at_once=configuration.settings.decks.jobs, mailbox=self._mailbox
        )
        budgets, has_taken = 0, False
        with closing(iter(many)) as happenings:
            for happening in happenings:
                match happening:
                    case Ended(result=_Went() as went):
                        has_taken |= went.outcome is not None
                        budgets += went.verdict is Verdict.BACK and self._is_over_budget(went)
                        if self._note(went) or budgets >= _PATIENCE_WITH_BUDGETS:
                            many.begin_no_more()
                    case _Happened(deck=deck, event=event):
                        self._around.progress.event(deck, event)
        self._cause = self._cause or many.cause
        return has_taken

    @staticmethod
    def _is_over_budget(went: _Went) -> bool:
        return went.outcome is not None and went.outcome.exit_code is ExitCode.BUDGET

    def _note(self, went: _Went) -> bool:
        """Remember and show what became of a file; returns whether it would become of every other too."""
        outcome = went.outcome
        if went.is_left:
            self._again.add(went.name)
        if outcome is None or outcome.exit_code in SIGNALS:
            return False
        if went.verdict in (Verdict.DONE, Verdict.FAILED):
            self._codes.add(outcome.exit_code)
            self._around.progress.ended(outcome)
            return False
        where = "is in the inbox again" if went.verdict is Verdict.BACK else "stays in processing"
        self._say(
            went.name,
            f"{went.name}: {outcome.message.removeprefix(f'{outcome.input}: ')}; it {where} and is tried again",
        )
        self._sent_back.add(went.name)
        if outcome.exit_code is ExitCode.CHECK_FAILED:  # somebody was writing to it, which is no matter of others
            self._again.add(went.name)
            return False
        self._codes.add(outcome.exit_code)
        self._rests_until = self._around.clock.monotonic() + self._settings.base.settings.watch.interval_s
        return outcome.exit_code is not ExitCode.BUDGET

    def _work(self, maker: Maker, thing: Claim | Candidate, own: Mailbox) -> _Went:
        """Take one file and bring it to its end, in a thread of its own."""
        name = thing.path.name if isinstance(thing, Candidate) else thing.folder.name
        try:
            if isinstance(thing, Claim):
                return self._brought(maker, thing, own)
            folder, owner = self._folders.processing, self._lease.owner
            taken = claim_file(thing, folder, owner) if thing.is_as_it_was() else None  # the look may be long ago
            if taken is None:
                return _Went(name=name, is_left=True)
            claim, stamp = taken
            if stamp != thing.stamp:  # somebody wrote to it between the look and now
                back = sent_back(name, _refused(name, "was written to just now", ExitCode.CHECK_FAILED))
                return self._ended(claim, decide(claim, back, self._folders), None)
            return self._brought(maker, claim, own)
        except OSError as error:
            where = error.filename2 or error.filename or name
            told = f"{where}: {error.strerror or error}; look after that disk"
            return _Went(name=name, outcome=_refused(name, told, ExitCode.FILE_ACCESS))

    def _brought(self, maker: Maker, claim: Claim, own: Mailbox) -> _Went:
        """A file that is ours to its end, from wherever it is. Raises OSError."""
        ending, original = read_ending(claim), claim.original
        report = None
        if ending is None:
            if original is None:  # taken by another at the same time, or all done but for this folder
                claim.discard()
                return _Went(name=claim.folder.name)
            name = original.name
            made = maker.make(claim, original, own, lambda event: self._mailbox.put(_Happened(deck=name, event=event)))
            if made.ending is None:
                return _Went(name=name, outcome=made.outcome)
            ending, report = decide(claim, made.ending, self._folders), made.report
        return self._ended(claim, ending, report)

    def _ended(self, claim: Claim, ending: Ending, report: RunReport | None) -> _Went:
        ending = finish(claim, ending, self._folders)
        outcome = outcome_in_place(ending, self._folders)
        if ending.verdict is not Verdict.BACK:
            self._around.heard(outcome, None if report is None else report_in_place(report, ending, self._folders))
        claim.discard()
        return _Went(name=ending.name, outcome=outcome, verdict=ending.verdict)


def _refused(name: str, message: str, code: ExitCode) -> DeckOutcome:
    return DeckOutcome(input=name, output=None, status=RunStatus.FAILED, exit_code=code, message=message)
