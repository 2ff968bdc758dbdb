"""What a person has switched off, remembered in a file of their own folder. Safe for several processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import FileAccessError
from pipeline.store.files import changing, write_whole

_FILE = "choices.json"


class _Choices(BaseModel):
    """What the file holds. Fields of a later version are kept as they are."""

    model_config = ConfigDict(extra="allow", frozen=True)

    disabled: tuple[Annotated[str, Field(min_length=1)], ...] = ()


def disabled_services(home: Path) -> frozenset[str]:
    """The services switched off in the folder `home`; none where it or its file does not exist.

    Raises FileAccessError for a file that cannot be read or understood.
    """
    return frozenset(_read(home / _FILE).disabled)


def set_disabled(home: Path, name: str, *, disabled: bool, lock_timeout_s: float = 10.0) -> None:
    """Remember in the folder `home`, made if need be, that the service `name` is switched off or on again.

    Raises FileAccessError, also where another process has the file for longer than `lock_timeout_s`.
    """
    path = home / _FILE
    with changing(path, lock_timeout_s):
        choices = _read(path)
        names = {*choices.disabled, name} if disabled else {*choices.disabled} - {name}
        changed = choices.model_dump() | {"disabled": sorted(names)}
        write_whole(path, json.dumps(changed, indent=2, ensure_ascii=False).encode())


def _read(path: Path) -> _Choices:
    try:
        return _Choices.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return _Choices()
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror}); fix its rights or remove it") from error
    except ValidationError as error:
        raise FileAccessError(f"{path}: damaged; correct it, or remove it to have every service on again") from error
