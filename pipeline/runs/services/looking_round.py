"""What models and services there are for this person: what they cost, make and can, and whether they can be used."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.config.credentials import Standing
from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock
from pipeline.images.parameters import QUALITIES, Fitting, Wishes
from pipeline.images.pricing import estimated_usd
from pipeline.reporting.rows import ModelList, ModelRow, ModelState, ServiceRow
from pipeline.runs.services.learned import Learned
from pipeline.services.catalog import ModelChoice
from pipeline.services.entries import Service
from pipeline.services.models import KINDS, Kind, Model
from pipeline.store.choices import disabled_services

USUAL_RATIO, USUAL_WIDTH_PX = 1.0, 1024


def list_models(configuration: Configuration, kind: Kind | None, service: str | None, clock: Clock) -> ModelList:
    """The models for `kind`, or all, of `service`, or all: the catalog's, with what services were heard to say of them.

    Raises UsageError for a service there is not. Asks nobody.
    """
    catalog = configuration.catalog
    chosen = [catalog.service(service, "--service")] if service else list(catalog.services.values())
    looking = _Looking(configuration, clock)
    rows = [row for entry in chosen for row in looking.rows(entry) if _is_for(row, kind)]
    return ModelList(
        rows=tuple(sorted(rows, key=lambda row: (row.service, row.id))),
        others=tuple(entry.service for entry in chosen if (kind in entry.unknown if kind else entry.unknown)),
        ages={
            name: clock.now() - listing.fetched
            for name, listing in looking.learned.listings.items()
            if name in {entry.service for entry in chosen}
        },
    )


def list_services(configuration: Configuration) -> list[ServiceRow]:
    """Every service of the catalog, by name. Asks nobody but the system's keyring."""
    disabled = disabled_services(configuration.home)
    return [
        ServiceRow(
            standing=configuration.credentials.standing(name, disabled),
            image_models=len(entry.listed("image")),
            text_models=len(entry.listed("text")),
        )
        for name, entry in sorted(configuration.catalog.services.items())
    ]


class _Looking:
    """One look at the catalog, and at what was learned of it."""

    def __init__(self, configuration: Configuration, clock: Clock) -> None:
        self.learned = Learned(configuration)
        self._configuration = configuration
        self._disabled = disabled_services(configuration.home)
        self._today = clock.now().date()

    def rows(self, service: Service) -> Iterator[ModelRow]:
        standing = self._configuration.credentials.standing(service.service, self._disabled)
        known = set()
        for name, model in service.models.items():
            if not model.pattern:
                choice = ModelChoice(service=service, id=name, model=model)
                known |= {choice.id, choice.route, *model.aliases}
                yield self._row(choice, standing)
        yield from self._only_listed(service, known)

    def _row(self, choice: ModelChoice, standing: Standing) -> ModelRow:
        service, model, told = choice.service, choice.model, self.learned.of(choice)
        retires = self.learned.retires(choice)
        is_over = retires is not None and retires <= self._today
        tokens = model.price.tokens if model.price and model.is_for("text") else None
        is_priced = told is not None and told.usd is not None
        return ModelRow(
            service=service.service,
            id=choice.id,
            title=model.title,
            type=model.type.value,
            is_default=any(model.is_for(kind) and service.default_model(kind) == choice.id for kind in KINDS),
            usd=told.usd if told is not None and is_priced else _usual_usd(choice),
            usd_read=tokens.text_in if tokens else None,
            usd_written=tokens.text_out if tokens else None,
            shapes=model.shape,
            qualities=_qualities(model),
            state=ModelState.SHUT_DOWN if is_over else ModelState(standing.state.value),
            retires=retires,
        )

    def _only_listed(self, service: Service, known: set[str]) -> Iterator[ModelRow]:
        listing = self.learned.listings.get(service.service)
        for told in listing.models if listing else ():
            if told.id not in known:
                is_over = told.retires is not None and told.retires <= self._today
                yield ModelRow(
                    service=service.service,
                    id=told.id,
                    type=_type_of_listed(service),
                    state=ModelState.SHUT_DOWN if is_over else ModelState.LISTED,
                    usd=told.usd,
                    retires=told.retires,
                )


def _is_for(row: ModelRow, kind: Kind | None) -> bool:
    return kind is None or row.type in (kind, "both")


def _usual_usd(choice: ModelChoice) -> float | None:
    """One picture as it is asked for where nobody wishes anything."""
    if not choice.model.is_for("image"):
        return None
    return estimated_usd(choice.model.price, Fitting(choice, Wishes()).fitted(USUAL_RATIO, USUAL_WIDTH_PX))


def _qualities(model: Model) -> tuple[str, ...]:
    """The words for quality that a person may use, ours from the least on, without what the model calls the same."""
    quality = model.parameters.get("quality")
    if quality is None:
        return ()
    own = [str(word) for word in quality.allowed if word in QUALITIES or word not in quality.words.values()]
    words = [*quality.words, *own]
    return tuple(dict.fromkeys([*(word for word in QUALITIES if word in words), *words])) or ("any",)


def _type_of_listed(service: Service) -> str:
    """What is known of a model that only its service lists: of a list with prices of pictures that it makes them."""
    if service.listing is not None and service.listing.usd is not None:
        return "image"
    kinds = {endpoint.type for endpoint in service.endpoints.values()}
    return kinds.pop() if len(kinds) == 1 else ""
