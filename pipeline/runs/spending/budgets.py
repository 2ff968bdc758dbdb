"""The settings' budgets as bounds on what the history says was spent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.config.settings import Budget, Caps
from pipeline.errors import FileAccessError, UsageError
from pipeline.files import file_digest
from pipeline.images.provider import ImageProvider
from pipeline.prompting.writer import PromptWriter
from pipeline.records import Brief
from pipeline.store.history import Bound, Scope

_USUAL_PICTURE = (1.0, 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who pays: a run, perhaps of a deck (the SHA-256 of its bytes, its path), perhaps for a project."""

    run_id: str
    deck: tuple[str, str] | None = None
    project: str | None = None


def account_of(deck: Path, run_id: str, project: str | None) -> Account:
    """Who pays for the run of a deck. Raises FileAccessError where it cannot be read any more."""
    try:
        return Account(run_id=run_id, deck=(file_digest(deck), str(deck.resolve())), project=project)
    except OSError as error:
        raise FileAccessError(
            f"{deck}: cannot be read any more ({error.strerror}); run again when it is there"
        ) from error


def bounds_of(budget: Budget, account: Account, now: datetime) -> tuple[Bound, ...]:
    """Every bound that holds for a call of `account` at `now`, an aware time; days and months are local ones."""
    own = budget.projects.get(account.project) if account.project is not None else None
    bounds = list(_bounds(budget, "budget", account, now, project=None))
    if own is not None:
        bounds += _bounds(own, f"budget.projects.{account.project}", account, now, project=account.project)
    return tuple(bounds)


def check_prices(
    budget: Budget,
    project: str | None,
    painters: tuple[ImageProvider, ...],
    *,
    writer: PromptWriter | None = None,
    briefs: Iterable[Brief] = (),
) -> None:
    """Raises UsageError where dollars are bounded and nobody knows what a picture costs, or a prompt of `writer`."""
    caps = [budget, *([budget.projects[project]] if project in budget.projects else [])]
    if not any(_bounds_dollars(one) for one in caps):
        return
    for painter in painters:
        if painter.estimate_usd(*_USUAL_PICTURE) is None:
            raise UsageError(
                f"budget: the price of {painter.name}/{painter.model} is not known, so no bound in dollars holds; "
                "bound budget.max_images_per_day instead, or give the model a price in a catalog file of your own"
            )
    if writer is not None and any(writer.estimate_usd(brief) is None for brief in briefs):
        raise UsageError(
            f"budget: the price of {writer.name}/{writer.model}, which writes the prompts, is not known, so no bound "
            "in dollars holds; set another prompts.model, or give it a price in a catalog file of your own"
        )


def _bounds(caps: Caps, name: str, account: Account, now: datetime, *, project: str | None) -> Iterator[Bound]:
    day, month = _local_midnights(now)
    of_run, of_deck = Scope(run_id=account.run_id), Scope(deck=account.deck, project=project)
    of_day, of_month = Scope(since=day, project=project), Scope(since=month, project=project)
    dollars = (
        ("max_usd_per_run", caps.max_usd_per_run, of_run),
        ("max_usd_per_deck", caps.max_usd_per_deck, of_deck if account.deck else of_run),
        ("max_usd_per_day", caps.max_usd_per_day, of_day),
        ("max_usd_per_month", caps.max_usd_per_month, of_month),
    )
    for key, most, scope in dollars:
        if most is not None:
            yield Bound(name=f"{name}.{key}", scope=scope, max_usd=most)
    if caps.max_images_per_day is not None:
        yield Bound(name=f"{name}.max_images_per_day", scope=of_day, max_images=caps.max_images_per_day)


def _local_midnights(now: datetime) -> tuple[datetime, datetime]:
    """When the day and the month of `now` began on this machine, each at the offset from UTC that held then."""
    day = now.astimezone().replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    return day.astimezone(), day.replace(day=1).astimezone()


def _bounds_dollars(caps: Caps) -> bool:
    values = (caps.max_usd_per_run, caps.max_usd_per_deck, caps.max_usd_per_day, caps.max_usd_per_month)
    return any(value is not None for value in values)
