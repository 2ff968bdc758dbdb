"""Where each of many decks goes: beside itself, or into a tree below the output folder like the one it was found in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.errors import DeckError, PipelineError, UsageError
from pipeline.runs.collection.finding import Found
from pipeline.runs.collection.outcomes import Refused
from pipeline.runs.preparing import Order
from pipeline.runs.targets import target_of


def orders(found: Iterable[Found], output: Path | None, template: Order) -> Iterator[Order | Refused]:
    """`template` for each deck, in their order, with its own input and output. Makes nothing.

    `output` is the folder for all; None puts each deck's beside it. A second deck for an output of an earlier one is
    refused, and so is what has a problem itself. Raises nothing.
    """
    taken: dict[str, Path] = {}
    for one in found:
        try:
            yield _order(one, output, template, taken)
        except PipelineError as problem:
            yield Refused(input=str(one.path), error=problem)
        except RuntimeError:  # pathlib's word for it
            error = DeckError(f"{one.path}: is a link that leads to itself; mend it, or leave it out")
            yield Refused(input=str(one.path), error=error)


def _order(one: Found, output: Path | None, template: Order, taken: dict[str, Path]) -> Order:
    if one.problem is not None:
        raise one.problem
    target = target_of(one.path, None if output is None else output / one.relative)
    place = os.path.join(os.path.realpath(target.parent), os.path.normcase(target.name))  # noqa: PTH118
    other = taken.setdefault(place, one.path)
    if other != one.path:
        raise UsageError(f"{one.path}: its output {target} is that of {other} already; make one of them by itself")
    return replace(template, input=one.path, output=target)
