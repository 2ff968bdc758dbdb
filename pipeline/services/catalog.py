"""The catalog: every service and model there is, from the files shipped in `pipeline/images/catalog/` and one's own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.errors import FileAccessError, UsageError
from pipeline.services.entries import Service
from pipeline.services.merging import laid_over, with_likes
from pipeline.services.models import Entry, Kind, Model

# The same loader on libyaml, where PyYAML was built with it: ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


# A file of one's own and what it says.
_Own = tuple[Path, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model of a service. `is_listed` is false where the catalog does not know it and goes by another's entry."""

    service: Service
    id: str
    model: Model
    is_listed: bool = True

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
            for name, model in service.models.items():
                if model.is_for(kind) and not model.pattern:
                    yield ModelChoice(service=service, id=name, model=model)

    def service(self, name: str, setting: str) -> Service:
        """Raises UsageError, which names `setting`, where there is none of that name."""
        if name not in self.services:
            raise UsageError(f"{setting}: no service {name!r}{_near(name, self.services)}")
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
        raise UsageError(f"{setting}: no {kind} model {name!r}{_near(name, known)}; `models` lists them")

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
            near = _near(wanted, own)
            raise UsageError(f"{setting}: {service.service} has no {kind} model {wanted!r} in the catalog{near}")
        return ModelChoice(service=service, id=wanted, model=_unlisted(pattern), is_listed=False)


def _unlisted(pattern: Model) -> Model:
    """A model that goes by another's entry: without what is that one's own. A price is, unless it is meant for many."""
    own: dict[str, Any] = {"title": "", "aliases": (), "route": None, "retires": None, "default": False}
    return pattern.model_copy(update=own | {"pattern": False, "price": pattern.price if pattern.pattern else None})


def load_catalog(folder: Path | None = None) -> Catalog:
    """The shipped services, with what the `*.yaml` files in `folder` say laid over them.

    Raises UsageError naming file, model and field of every mistake, FileAccessError for a file that cannot be read.
    """
    own: dict[str, list[_Own]] = {}
    for path in _own_files(folder):
        data = _parsed(_read(path), path)
        own.setdefault(str(data.get("service", path.stem)), []).append((path, data))
    if not own:
        return _shipped_catalog()
    services = dict(_shipped_catalog().services)
    for name, files in own.items():
        merged = _shipped().get(name, {"service": name})
        for _, data in files:
            merged = laid_over(merged, data)
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
            data = _parsed(entry.read_text(encoding="utf-8"), Path(entry.name))
            found[str(data["service"])] = data
    return found


@cache
def _shipped_catalog() -> Catalog:
    return Catalog({name: _validated(data, []) for name, data in _shipped().items()})


def _own_files(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise UsageError(f"services.catalog: {folder} is no folder")
    return sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileAccessError(f"{path}: cannot be read ({error}); make it a readable UTF-8 file") from error


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, see above
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path}: a catalog file is a list of 'key: value' lines, not a {type(data).__name__}")
    return data


def _validated(data: dict[str, Any], own: Sequence[_Own]) -> Service:
    models = data.get("models", {})
    try:
        complete = data | {"models": with_likes(models)} if isinstance(models, dict) else data
        return Service.model_validate(complete)
    except ValidationError as error:
        problems = "; ".join(_problem(detail, data, own) for detail in error.errors())
        raise UsageError(problems) from error
    except ValueError as error:
        raise UsageError(f"{_file(data, own, ())}: {error}") from error


def _problem(detail: ErrorDetails, data: dict[str, Any], own: Sequence[_Own]) -> str:
    """File, model and field of one mistake, and the nearest spelling where a field is not known."""
    where = ".".join(str(part) for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = f"unknown field{_near(str(detail['loc'][-1]), _FIELDS)}"
    return f"{_file(data, own, detail['loc'])}: {where + ': ' if where else ''}{message}"


def _file(data: dict[str, Any], own: Sequence[_Own], where: tuple[int | str, ...]) -> str:
    """The file that has the last word on a field."""
    paths = [str(path) for path, said in own if _says(said, where)]
    return paths[-1] if paths else f"{data.get('service')}.yaml"


def _says(said: Any, where: tuple[int | str, ...]) -> bool:
    """True where a person's own file has a word on the field, or on what it belongs to up to a model or endpoint."""
    for step in where[:2]:
        if not isinstance(said, Mapping) or step not in said:
            return False
        said = said[step]
    return True


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f", did you mean {near[0]}?" if near else ""


def _field_names(entry: type[Entry]) -> set[str]:
    return set(entry.model_fields).union(*(_field_names(kind) for kind in entry.__subclasses__()))


_FIELDS = sorted(_field_names(Entry))
