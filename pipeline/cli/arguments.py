"""What can be given to each command, and the settings and keys that follow from it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from pipeline.config.loader import Configuration, load_configuration
from pipeline.errors import FileAccessError, UsageError

PROGRAM = "deck-illustrator"
ROWS = 20
_KEY_WORD = re.compile(r"=\S+")


class Parser(argparse.ArgumentParser):
    """One that repeats no value of an argument it does not know: it may be a key."""

    def error(self, message: str) -> NoReturn:
        is_unknown = message.startswith("unrecognized arguments")
        super().error(_KEY_WORD.sub("=…", message) if is_unknown else message)


def parser_of(command: str, description: str) -> Parser:
    """A command's parser. `%(prog)s` in `description` is the program's own name."""
    return Parser(
        prog=f"{PROGRAM} {command}".strip(),
        description=description.replace("%(prog)s", PROGRAM),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def finished(parser: Parser) -> Parser:
    """The same with what every command takes, which stands last in its help."""
    parser.add_argument("--json", action="store_true", help="the report on stdout, people's text on stderr")
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    return parser


@cache
def _version() -> str:
    """Kept: each telling reads all of the package's metadata."""
    return version("deck-illustrator")


def add_config(parser: argparse.ArgumentParser) -> None:
    """Where settings come from, for a command that calls no service."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in YAML")
    parser.set_defaults(key=[])


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Where settings and keys come from."""
    add_config(parser)
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a service's key, by service or variable; NAME=@FILE reads it from a file, where `ps` does not show it",
    )


def add_limit(parser: argparse.ArgumentParser, which: str) -> None:
    """How many rows of a table: so many that `which` says, by default as many as a screen shows."""
    help_text = f"the N {which}; default: {ROWS}, with --json all"
    parser.add_argument("--limit", type=_from_one, metavar="N", help=help_text)


def limit_of(options: argparse.Namespace) -> int | None:
    """How many rows are wanted, None where all are."""
    given: int | None = options.limit
    return given if given is not None or options.json else ROWS


def add_overwriting(parser: argparse.ArgumentParser, of: str) -> None:
    parser.add_argument("--force", action="store_true", help=of)


def configuration_from(options: argparse.Namespace, given: dict[str, Any]) -> Configuration:
    """The settings as the options say, `given` being dotted keys, those that are None not given."""
    values = {key: value for key, value in given.items() if value is not None}
    return load_configuration(options.config, values, keys=_keys(options.key))


def _from_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _keys(given: Iterable[str]) -> dict[str, str]:
    """What is wrong with a key is told without it: who leaves out the name gives the key alone."""
    found = {}
    for text in given:
        name, has_value, value = text.partition("=")
        if not has_value or not name or not value:
            raise UsageError("--key: write NAME=VALUE, for example openai=@key.txt with the key in that file")
        found[name] = _read(Path(value[1:])) if value.startswith("@") else value
    return found


def _read(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise FileAccessError(
            f"--key: {path}: cannot be read ({reason}); name a file that holds the key alone"
        ) from error
    if not key:
        raise UsageError(f"--key: {path} is empty; put the key in it")
    return key
