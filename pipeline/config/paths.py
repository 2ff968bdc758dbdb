"""Settings by dotted keys; and relative paths in a config file, which are relative to that file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

JOBS = "schedule"
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
_PLACES_OF_A_JOB = ("source", "target")
_LIST = "@"


def flatten(data: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that is no section, by its dotted key."""
    for key, value in data.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from flatten(value, f"{path}.")
        else:
            yield path, value


def beside(config: Path, key: str, value: object) -> object:
    """`value` of `key` as it is meant wherever the program is started: a relative path stands beside `config`."""
    if key == JOBS and isinstance(value, list):
        return [_job_beside(config, job) if isinstance(job, Mapping) else job for job in value]
    return _path_beside(config, value) if key in PATH_KEYS and isinstance(value, str) else value


def _job_beside(config: Path, job: Mapping[Any, Any]) -> dict[Any, Any]:
    """The entry of a job with its own paths and those among its settings made so; the settings by dotted keys."""
    placed: dict[Any, Any] = {key: _source_beside(config, job[key]) for key in _PLACES_OF_A_JOB if key in job}
    if isinstance(own := job.get("settings"), Mapping):
        placed["settings"] = {key: beside(config, key, value) for key, value in flatten(own)}
    return {**job, **placed}


def _source_beside(config: Path, value: object) -> object:
    if not isinstance(value, str) or value in ("", "-"):  # which are refused as they are
        return value
    return f"@{_path_beside(config, value[1:])}" if value.startswith(_LIST) else _path_beside(config, value)


def _path_beside(config: Path, value: str) -> str:
    return value if "://" in value else str(config.parent / value)
