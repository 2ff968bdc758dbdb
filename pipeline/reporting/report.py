"""The JSON report: a promise to other programs. Fields are added, never renamed, without a line in the changelog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.errors import ExitCode
from pipeline.outcomes import Money, RunReport, RunStatus, SlideOutcome, StageCount, StripReport
from pipeline.records import Slot
from pipeline.records.prices import Quote, SlidePrice
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
            "cost_usd": _rounded(report.cost_usd),
            "money": _money(report.money),
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


def plan_json(quote: Quote, source: Path) -> str:
    """A plan as one JSON object; `cost_usd` and its parts are null where a price is not known."""
    price_of = {price.number: price for price in quote.prices}
    return _dumped(
        {
            "input": str(source),
            "offline": quote.offline,
            "planned": len(quote.prices),
            "cost_usd": _rounded(quote.usd),
            "credits": quote.credits,
            "exceeds": list(quote.exceeds),
            "slides": [
                {
                    "number": plan.slide.number,
                    "title": plan.slide.title,
                    "status": "planned" if plan.slot else "skipped",
                    "reason": plan.reason,
                    "slot": _slot(plan.slot),
                    **_price(price_of.get(plan.slide.number, SlidePrice(number=plan.slide.number))),
                }
                for plan in quote.plans
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


def _price(price: SlidePrice) -> dict[str, Any]:
    return {
        "cost_usd": _rounded(price.usd),
        "prompt_usd": _rounded(price.prompt_usd),
        "image_usd": _rounded(price.image_usd),
        "has_prompt": price.has_prompt,
        "has_picture": price.has_picture,
        "declined": price.declined,
    }


def _money(money: Money) -> dict[str, Any]:
    return {
        "delivered_usd": _rounded(money.delivered_usd),
        "not_used": [{"reason": one.reason, "usd": _rounded(one.usd), "calls": one.calls} for one in money.not_used],
        "saved_usd": _rounded(money.saved_usd),
        "maybe_usd": _rounded(money.maybe_usd),
        "maybe_calls": money.maybe_calls,
        "credits": money.credits,
    }


def _rounded(usd: float | None) -> float | None:
    return None if usd is None else round(usd, 6)


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
        "cost_usd": _rounded(slide.cost_usd),
        "saved_usd": _rounded(slide.saved_usd),
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
