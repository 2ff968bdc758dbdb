"""The one place that reads settings: defaults < file < environment < arguments, with where each value came from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from pipeline.config.credentials import Credentials
from pipeline.config.keys import Keys, find_credentials
from pipeline.config.settings import Settings
from pipeline.config.surroundings import (
    HOME_VARIABLE,
    Place,
    data_folder,
    exposure_notice,
    merged,
    own_folder,
    own_key_file,
    shared_key_file,
    surrounding_places,
)
from pipeline.config.values import DEFAULT, Value, validated
from pipeline.errors import FileAccessError, UsageError
from pipeline.services.catalog import Catalog, load_catalog
from pipeline.services.reading import read_shipped

ENV_PREFIX = "DECK_ILLUSTRATOR_"
SECTIONS = {name for name, field in Settings.model_fields.items() if isinstance(field.default, BaseModel)}
# Besides its own errors PyYAML lets through what a date or number like 2026-13-45 raises, and endless nesting.
_UNREADABLE_YAML = (yaml.YAMLError, ValueError, RecursionError)
PATH_KEYS = {
    "prompts.folder",
    "output.work_folder",
    "services.catalog",
    "services.shared_keys",
    "limits.url",
    "store.folder",
    "history.url",
    "webhook.secret_file",
    "fleet.storage",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything a run is told from outside.

    `origins` maps each dotted key to where its value came from. `home` is the person's own folder, `data` that of what
    is kept for them; they may not exist.
    """

    settings: Settings
    origins: Mapping[str, str]
    credentials: Credentials
    catalog: Catalog = field(repr=False)
    home: Path
    data: Path


def load_configuration(
    config: Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    keys: Keys | None = None,
) -> Configuration:
    """The settings of a run, the catalog and the keys.

    `arguments` maps dotted keys ("workers.image_workers") to values given on the command line. `environ` defaults to
    the process's own, under which a `.env` beside `config` and one in the working directory are laid. `keys` come
    before all other keys.
    Raises UsageError naming every problem with its file and key, FileAccessError for a file that cannot be read.
    """
    places = surrounding_places(os.environ if environ is None else environ, config)
    values = {
        **_defaults(),
        **(_from_file(config) if config else {}),
        **_from_environment(merged(places)),
        **{key: Value(value=value, origin="argument") for key, value in (arguments or {}).items()},
    }
    return _configuration(validated(values), {key: value.origin for key, value in values.items()}, places, keys)


def configuration_of(
    settings: Settings, environ: Mapping[str, str] | None = None, *, keys: Keys | None = None
) -> Configuration:
    """For settings made in Python: the same catalog and keys as `load_configuration` would find without a config."""
    return _configuration(settings, {}, surrounding_places(os.environ if environ is None else environ, None), keys)


def _configuration(
    settings: Settings, origins: Mapping[str, str], places: list[Place], keys: Keys | None
) -> Configuration:
    catalog = load_catalog(settings.services.catalog)
    surroundings = merged(places)
    home, data = own_folder(surroundings), data_folder(surroundings)
    personal = [*places, own_key_file(home)]
    warnings = tuple(filter(None, [exposure_notice(home)]))
    credentials = find_credentials(catalog, personal, shared_key_file(settings.services.shared_keys), keys, warnings)
    return Configuration(
        settings=settings, origins=origins, credentials=credentials, catalog=catalog, home=home, data=data
    )


def with_values(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """`settings` with `values`, by dotted keys, in place of theirs. Raises UsageError as `load_configuration` does."""
    held = {key: Value(value=value, origin="settings") for key, value in _flatten(settings.model_dump())}
    return validated({**held, **{key: Value(value=value, origin="argument") for key, value in values.items()}})


def naming(section: str, model: str | None) -> dict[str, Any]:
    """Values, by dotted keys, with which a model given as an argument stands in place of whatever is set elsewhere."""
    if model is None:
        return {}
    chain = {"images.chain": ()} if section == "images" else {}
    return {f"{section}.provider": "auto", f"{section}.model": model, **chain}


def _defaults() -> dict[str, Value]:
    text = resources.files("pipeline.config").joinpath("defaults.yaml").read_text(encoding="utf-8")
    return {key: Value(value=value, origin=DEFAULT) for key, value in _flatten(read_shipped(text))}


def _from_file(path: Path) -> dict[str, Value]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such config file; check the path given with --config") from error
    except (OSError, UnicodeDecodeError) as error:
        raise FileAccessError(f"{path}: the config cannot be read ({error}); make it a readable UTF-8 file") from error
    try:
        data = yaml.safe_load(text)
        lines = dict(_key_lines(yaml.compose(text, Loader=yaml.SafeLoader)))
        found = dict(_flatten(data)) if isinstance(data, dict) else {}
    except _UNREADABLE_YAML as error:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UsageError(f"{path}: the config must be a list of 'key: value' lines, not a {type(data).__name__}")
    return {
        key: Value(value=_beside(path, key, value), origin=_place(path, lines, key))
        for key, value in found.items()
        if not (value is None and key in SECTIONS)
    }


def _place(path: Path, lines: Mapping[str, int], key: str) -> str:
    """Where `key` stands. One that YAML makes of others ("on" is true, "<<" copies) stands nowhere in its own name."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return f"{path} line {lines[key]}" if key else str(path)


def _beside(config: Path, key: str, value: object) -> object:
    """A relative path in a config file is relative to that file, wherever the program is started."""
    is_path = key in PATH_KEYS and isinstance(value, str) and "://" not in value
    return str(config.parent / str(value)) if is_path else value


def _from_environment(environ: Mapping[str, str]) -> dict[str, Value]:
    found = {}
    for name, text in environ.items():
        if name.startswith(ENV_PREFIX) and name != HOME_VARIABLE:
            key = name.removeprefix(ENV_PREFIX).lower().replace("__", ".")
            found[key] = Value(value=_scalar(text), origin=f"environment {name}")
    return found


def _scalar(text: str) -> object:
    """A variable reads like a value in the file; one that is no YAML is the text it is."""
    try:
        return yaml.safe_load(text)
    except _UNREADABLE_YAML:
        return text


def _flatten(data: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from _flatten(value, f"{path}.")
        else:
            yield path, value


def _key_lines(node: yaml.Node | None, prefix: str = "") -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = f"{prefix}{key.value}"
            yield path, key.start_mark.line + 1
            yield from _key_lines(value, f"{path}.")
