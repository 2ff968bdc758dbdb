"""Where NAME=value stand outside the config: the environment, `.env` files, a person's own folder, shared files."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values
from platformdirs import user_config_path, user_data_path

from pipeline.errors import FileAccessError, UsageError

HOME_VARIABLE = "DECK_ILLUSTRATOR_HOME"
_APPLICATION = "deck-illustrator"
_KEY_FILE = "keys.env"
_IS_A_FOLDER = "is a folder, not a file of NAME=value lines"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that holds variables: "environment", or a file by its path."""

    name: str
    values: Mapping[str, str] = field(repr=False)

    def get(self, variable: str) -> str:
        """What stands there, without the white space a copied key often ends in; "" where it is empty or missing."""
        return self.values.get(variable, "").strip()


def surrounding_places(environ: Mapping[str, str], config: Path | None) -> list[Place]:
    """The environment, the `.env` beside `config` and the one in the working directory; the first that speaks wins.

    A folder of that name is somebody's virtual environment. Raises FileAccessError for a file that cannot be read.
    """
    folders = dict.fromkeys([*([config.resolve().parent] if config else []), Path.cwd()])
    files = [folder / ".env" for folder in folders]
    return [Place("environment", environ), *(read_variables(file) for file in files if not _is_folder(file))]


def merged(places: Sequence[Place]) -> dict[str, str]:
    """The variables of all `places`, the first place's winning."""
    found: dict[str, str] = {}
    for place in reversed(places):
        found |= place.values
    return found


def own_folder(surroundings: Mapping[str, str]) -> Path:
    """The folder of a person's own keys and choices, made or not: DECK_ILLUSTRATOR_HOME, else where the system says."""
    named = surroundings.get(HOME_VARIABLE, "").strip()
    return Path(named) if named else user_config_path(_APPLICATION, appauthor=False)


def data_folder(surroundings: Mapping[str, str]) -> Path:
    """The folder of what is kept for a person, made or not: the same DECK_ILLUSTRATOR_HOME, else as the system says."""
    named = surroundings.get(HOME_VARIABLE, "").strip()
    return Path(named) if named else user_data_path(_APPLICATION, appauthor=False)


def own_key_file(folder: Path) -> Place:
    """The keys in a person's own folder, none where there is no file. Raises FileAccessError."""
    return read_variables(folder / _KEY_FILE)


def exposure_notice(folder: Path) -> str:
    """A line for a person whose own key file others on this machine can read, else ""."""
    path = folder / _KEY_FILE
    try:
        is_exposed = os.name == "posix" and bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return ""
    return f"{path}: others on this machine can read your keys; run: chmod 600 '{path}'" if is_exposed else ""


def shared_key_file(path: Path | None) -> Place:
    """The keys an administrator keeps for all. Raises UsageError where there is no such file, FileAccessError."""
    if path is None:
        return Place("", {})
    if not path.exists():
        raise UsageError(f"services.shared_keys: {path}: no such file; check the path, or set it to null")
    if path.is_dir():
        raise UsageError(f"services.shared_keys: {path} {_IS_A_FOLDER}; name the file")
    return read_variables(path)


def read_variables(path: Path) -> Place:
    """The NAME=value lines of `path`, none where it does not exist; a "$" is a "$". Raises FileAccessError."""
    if _is_folder(path):
        raise FileAccessError(f"{path} {_IS_A_FOLDER}; give the folder another name")
    try:
        found = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise FileAccessError(f"{path}: cannot be read ({error}); make it readable UTF-8") from error
    return Place(str(path), {name: value for name, value in found.items() if value is not None})


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a folder above it that may not be searched, as homes are not under systemd's ProtectHome
        return False
