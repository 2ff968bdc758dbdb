"""Making one file that was taken: the run, what is left of it, and where that makes it end."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config.loader import Configuration
from pipeline.deck.package.saving import copy_whole
from pipeline.engine.threads import Mailbox
from pipeline.errors import ExitCode, PipelineError
from pipeline.events import EventSink, Notice
from pipeline.outcomes import DeckOutcome, RunReport, RunStatus
from pipeline.reporting.report import failure_json, report_json
from pipeline.runs.assembly import Surroundings
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.collection.outcomes import Refused, outcome_of, outcome_of_refusal
from pipeline.runs.deck_run import illustrate
from pipeline.runs.preparing import Order
from pipeline.runs.services.limiting import RunLimits
from pipeline.runs.targets import partial_of
from pipeline.runs.watching.claims import Claim
from pipeline.runs.watching.endings import PARTIAL, REPORT, Ending, Move, Verdict
from pipeline.runs.watching.folders import Role
from pipeline.runs.watching.inbox import stamp_of
from pipeline.runs.watching.reasons import reason_text
from pipeline.store.files import make_folder, write_whole

SIGNALS = frozenset({ExitCode.INTERRUPTED, ExitCode.TERMINATED})
NOT_ITS_FAULT = frozenset({ExitCode.USAGE, ExitCode.FILE_ACCESS, ExitCode.CREDENTIALS, ExitCode.BUDGET})
"""What ends a run that the deck can do nothing about: it waits in the inbox until somebody has mended that."""

DIED_TOO_OFTEN = 5
"""A deck that took the whole program with it so many times is not begun again."""

_DELIVERED = frozenset({ExitCode.OK, ExitCode.PARTIAL, ExitCode.NOTHING_TO_DO})
_REPORT_FILE, _REASON_FILE, _LOG_FILE = "report.json", "reason.txt", "run.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a run came to. `report` is None where it could not begin, `ending` where it is to be begun again."""

    outcome: DeckOutcome
    report: RunReport | None
    ending: Ending | None


class Maker:
    """Makes decks by one configuration, several at once; all share `limits`."""

    def __init__(self, configuration: Configuration, around: Crowd, limits: RunLimits, inbox: Path) -> None:
        # The work folder is the claim's own, wherever others have theirs: it moves with it to another watcher.
        output = configuration.settings.output.model_copy(update={"work_folder": None})
        settings = configuration.settings.model_copy(update={"output": output})
        self._configuration = replace(configuration, settings=settings)
        self._around = around
        self._limits = limits
        self._inbox = inbox

    def make(self, claim: Claim, original: Path, own: Mailbox, sink: EventSink) -> Made:
        """Illustrate a file that was taken. `own` is where a signal is heard. Raises OSError."""
        if claim.begin() >= DIED_TOO_OFTEN:
            told = f"the program ended in the middle of this deck {DIED_TOO_OFTEN} times; it is not begun again"
            outcome = outcome_of_refusal(Refused(input=str(self._inbox / original.name), error=PipelineError(told)))
            return Made(outcome=outcome, report=None, ending=_ending(claim, original, outcome, None))
        before = stamp_of(original)
        outcome, report = self._run(claim, original, own, sink)
        if outcome.exit_code in SIGNALS:
            claim.left_in_order()
            return Made(outcome=outcome, report=report, ending=None)
        if stamp_of(original) != before:
            told = "was written to while it was made; it is taken again when it is at rest"
            outcome = replace(outcome, status=RunStatus.FAILED, exit_code=ExitCode.CHECK_FAILED, message=told)
            return Made(outcome=outcome, report=report, ending=sent_back(original.name, outcome))
        return Made(outcome=outcome, report=report, ending=_ending(claim, original, outcome, report))

    def _run(self, claim: Claim, original: Path, own: Mailbox, sink: EventSink) -> tuple[DeckOutcome, RunReport | None]:
        began = self._around.clock.monotonic()
        try:
            report = self._illustrated(claim, original, own, sink)
        except PipelineError as error:
            refused = Refused(input=str(original), error=error)
        except Exception as error:  # noqa: BLE001 - the bug one deck meets is told, the others go on
            sink(Notice(text="".join(traceback.format_exception(error)).rstrip()))
            refused = Refused(input=str(original), error=PipelineError(f"a bug: {type(error).__name__}: {error}"))
        else:
            return self._by_its_name(outcome_of(report), original), report
        seconds = self._around.clock.monotonic() - began
        return self._by_its_name(outcome_of_refusal(refused, seconds), original), None

    def _by_its_name(self, outcome: DeckOutcome, original: Path) -> DeckOutcome:
        """Messages that name the file by its place for now do so by its place in the inbox."""
        known = str(self._inbox / original.name)
        return replace(outcome, input=known, message=outcome.message.replace(str(original), known))

    def _illustrated(self, claim: Claim, original: Path, own: Mailbox, sink: EventSink) -> RunReport:
        output = _output(claim, original)
        make_folder(output.parent)
        for left in (output, partial_of(output)):  # of a run that ended before its end could be written down
            left.unlink(missing_ok=True)
        surroundings = Surroundings(
            sink=sink,
            clock=self._around.clock,
            rng=self._around.rng,
            mailbox=own,
            log_echo=self._around.log_echo,
            log_format=self._around.log_format,
            keeping=self._around.keeping,
            limits=self._limits,
        )
        return illustrate(Order(input=original, output=output), self._configuration, surroundings)


def sent_back(name: str, outcome: DeckOutcome) -> Ending:
    """The ending of a file that goes back into the inbox."""
    back = Move(source=f"original/{name}", to=Role.INBOX, suffix=Path(name).suffix)
    return Ending(verdict=Verdict.BACK, outcome=outcome, name=name, moves=(back,))


def _ending(claim: Claim, original: Path, outcome: DeckOutcome, report: RunReport | None) -> Ending:
    """How the file ends, with everything made that goes anywhere."""
    is_about_itself = outcome.exit_code is ExitCode.FILE_ACCESS and outcome.message.startswith(f"{outcome.input}:")
    if outcome.exit_code in NOT_ITS_FAULT and not is_about_itself:
        return sent_back(original.name, outcome)
    make_folder(claim.made)
    is_done = outcome.exit_code in _DELIVERED
    if report is None:
        text = failure_json(outcome.message, outcome.exit_code, original)
    else:
        text = report_json(replace(report, message=outcome.message))
    write_whole(claim.made / _REPORT_FILE, text.encode(errors="backslashreplace"))
    moves = _done(claim, original) if is_done else _failed(claim, original, outcome)
    verdict = Verdict.DONE if is_done else Verdict.FAILED
    return Ending(verdict=verdict, outcome=outcome, name=original.name, moves=tuple(moves))


def _done(claim: Claim, original: Path) -> list[Move]:
    output = _output(claim, original)
    if not output.exists():  # nothing to do
        copy_whole(original, output, may_overwrite=False, owner=claim.token)
    return [
        Move(source=f"made/{_REPORT_FILE}", to=Role.OUTBOX, suffix=REPORT),
        Move(source=f"made/{output.name}", to=Role.OUTBOX, suffix=original.suffix),
        Move(source=f"original/{original.name}", to=Role.ORIGINALS, suffix=original.suffix),
    ]


def _failed(claim: Claim, original: Path, outcome: DeckOutcome) -> list[Move]:
    output = _output(claim, original)
    partial, log = partial_of(output), Path("made", f"{output.stem}.work", _LOG_FILE)
    there = [
        (partial.relative_to(claim.folder), f"{PARTIAL}{original.suffix}", "the deck as far as it came"),
        (log, ".log", "the log of the run"),
    ]
    there = [one for one in there if (claim.folder / one[0]).exists()]
    text = reason_text(original.name, outcome, beside={suffix: what for _, suffix, what in there})
    write_whole(claim.made / _REASON_FILE, text.encode("utf-8", "replace"))
    return [
        Move(source=f"made/{_REPORT_FILE}", to=Role.FAILED, suffix=REPORT),
        *(Move(source=str(path), to=Role.FAILED, suffix=suffix) for path, suffix, _ in there),
        Move(source=f"made/{_REASON_FILE}", to=Role.FAILED, suffix=".reason.txt"),
        Move(source=f"original/{original.name}", to=Role.FAILED, suffix=original.suffix),
    ]


def _output(claim: Claim, original: Path) -> Path:
    return claim.made / f"deck{original.suffix.lower()}"
