"""What services said of their models when they were last asked, laid over what the catalog says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cached_property

from pipeline.config.loader import Configuration
from pipeline.records.listings import ListedModel, Listing
from pipeline.services.catalog import ModelChoice
from pipeline.services.models import Price
from pipeline.store.listings import read_listings


class Learned:
    """What `models refresh` has brought, however long ago; asks nobody."""

    def __init__(self, configuration: Configuration) -> None:
        self._home = configuration.home
        self._addresses = {name: access.base_url for name, access in configuration.credentials.accesses.items()}

    @cached_property
    def listings(self) -> dict[str, Listing]:
        """By service, of those that were asked where they are now."""
        return read_listings(self._home, self._addresses)

    @cached_property
    def _models(self) -> dict[tuple[str, str], ListedModel]:
        return {(name, model.id): model for name, listing in self.listings.items() for model in listing.models}

    def of(self, choice: ModelChoice) -> ListedModel | None:
        """What the service says of a model, None where it said nothing."""
        return self._models.get((choice.service.service, choice.route))

    def retires(self, choice: ModelChoice) -> date | None:
        """The day a model is shut down. A service that tells no day takes back none."""
        told = self.of(choice)
        return choice.model.retires if told is None or told.retires is None else told.retires

    def priced(self, choice: ModelChoice) -> ModelChoice:
        """The same with the price of a picture that the service told, where the catalog has none to estimate by."""
        told, price = self.of(choice), choice.model.price or Price()
        if told is None or told.usd is None or price.is_of_pictures:
            return choice
        return replace(
            choice, model=choice.model.model_copy(update={"price": price.model_copy(update={"image": told.usd})})
        )
