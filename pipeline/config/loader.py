"""The one place that reads settings: defaults < file < environment < arguments, with where each value came from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from pipeline.config.credentials import Credentials
from pipeline.config.keys import Keys, find_credentials
from pipeline.config.paths import JOBS, beside, flatten
from pipeline.config.settings import ScheduledJob, Settings
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
from pipeline.config.values import DEFAULT, Value, inner_origin, validated
from pipeline.errors import FileAccessError, UsageError
from pipeline.services.catalog import Catalog, load_catalog
from pipeline.services.reading import read_shipped

ENV_PREFIX = "DECK_ILLUSTRATOR_"
SECTIONS = {name for name, field in Settings.model_fields.items() if isinstance(field.default, BaseModel)}
# Besides its own errors PyYAML lets through what a date or number like 2026-13-45 raises, and endless nesting.
_UNREADABLE_YAML = (yaml.YAMLError, ValueError, RecursionError)
# What holds for the whole program, or for other commands: no job has its own.
_NOT_OF_A_JOB = {JOBS, "services", "watch", "webhook", "hook", "telemetry", "fleet"}


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
        **(from_file(config) if config else {}),
        **_from_environment(merged(places)),
        **{key: Value(value=value, origin="argument") for key, value in (arguments or {}).items()},
    }
    settings = validated(values)
    _check_jobs(settings, values[JOBS])
    return _configuration(settings, {key: value.origin for key, value in values.items()}, places, keys)


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
    held = {key: Value(value=value, origin="settings") for key, value in flatten(settings.model_dump())}
    return validated({**held, **{key: Value(value=value, origin="argument") for key, value in values.items()}})


def for_job(configuration: Configuration, job: ScheduledJob) -> Configuration:
    """What `job` is run with: its own settings in place of all others. Raises UsageError as `with_values` does."""
    own = dict(flatten(job.settings))
    return replace(configuration, settings=with_values(configuration.settings, own)) if own else configuration


def _check_jobs(settings: Settings, written: Value) -> None:
    """Raise UsageError for every job that has another's name, and for settings of jobs that are none."""
    jobs = settings.schedule
    problems = [problem for number in range(len(jobs)) for problem in _job_problems(settings, number, written)]
    if problems:
        raise UsageError("; ".join(problems))


def _job_problems(settings: Settings, number: int, written: Value) -> Iterator[str]:
    job, key = settings.schedule[number], f"{JOBS}.{number}"
    if job.name in {earlier.name for earlier in settings.schedule[:number]}:
        origin = inner_origin(f"{key}.name", written)
        yield f"{origin}: {key}.name: another job is called '{job.name}' too; rename one"
    values = {name: Value(value=value, origin=DEFAULT) for name, value in flatten(settings.model_dump())}
    for name, value in flatten(job.settings):
        origin = f"{inner_origin(f'{key}.settings.{name}', written)}: {key}.settings"
        if name.partition(".")[0] in _NOT_OF_A_JOB:
            yield f"{origin}: {name}: no job has its own; set it for all"
        else:
            values[name] = Value(value=value, origin=origin)
    try:
        validated(values)
    except UsageError as error:
        yield str(error)


def naming(section: str, model: str | None) -> dict[str, Any]:
    """Values, by dotted keys, with which a model given as an argument stands in place of whatever is set elsewhere."""
    if model is None:
        return {}
    chain = {"images.chain": ()} if section == "images" else {}
    return {f"{section}.provider": "auto", f"{section}.model": model, **chain}


def _defaults() -> dict[str, Value]:
    text = resources.files("pipeline.config").joinpath("defaults.yaml").read_text(encoding="utf-8")
    return {key: Value(value=value, origin=DEFAULT) for key, value in flatten(read_shipped(text))}


def from_file(path: Path) -> dict[str, Value]:
    """The settings in a YAML file, by dotted keys, not yet validated. Raises UsageError and FileAccessError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such config file; check the path given with --config") from error
    except (OSError, UnicodeDecodeError) as error:
        raise FileAccessError(f"{path}: the config cannot be read ({error}); make it a readable UTF-8 file") from error
    try:
        data = yaml.safe_load(text)
        lines = dict(_key_lines(yaml.compose(text, Loader=yaml.SafeLoader)))
        found = dict(flatten(data)) if isinstance(data, dict) else {}
    except _UNREADABLE_YAML as error:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UsageError(f"{path}: the config must be a list of 'key: value' lines, not a {type(data).__name__}")
    return {
        key: Value(value=beside(path, key, value), origin=_place(path, lines, key), within=_within(path, lines, key))
        for key, value in found.items()
        if not (value is None and key in SECTIONS)
    }


def _within(path: Path, lines: Mapping[str, int], key: str) -> dict[str, str]:
    return {inner: _place(path, lines, inner) for inner in lines if inner.startswith(f"{key}.")}


def _place(path: Path, lines: Mapping[str, int], key: str) -> str:
    """Where `key` stands. One that YAML makes of others ("on" is true, "<<" copies) stands nowhere in its own name."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return f"{path} line {lines[key]}" if key else str(path)


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


def _key_lines(node: yaml.Node | None, prefix: str = "") -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = f"{prefix}{key.value}"
            yield path, key.start_mark.line + 1
            yield from _key_lines(value, f"{path}.")
    elif isinstance(node, yaml.SequenceNode):
        for number, entry in enumerate(node.value):
            yield f"{prefix}{number}", entry.start_mark.line + 1
            yield from _key_lines(entry, f"{prefix}{number}.")
