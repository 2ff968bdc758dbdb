"""The catalog: every service and model there is, from the files shipped in `pipeline/images/catalog/` and one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.errors import UsageError
from pipeline.services.entries import Service
from pipeline.services.merging import laid_over, with_likes
from pipeline.services.mistakes import MistakesError, Own, mistakes_in, near, told
from pipeline.services.models import Entry, Kind, Model
from pipeline.services.reading import catalog_files, read_own, read_shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model of a service, by its own entry of the catalog or, where the catalog does not know it, by a pattern's."""

    service: Service
    id: str
    model: Model

    @property
    def is_listed(self) -> bool:
        """Whether the catalog has an entry of its own for it."""
        own = self.service.models.get(self.id)
        return own is not None and not own.pattern

    @property
    def name(self) -> str:
        """As settings spell it: "openai/gpt-image-2.6-flare"."""
        return f"{self.service.service}/{self.id}"

    @property
    def route(self) -> str:
        """What the service calls it."""
        return self.model.route or self.id

    @property
    def names(self) -> tuple[str, ...]:
        """Its id and its aliases: how it is called without its service."""
        return (self.id, *self.model.aliases)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Services by name, in the order they are told."""

    services: Mapping[str, Service]

    def models(self, kind: Kind) -> Iterator[ModelChoice]:
        """Every listed model for `kind`."""
        for service in self.services.values():
            for name, model in service.listed(kind).items():
                yield ModelChoice(service=service, id=name, model=model)

    def service(self, name: str, setting: str) -> Service:
        """Raises UsageError, which names `setting`, where there is none of that name."""
        if name not in self.services:
            raise UsageError(f"{setting}: no service {name!r}{near(name, self.services)}")
        return self.services[name]

    def knows(self, name: str, kind: Kind) -> bool:
        """True where `name` begins with a service or is the id or alias of a listed model."""
        if name.partition("/")[0] in self.services:
            return True
        return any(name in choice.names for choice in self.models(kind))

    def choose(self, name: str, kind: Kind, setting: str) -> ModelChoice:
        """The model that `name` means: "service/model", "service" for its default model, an id or alias of its own.

        Raises UsageError, which names `setting`, where it means none or several.
        """
        prefix, _, rest = name.partition("/")
        if prefix in self.services:
            return self._of_service(self.services[prefix], rest, kind, setting)
        found = [choice for choice in self.models(kind) if name in choice.names]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(choice.name for choice in found)
            raise UsageError(f"{setting}: {name!r} is a model of several services; say which: {names}")
        known = [*self.services, *(name for choice in self.models(kind) for name in (choice.name, *choice.names))]
        raise UsageError(f"{setting}: no {kind} model {name!r}{near(name, known)}; `models` lists them")

    def _of_service(self, service: Service, name: str, kind: Kind, setting: str) -> ModelChoice:
        wanted = name or service.default_model(kind)
        pattern = service.models.get(service.unknown.get(kind, ""))
        if wanted is None:
            remedy = (
                f"say which: {service.service}/<model>" if pattern else f"`models --type {kind}` lists what there is"
            )
            raise UsageError(f"{setting}: {service.service} has no {kind} model to take unasked; {remedy}")
        for model_id, model in service.models.items():
            if not model.pattern and (wanted == model_id or wanted in model.aliases):
                if not model.is_for(kind):
                    raise UsageError(f"{setting}: {service.service}/{model_id} is no {kind} model")
                return ModelChoice(service=service, id=model_id, model=model)
        if pattern is None:
            own = [name for choice in self.models(kind) if choice.service is service for name in choice.names]
            meant = near(wanted, own)
            raise UsageError(f"{setting}: {service.service} has no {kind} model {wanted!r} in the catalog{meant}")
        return ModelChoice(service=service, id=wanted, model=_unlisted(pattern))


def _unlisted(pattern: Model) -> Model:
    """A model that goes by another's entry: without what is that one's own. A price is, unless it is meant for many."""
    own: dict[str, Any] = {"title": "", "aliases": (), "route": None, "retires": None, "default": False}
    return pattern.model_copy(update=own | {"pattern": False, "price": pattern.price if pattern.pattern else None})


def load_catalog(folder: Path | None = None) -> Catalog:
    """The shipped services, with what the YAML files in `folder` say laid over them.

    Raises UsageError naming file, model and field of every mistake, FileAccessError for a file that cannot be read.
    """
    own: dict[str, list[Own]] = {}
    for path in catalog_files(folder):
        data = read_own(path)
        own.setdefault(str(data.get("service", path.stem)), []).append((path, data))
    if not own:
        return _shipped_catalog()
    services = dict(_shipped_catalog().services)
    for name, files in own.items():
        merged: Mapping[str, Any] = _shipped().get(name, {"service": name})
        for _, said in files:
            merged = laid_over(merged, said)
        services[name] = _validated(merged, files)
    return Catalog(services)


def _data_folder() -> Traversable:
    """Data, not code: the folder is named by a text so that no import points back."""
    return resources.files("pipeline.images").joinpath("catalog")


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    """The shipped files by service."""
    found = {}
    for entry in sorted(_data_folder().iterdir(), key=lambda file: Path(file.name).stem):
        if entry.name.endswith(".yaml"):
            data = read_shipped(entry.read_text(encoding="utf-8"))
            found[str(data["service"])] = data
    return found


@cache
def _shipped_catalog() -> Catalog:
    return Catalog({name: _validated(data, []) for name, data in _shipped().items()})


def _validated(data: Mapping[str, Any], own: Sequence[Own]) -> Service:
    models = data.get("models", {})
    try:
        complete = {**data, "models": with_likes(models)} if isinstance(models, dict) else data
        return Service.model_validate(complete)
    except ValidationError as error:
        raise UsageError(told(mistakes_in(error, _FIELDS), data, own)) from error
    except MistakesError as error:
        raise UsageError(told(error.found, data, own)) from error


def _field_names(entry: type[Entry]) -> set[str]:
    return set(entry.model_fields).union(*(_field_names(kind) for kind in entry.__subclasses__()))


_FIELDS = sorted(_field_names(Entry))
