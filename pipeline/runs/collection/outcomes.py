"""What became of one deck of many, made of its run's report or of the error that kept the run from beginning."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import PipelineError
from pipeline.outcomes import DeckOutcome, RunReport, RunStatus, SlideOutcome, SlideStatus

_FAILED = (SlideStatus.FAILED, SlideStatus.PLACEHOLDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What was asked for and is no order: a pattern that fits nothing, a second deck with the same output."""

    input: str
    error: PipelineError


def outcome_of(report: RunReport) -> DeckOutcome:
    """The numbers of `report` without its slides; a slide that failed is left as a line."""
    statuses = [slide.status for slide in report.slides]
    return DeckOutcome(
        input=str(report.input),
        output=None if report.output is None else str(report.output),
        status=report.status,
        exit_code=report.exit_code,
        message=report.message,
        run_id=report.run_id,
        planned=report.planned,
        illustrated=statuses.count(SlideStatus.ILLUSTRATED),
        skipped=statuses.count(SlideStatus.SKIPPED),
        failed=sum(map(statuses.count, _FAILED)),
        cost_usd=report.cost_usd,
        saved_usd=report.money.saved_usd,
        maybe_usd=report.money.maybe_usd,
        seconds=report.seconds,
        errors=tuple(_line(slide) for slide in report.slides if slide.status in _FAILED),
    )


def outcome_of_refusal(refused: Refused, seconds: float = 0.0) -> DeckOutcome:
    """Of a deck whose run could not begin, which took so many `seconds` to find out."""
    return DeckOutcome(
        input=refused.input,
        output=None,
        status=RunStatus.FAILED,
        exit_code=refused.error.exit_code,
        message=" ".join(str(refused.error).split()),
        seconds=seconds,
    )


def _line(slide: SlideOutcome) -> str:
    return f"slide {slide.number}: {' '.join(slide.reason.split())}"
