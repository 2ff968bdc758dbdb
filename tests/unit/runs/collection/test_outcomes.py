"""What is kept of a deck's report where there are thousands, and of one that had no run."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import DeckError, ExitCode
from pipeline.outcomes import Money, RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.runs.collection.outcomes import Refused, outcome_of, outcome_of_refusal


def slide(number, status, reason=""):
    return SlideOutcome(number=number, title="", status=status, reason=reason)


def test_the_numbers_of_a_report_stay_and_failed_slides_become_lines():
    report = RunReport(
        run_id="r1",
        status=RunStatus.PARTIAL,
        exit_code=ExitCode.PARTIAL,
        input=Path("in/a.pptx"),
        output=Path("out/a.pptx"),
        message="so it is",
        planned=4,
        cost_usd=0.5,
        money=Money(saved_usd=0.25, maybe_usd=0.125),
        seconds=2.0,
        slides=(
            slide(1, SlideStatus.SKIPPED, "a title slide"),
            slide(2, SlideStatus.ILLUSTRATED),
            slide(3, SlideStatus.FAILED, "refused\n  twice"),
            slide(4, SlideStatus.PLACEHOLDER, "a placeholder"),
            slide(5, SlideStatus.WAITING, "in a batch"),
        ),
    )
    outcome = outcome_of(report)
    assert (outcome.input, outcome.output, outcome.run_id) == ("in/a.pptx", "out/a.pptx", "r1")
    assert (outcome.planned, outcome.illustrated, outcome.skipped, outcome.failed) == (4, 1, 1, 2)
    assert (outcome.cost_usd, outcome.saved_usd, outcome.maybe_usd, outcome.seconds) == (0.5, 0.25, 0.125, 2.0)
    assert outcome.errors == ("slide 3: refused twice", "slide 4: a placeholder")
    assert (outcome.status, outcome.exit_code, outcome.message) == (RunStatus.PARTIAL, ExitCode.PARTIAL, "so it is")


def test_what_had_no_run_has_the_errors_code_and_one_line():
    outcome = outcome_of_refusal(Refused(input="a.pptx", error=DeckError("a.pptx: no deck;\n mend it")), 0.5)
    assert (outcome.status, outcome.exit_code) == (RunStatus.FAILED, ExitCode.BAD_DECK)
    assert (outcome.message, outcome.output, outcome.seconds) == ("a.pptx: no deck; mend it", None, 0.5)
