"""The services there are and how things stand with each, for people and for programs. Keys are shown masked at most."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pipeline.reporting.rows import CheckRow, ServiceRow
from pipeline.reporting.tables import aligned
from pipeline.services.models import Kind

_HEAD = ("service", "state", "image", "text", "key", "found in, or what to do")
_CHECK_HEAD = ("service", "key", "found", "")
_COUNTS = (2, 3)


def describe_services(rows: Sequence[ServiceRow]) -> str:
    """One line a service: its state, how many models it has listed, whose key it is and where it was found."""
    cells = [
        (
            row.standing.access.service.service,
            row.standing.state.value,
            _count(row, "image", row.image_models),
            _count(row, "text", row.text_models),
            row.standing.access.masked or "-",
            _where(row),
        )
        for row in rows
    ]
    return "\n".join(aligned([_HEAD, *cells], right=_COUNTS))


def services_json(rows: Sequence[ServiceRow]) -> str:
    """The same as one JSON object."""
    return json.dumps(
        {
            "services": [
                {
                    "service": row.standing.access.service.service,
                    "title": row.standing.access.service.title,
                    "state": row.standing.state.value,
                    "key": row.standing.access.masked,
                    "found_in": row.standing.access.found_in,
                    "key_variable": row.standing.access.key_variable,
                    "needs_key": row.standing.access.needs_key,
                    "address_variable": row.standing.access.service.address_variable,
                    "image_models": row.image_models,
                    "text_models": row.text_models,
                    "advice": row.standing.advice,
                }
                for row in rows
            ]
        },
        indent=2,
    )


def describe_checks(rows: Sequence[CheckRow]) -> str:
    """One line a service: what its free call said of the key."""
    if not rows:
        return "No service can be used yet; `providers` says what each lacks."
    cells = [(row.service, row.key or "-", row.state.replace("_", " "), row.message) for row in rows]
    return "\n".join(aligned([_CHECK_HEAD, *cells]))


def checks_json(rows: Sequence[CheckRow], exit_code: int) -> str:
    """The same as one JSON object."""
    checks = [{"service": row.service, "key": row.key, "state": row.state, "message": row.message} for row in rows]
    return json.dumps({"exit_code": int(exit_code), "checks": checks}, indent=2)


def _count(row: ServiceRow, kind: Kind, listed: int) -> str:
    """How many models the catalog lists; "any" where it knows none and takes whatever the service has."""
    return "any" if not listed and kind in row.standing.access.service.unknown else str(listed)


def _where(row: ServiceRow) -> str:
    access = row.standing.access
    if not row.standing.state.is_available:
        return row.standing.advice
    if access.found_in:
        return access.found_in
    return f"needs no key; {access.key_variable} if yours does" if access.key_variable else "needs no key"
