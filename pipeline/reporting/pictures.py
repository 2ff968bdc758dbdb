"""Pictures made without a deck, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pipeline.reporting.failures import failed_calls_json
from pipeline.reporting.rows import PictureRow, PicturesReport
from pipeline.reporting.tables import aligned, dollars


def describe_pictures(report: PicturesReport) -> str:
    """One line a picture that was made: its file, who made it, what it cost; "" where there is none."""
    made = [row for row in report.rows if row.path is not None]
    return "\n".join(aligned([(str(row.path), _who(row), f"${dollars(row.cost_usd)}") for row in made])) if made else ""


def describe_failures(report: PicturesReport) -> Iterator[str]:
    """One line for each that was not."""
    for row in report.rows:
        if row.path is None:
            yield f"{f'picture {row.number}' if len(report.rows) > 1 else 'no picture'}: {row.problem}"


def pictures_json(report: PicturesReport) -> str:
    """All of it as one JSON object."""
    return json.dumps(
        {
            "exit_code": int(report.exit_code),
            "prompt": report.prompt,
            "cost_usd": _rounded(report.cost_usd),
            "pictures": [
                {
                    "number": row.number,
                    "path": None if row.path is None else str(row.path),
                    "provider": row.provider,
                    "model": row.model,
                    "cost_usd": _rounded(row.cost_usd),
                    "problem": row.problem,
                    "failed_calls": failed_calls_json(row.failed_calls),
                }
                for row in report.rows
            ],
        },
        indent=2,
    )


def _who(row: PictureRow) -> str:
    return f"{row.provider}/{row.model}" if row.model else row.provider


def _rounded(usd: float | None) -> float | None:
    return None if usd is None else round(usd, 6)
