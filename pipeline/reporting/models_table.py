"""The models there are, and what became of asking services for theirs, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.reporting.rows import ModelList, ModelRow, ModelState, RefreshRow
from pipeline.reporting.tables import ago, aligned, dollars
from pipeline.services.models import Shapes

_HEAD = ("model", "type", "price", "shapes", "quality", "state", "until")
_PRICE = 2
_STATES = {
    ModelState.AVAILABLE_PERSONAL: "your key",
    ModelState.AVAILABLE_SHARED: "shared",
    ModelState.NO_ACCESS: "no access",
    ModelState.DISABLED: "disabled",
    ModelState.SHUT_DOWN: "shut down",
    ModelState.LISTED: "listed",
}
_LEGEND = (
    "* is taken where its service is named without a model. listed: only its service's own list has it.",
    "Prices in US dollars: one picture of about 1024x1024, for text a million tokens read/written; ? is not known.",
    "`providers` says what a service without access lacks.",
)


def describe_models(found: ModelList) -> str:
    """A table of 120 columns at most as long as no name is beyond all bounds, and what it does not show."""
    rows = [_HEAD, *map(_cells, found.rows)]
    return "\n".join(
        [*(aligned(rows, right=(_PRICE,)) if found.rows else ["No such model is listed."]), "", *_notes(found)]
    )


def models_json(found: ModelList) -> str:
    """The same as one JSON object; what is not known is null."""
    return json.dumps(
        {
            "models": [_object(row) for row in found.rows],
            "any_other_model_of": list(found.others),
            "refreshed_s_ago": {name: round(age.total_seconds()) for name, age in sorted(found.ages.items())},
        },
        indent=2,
    )


def describe_refresh(rows: Sequence[RefreshRow]) -> str:
    """A line for each service."""
    return "\n".join(f"{row.service}: {row.problem or _heard(row)}" for row in rows)


def refresh_json(rows: Sequence[RefreshRow], exit_code: int) -> str:
    """The same as one JSON object."""
    return json.dumps(
        {
            "exit_code": int(exit_code),
            "services": [
                {
                    "service": row.service,
                    "models": row.models,
                    "prices": row.prices,
                    "shutdown_dates": row.shutdowns,
                    "was_asked": row.was_asked,
                    "age_s": None if row.age is None else round(row.age.total_seconds()),
                    "problem": row.problem,
                }
                for row in rows
            ],
        },
        indent=2,
    )


def _cells(row: ModelRow) -> tuple[str, ...]:
    return (
        f"{row.name}{' *' if row.is_default else ''}",
        row.type or "?",
        _price(row),
        _shapes(row.shapes),
        _range(row.qualities),
        _STATES[row.state],
        str(row.retires or ""),
    )


def _price(row: ModelRow) -> str:
    if row.type == "text":
        known = row.usd_read is not None and row.usd_written is not None
        return f"{dollars(row.usd_read)}/{dollars(row.usd_written)}" if known else "?"
    return dollars(row.usd)


def _shapes(shapes: Shapes | None) -> str:
    """How many, in a word or two; JSON has them all."""
    if shapes is None:
        return ""
    if shapes.free is not None:
        return f"to {shapes.free.max_edge} px"
    if shapes.sizes:
        return f"{len(shapes.sizes)} sizes"
    largest = max(shapes.resolutions, key=lambda word: shapes.resolutions[word], default="")
    return f"{len(shapes.ratios)} ratios{f', {largest}' if largest else ''}"


def _range(words: Sequence[str]) -> str:
    scale = [word for word in words if word != "auto"]
    return f"{scale[0]}-{scale[-1]}" if len(scale) > 1 else "".join(scale)


def _notes(found: ModelList) -> Iterator[str]:
    yield from _LEGEND
    if found.others:
        yield "These take any other model they have, as service/model:"
        yield f"{', '.join(found.others)}."
    for name, age in sorted(found.ages.items()):
        yield f"{name} was asked for its list {ago(age)}; `models refresh` asks anew."


def _heard(row: RefreshRow) -> str:
    what = f"{row.models} models, {row.prices} with a price, {row.shutdowns} with a shutdown date"
    if row.was_asked or row.age is None:
        return what
    return f"{what}; asked {ago(row.age)}, not again (`models refresh --clear` forgets it)"


def _object(row: ModelRow) -> dict[str, Any]:
    return {
        "model": row.name,
        "service": row.service,
        "id": row.id,
        "title": row.title,
        "type": row.type or None,
        "default": row.is_default,
        "usd": row.usd,
        "usd_per_million_tokens": None if row.usd_read is None else {"read": row.usd_read, "written": row.usd_written},
        "shapes": row.shapes.model_dump(exclude_defaults=True) if row.shapes else None,
        "qualities": list(row.qualities),
        "state": row.state.value,
        "retires": str(row.retires) if row.retires else None,
    }
