"""Records as rows and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from pipeline.records import CallKind
from pipeline.records.history import AttemptRecord, AttemptState, Response, RunRecord, RunState, SlideRecord
from pipeline.store.history.counting import counted_images, counted_usd

_ADDED_UP = ("cost_usd", "maybe_usd")
_RUN = tuple(field.name for field in fields(RunRecord) if field.name not in _ADDED_UP)
_SLIDE = tuple(field.name for field in fields(SlideRecord))
_RESPONSE = tuple(field.name for field in fields(Response))
_ATTEMPT = tuple(field.name for field in fields(AttemptRecord) if field.name not in {"id", "response", "parameters"})
_ENDED = ("state", "error_kind", "error", "cost_usd", "may_be_charged", "continues", "finished", "seconds")
_BEGUN = tuple(name for name in _ATTEMPT if name not in _ENDED)


def run_values(run: RunRecord) -> dict[str, Any]:
    """The row of `run`. What it cost is no part of it: that is added up from its calls when somebody asks."""
    return {name: getattr(run, name) for name in _RUN}


def slide_values(slide: SlideRecord) -> dict[str, Any]:
    return {name: getattr(slide, name) for name in _SLIDE}


def attempt_values(attempt: AttemptRecord) -> dict[str, Any]:
    """The row of `attempt`, with what it counts for budgets, without its id."""
    begun = {name: getattr(attempt, name) for name in _BEGUN}
    return begun | {"parameters": dict(attempt.parameters)} | ended_values(attempt)


def ended_values(attempt: AttemptRecord) -> dict[str, Any]:
    """Of its row, what changes when the call ends."""
    ended = {name: getattr(attempt, name) for name in _ENDED}
    ended |= {"counted_usd": counted_usd(attempt), "counted_images": counted_images(attempt)}
    return ended | response_values(attempt.response)


def response_values(response: Response) -> dict[str, Any]:
    return {name: getattr(response, name) for name in _RESPONSE}


def run_of(row: RowMapping) -> RunRecord:
    """The run of a row that has the sums of its calls beside it."""
    values = {name: row[name] for name in _RUN + _ADDED_UP}
    return RunRecord(**values | {"state": RunState(row["state"])})


def slide_of(row: RowMapping) -> SlideRecord:
    return SlideRecord(**{name: row[name] for name in _SLIDE})


def attempt_of(row: RowMapping) -> AttemptRecord:
    values = {name: row[name] for name in ("id", "parameters", *_ATTEMPT)}
    values |= {"kind": CallKind(row["kind"]), "state": AttemptState(row["state"])}
    return AttemptRecord(**values, response=Response(**{name: row[name] for name in _RESPONSE}))
