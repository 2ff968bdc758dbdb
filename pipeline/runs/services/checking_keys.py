"""Trying the keys a person has with the services' free calls."""

from __future__ import annotations

from functools import partial

from pipeline.asking.keys import KeyState, check_key
from pipeline.config.credentials import Access
from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock, StopSignal
from pipeline.engine.parallel import in_parallel
from pipeline.errors import ExitCode
from pipeline.reporting.rows import CheckRow
from pipeline.runs.services.making import timing_of
from pipeline.store.choices import disabled_services

CHECK_TIMEOUT_S = 20.0
_CHECKS_AT_ONCE = 16


def check_keys(configuration: Configuration, name: str | None, clock: Clock) -> list[CheckRow]:
    """Ask the service `name`, or all that can be used now, whether it takes the key; whoever needs none is asked too.

    Raises UsageError for a name that is none, what `Credentials.of` raises for one whose key or address is none.
    """
    accesses = _available(configuration) if name is None else [_named(configuration, name)]
    check = partial(_checked, clock=clock)
    found = in_parallel(check, accesses, at_once=_CHECKS_AT_ONCE, clock=clock, stop=StopSignal())
    return [_row_or_bug(row) for row in found]


def exit_code_of(rows: list[CheckRow]) -> ExitCode:
    """Credentials, where a key was refused."""
    return ExitCode.CREDENTIALS if any(row.state == KeyState.REFUSED for row in rows) else ExitCode.OK


def _named(configuration: Configuration, name: str) -> Access:
    configuration.catalog.service(name, "providers check")
    return configuration.credentials.of(name)


def _available(configuration: Configuration) -> list[Access]:
    disabled = disabled_services(configuration.home)
    standings = [configuration.credentials.standing(name, disabled) for name in sorted(configuration.catalog.services)]
    return [standing.access for standing in standings if standing.state.is_available]


def _checked(access: Access, clock: Clock) -> CheckRow:
    found = check_key(access, timing_of(clock), CHECK_TIMEOUT_S)
    return CheckRow(service=access.service.service, key=access.masked, state=found.state, message=found.message)


def _row_or_bug(row: CheckRow | Exception) -> CheckRow:
    if isinstance(row, Exception):
        raise row
    return row
