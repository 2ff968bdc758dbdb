"""Asking a service what models it has, with the calls the catalog knows, which cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote

from pipeline.asking.answers import Answer
from pipeline.asking.costs import amount
from pipeline.asking.errors import Judge
from pipeline.asking.exchange import Deadline, Wire
from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind
from pipeline.records.listings import ListedModel
from pipeline.services.entries import Listing
from pipeline.services.placeholders import PLACEHOLDER

_LONGEST_ID = 200
_LENGTH_OF_DATE = len("2026-12-01")


class Lister:
    """The listing of one service. Used by many threads at once; nothing is tried again, no redirect followed."""

    def __init__(self, access: Access, listing: Listing, timing: Timing, timeout_s: float) -> None:
        """`timeout_s` is for each call. Raises CredentialsError where nothing says where the service is."""
        self._listing = listing
        self._timing = timing
        self._timeout_s = timeout_s
        self._judge = Judge(access, access.service.errors, None, timing.now)
        self._wire = Wire(access, access.address, self._judge)

    def models(self) -> tuple[ListedModel, ...]:
        """The models in the order the service lists them. Raises ServiceError."""
        found = self._got(self._listing.path).find(self._listing.models)
        if not isinstance(found, list):
            raise self._judge.failure(FailureKind.EMPTY, "the answer lists no models")
        return tuple(_listed(found))

    def priced(self, model: ListedModel) -> ListedModel:
        """`model` with its price where that is asked for separately and the service says it. Raises ServiceError."""
        detail, usd = self._listing.detail, self._listing.usd
        if detail is None or usd is None or model.usd is not None or _leads_elsewhere(model.id):
            return model
        path = PLACEHOLDER.sub(lambda _: quote(model.id, safe="/:@"), detail)
        return replace(model, usd=amount(self._got(path).find(usd)))

    def close(self) -> None:
        self._wire.close()

    def _got(self, path: str) -> Answer:
        deadline = Deadline(self._timeout_s, self._timing.monotonic, self._judge)
        answer = self._wire.get(self._wire.address(path, {}), deadline)
        failure = self._judge.failure_in(answer, is_submit=False)
        if failure is not None:
            raise failure
        return answer


def _listed(found: list[Any]) -> Iterator[ListedModel]:
    for entry in found:
        name = entry.get("id") if isinstance(entry, dict) else None
        # It is shown on a terminal, which an escape sequence would drive.
        if isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_ID:
            yield ListedModel(id=name, retires=_day(entry.get("retires")), usd=amount(entry.get("usd")))


def _day(found: Any) -> date | None:
    """The day of a date or a moment (RFC 3339)."""
    try:
        return date.fromisoformat(found[:_LENGTH_OF_DATE]) if isinstance(found, str) else None
    except ValueError:
        return None


def _leads_elsewhere(name: str) -> bool:
    """A name of the service's own making that would turn a path into another."""
    return any(step in ("", ".", "..") for step in name.split("/"))
