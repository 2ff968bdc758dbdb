"""Learning anew what services list, at most every six hours."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

from pipeline.asking.listing import Lister
from pipeline.config.credentials import ServiceState
from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock, StopSignal
from pipeline.engine.parallel import in_parallel
from pipeline.errors import ExitCode, FailureKind, ServiceError, UsageError
from pipeline.records.listings import ListedModel, Listing
from pipeline.reporting.rows import RefreshRow
from pipeline.runs.services.learned import Learned
from pipeline.runs.services.making import timing_of
from pipeline.services.entries import Service
from pipeline.store.choices import disabled_services
from pipeline.store.listings import keep_listing

FRESH_FOR = timedelta(hours=6)
CALL_TIMEOUT_S = 20.0
# Prices may take a call a model; all of them are free.
_CALLS_AT_ONCE = 8


def refresh(configuration: Configuration, service: str | None, clock: Clock) -> list[RefreshRow]:
    """Ask `service`, or all that list their models, what they have, and remember it.

    None is asked again within FRESH_FOR, and of all only those that can be used now; a service that is named is asked
    without its key too, since some lists are public. Raises UsageError for a name that lists nothing, FileAccessError
    where nothing can be remembered.
    """
    learned, disabled = Learned(configuration), disabled_services(configuration.home)
    if service is None:
        listing = [entry for entry in configuration.catalog.services.values() if entry.listing]
        return [_refreshed(entry, configuration, learned, disabled, clock) for entry in listing]
    entry = configuration.catalog.service(service, "--service")
    if entry.listing is None:
        names = ", ".join(name for name, one in configuration.catalog.services.items() if one.listing)
        raise UsageError(f"--service: the catalog knows no list of models of {service}; there is one of {names}")
    if service in disabled:
        raise UsageError(f"--service: {service} is switched off; `providers enable {service}` switches it on")
    return [_fetched(entry, configuration, learned, clock)]


def exit_code_of(rows: list[RefreshRow]) -> ExitCode:
    """Credentials, where a key was refused; a service that could not be reached is told of, and no more."""
    return ExitCode.CREDENTIALS if any(row.is_refused for row in rows) else ExitCode.OK


def _refreshed(
    entry: Service, configuration: Configuration, learned: Learned, disabled: frozenset[str], clock: Clock
) -> RefreshRow:
    standing = configuration.credentials.standing(entry.service, disabled)
    if standing.state in (ServiceState.NO_ACCESS, ServiceState.DISABLED):
        return RefreshRow(service=entry.service, problem=f"not asked: {standing.advice}")
    return _fetched(entry, configuration, learned, clock)


def _fetched(entry: Service, configuration: Configuration, learned: Learned, clock: Clock) -> RefreshRow:
    known = learned.listings.get(entry.service)
    if known is not None and timedelta(0) <= (age := clock.now() - known.fetched) < FRESH_FOR:
        return _row(entry, known, age=age, was_asked=False)
    try:
        listing = _asked(entry, configuration, clock)
    except ServiceError as error:
        return RefreshRow(
            service=entry.service, was_asked=True, problem=str(error), is_refused=error.kind is FailureKind.AUTH
        )
    keep_listing(configuration.home, entry.service, listing)
    return _row(entry, listing, age=timedelta(0), was_asked=True)


def _row(entry: Service, listing: Listing, *, age: timedelta, was_asked: bool) -> RefreshRow:
    return RefreshRow(
        service=entry.service,
        models=len(listing.models),
        prices=sum(model.usd is not None for model in listing.models),
        shutdowns=sum(model.retires is not None for model in listing.models),
        age=age,
        was_asked=was_asked,
    )


def _asked(entry: Service, configuration: Configuration, clock: Clock) -> Listing:
    if entry.listing is None:
        raise ValueError("a service that lists nothing")
    access = configuration.credentials.of(entry.service)
    with closing(Lister(access, entry.listing, timing_of(clock), CALL_TIMEOUT_S)) as lister:
        models = lister.models()
        found = in_parallel(lister.priced, models, at_once=_CALLS_AT_ONCE, clock=clock, stop=StopSignal())
    priced = tuple(_whatever_is_known(model, answer) for model, answer in zip(models, found, strict=True))
    return Listing(base_url=access.base_url or "", fetched=clock.now(), models=priced)


def _whatever_is_known(model: ListedModel, answer: ListedModel | Exception) -> ListedModel:
    """A price that could not be had now leaves the model as it is; anything else that went wrong is a bug."""
    if isinstance(answer, ServiceError):
        return model
    if isinstance(answer, Exception):
        raise answer
    return answer
