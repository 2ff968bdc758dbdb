"""A person's catalog files read, with what YAML lets pass and people do not mean refused: names said twice, loops."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import FileAccessError, UsageError

# The same loader on libyaml, where PyYAML was built with it: ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Far more than any service's own JSON has; beyond it lie files made to fill the memory with anchors of anchors.
_MOST_LEVELS = 50
_MOST_VALUES = 50_000
_MERGE = "tag:yaml.org,2002:merge"
_CONTAINERS = (dict, list, set)


def catalog_files(folder: Path | None) -> list[Path]:
    """The YAML files in `folder` in the order of their names, without those that editors and systems hide there.

    Raises UsageError where it is no folder, FileAccessError where it cannot be looked into.
    """
    if folder is None:
        return []
    if not folder.is_dir():
        raise UsageError(f"services.catalog: {folder} is no folder")
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        raise FileAccessError(f"{folder}: cannot be read ({error.strerror}); make it readable") from error
    return [file for file in files if file.suffix.lower() in (".yaml", ".yml") and not file.name.startswith(".")]


def read_own(path: Path) -> dict[str, Any]:
    """What a person's file says. Raises UsageError naming file and line or field, FileAccessError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileAccessError(f"{path}: cannot be read ({error}); make it a readable UTF-8 file") from error
    try:
        data = _constructed(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not valid YAML: {_told(error)}") from error
    if not isinstance(data, dict):
        problem = "is empty" if data is None else f"must be 'key: value' lines, not {_kind(data)}"
        raise UsageError(f"{path}: {problem}")
    try:
        _measured(data, (), (), {})
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error
    return data


def read_shipped(text: str) -> dict[str, Any]:
    """What a shipped file says; the tests hold it to what is asked of people's."""
    data: dict[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, see above
    return data


def _constructed(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        _check_names(node)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _check_names(root: yaml.Node | None) -> None:
    """Raise where a name stands twice in one mapping: YAML lets the last win without a word."""
    left, known = [root], set()
    while left:
        node = left.pop()
        if node is None or id(node) in known:
            continue
        known.add(id(node))
        if isinstance(node, yaml.MappingNode):
            names = set()
            for name, value in node.value:
                left += [name, value]
                if isinstance(name, yaml.ScalarNode) and name.tag != _MERGE:
                    if (name.tag, name.value) in names:
                        problem = f"{name.value!r} stands twice in one place"
                        raise yaml.constructor.ConstructorError(None, None, problem, name.start_mark)
                    names.add((name.tag, name.value))
        elif isinstance(node, yaml.SequenceNode):
            left += node.value


def _measured(
    value: Any, where: tuple[str, ...], above: tuple[int, ...], known: dict[int, tuple[int, int]]
) -> tuple[int, int]:
    """How many levels `value` has and how many values, what an anchor repeats counted each time.

    Raises ValueError naming the field for a value inside itself, for too many of either, and for names that are no
    texts, which no field of the catalog has.
    """
    if not isinstance(value, _CONTAINERS):
        return 0, 1
    if id(value) in above:
        raise ValueError(f"{'.'.join(where)}: stands inside itself; an anchor (&) cannot hold its own alias (*)")
    if id(value) not in known and len(above) < _MOST_LEVELS:
        inside = [
            _measured(child, (*where, step), (*above, id(value)), known) for step, child in _children(value, where)
        ]
        levels = 1 + max((levels for levels, _ in inside), default=0)
        known[id(value)] = levels, 1 + sum(values for _, values in inside)
    levels, values = known.get(id(value), (1, 1))
    if len(above) + levels > _MOST_LEVELS:
        raise ValueError(f"{where[0] if where else 'the file'}: nested deeper than {_MOST_LEVELS} levels")
    if values > _MOST_VALUES:
        raise ValueError(f"{'.'.join(where)}: holds more than {_MOST_VALUES} values")
    return levels, values


def _children(value: Any, where: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        yield from ((str(place), item) for place, item in enumerate(value))
        return
    for name, item in value.items():
        if not isinstance(name, str):
            shown = json.dumps(name) if name is None or isinstance(name, bool | int | float) else str(name)
            problem = f"the name {shown} is no text in YAML; put it in quotes"
            raise ValueError(f"{'.'.join(where) or 'the file'}: {problem}")  # noqa: TRY004 - a mistake in a value
        yield name, item


def _told(error: Exception) -> str:
    """One line, with the place where the mistake was noticed."""
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.MarkedYAMLError) and mark is not None:
        told = f"line {mark.line + 1}: {', '.join(filter(None, (error.context, error.problem)))}"
    elif isinstance(error, RecursionError):
        told = f"nested deeper than {_MOST_LEVELS} levels"
    else:
        told = str(error)
    return " ".join(told.split())


def _kind(data: Any) -> str:
    if isinstance(data, str):
        return "a text"
    return "a list" if isinstance(data, list | set) else "a number" if isinstance(data, int | float) else "one value"
