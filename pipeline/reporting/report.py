"""The JSON report: a promise to other programs. Fields are added, never renamed, without a line in the changelog."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import ExitCode
from pipeline.outcomes import RunReport, RunStatus, SlideOutcome, StageCount, StripReport
from pipeline.records import SlidePlan, Slot
from pipeline.reporting.failures import failed_calls_json


def report_json(report: RunReport) -> str:
    """`report` as one JSON object."""
    return _dumped(
        {
            "run_id": report.run_id,
            "status": report.status.value,
            "exit_code": int(report.exit_code),
            "message": report.message,
            "input": str(report.input),
            "output": _path(report.output),
            "partial_output": _path(report.partial_output),
            "work_folder": _path(report.work_folder),
            "offline": report.offline,
            "planned": report.planned,
            "prompts": _count(report.prompts),
            "images": _count(report.images),
            "cost_usd": round(report.cost_usd, 6),
            "seconds": round(report.seconds, 3),
            "slides": [_slide(slide) for slide in report.slides],
            "workers": [
                {
                    "name": worker.name,
                    "images": worker.images,
                    "failures": worker.failures,
                    "busy_s": round(worker.busy_s, 3),
                }
                for worker in report.workers
            ],
        }
    )


def failure_json(message: str, code: ExitCode, source: Path) -> str:
    """The report of a run that could not begin, or was not let end."""
    report = RunReport(run_id="", status=RunStatus.FAILED, exit_code=code, input=source, message=message)
    return report_json(report)


def plan_json(plans: Sequence[SlidePlan], costs_usd: Sequence[float | None], source: Path, *, offline: bool) -> str:
    """A plan as one JSON object; `cost_usd` is null where a price is not known."""
    cost_of = dict(zip((plan.slide.number for plan in plans if plan.slot), costs_usd, strict=True))
    known = [cost for cost in costs_usd if cost is not None]
    return _dumped(
        {
            "input": str(source),
            "offline": offline,
            "planned": len(costs_usd),
            "cost_usd": round(sum(known), 6) if len(known) == len(costs_usd) else None,
            "slides": [
                {
                    "number": plan.slide.number,
                    "title": plan.slide.title,
                    "status": "planned" if plan.slot else "skipped",
                    "reason": plan.reason,
                    "slot": _slot(plan.slot),
                    "cost_usd": cost_of.get(plan.slide.number, 0.0),
                }
                for plan in plans
            ],
        }
    )


def strip_json(report: StripReport) -> str:
    """What `strip` did as one JSON object."""
    return _dumped(
        {
            "exit_code": int(report.exit_code),
            "input": str(report.input),
            "output": _path(report.output),
            "removed": report.removed,
        }
    )


def _slide(slide: SlideOutcome) -> dict[str, Any]:
    return {
        "number": slide.number,
        "title": slide.title,
        "status": slide.status.value,
        "reason": slide.reason,
        "prompt": slide.prompt,
        "alt_text": slide.alt_text,
        "provider": slide.provider,
        "model": slide.model,
        "attempts": slide.attempts,
        "failed_calls": failed_calls_json(slide.failed_calls),
        "cost_usd": round(slide.cost_usd, 6),
        "image": _path(slide.image),
        "slot": _slot(slide.slot),
    }


def _slot(slot: Slot | None) -> dict[str, Any] | None:
    if slot is None:
        return None
    return {
        "kind": slot.kind.value,
        "left_emu": slot.box.left_emu,
        "top_emu": slot.box.top_emu,
        "width_emu": slot.box.width_emu,
        "height_emu": slot.box.height_emu,
    }


def _count(count: StageCount) -> dict[str, int]:
    return {"succeeded": count.succeeded, "failed": count.failed}


def _path(path: Path | None) -> str | None:
    return str(path) if path is not None else None


def _dumped(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2)  # ASCII: whatever the other end of a pipe takes for the encoding
