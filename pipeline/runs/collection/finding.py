"""Which decks are meant by files, folders, patterns and lists of names; found one after the other."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from pipeline.errors import FileAccessError, PipelineError, UsageError
from pipeline.runs.targets import DECK_SUFFIXES

STDIN = "-"
_LIST = "@"
# What programs leave beside a deck that is open: PowerPoint's owner file.
_OWNER_FILE = "~$"
_OUR_WORDS = (".illustrated", ".partial")
_WORK_FOLDER = ".work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A deck, and where it stands below what it was found in: a name alone where it was named itself.

    `problem` says why what was named could not be looked into; `path` is that then, and no deck.
    """

    path: Path
    relative: PurePath
    problem: PipelineError | None = None


def is_many(sources: Sequence[str]) -> bool:
    """Tell whether `sources` may be more than the one file that a run of one deck is about."""
    if len(sources) != 1:
        return True
    (source,) = sources
    if source == STDIN or _is_folder(source):
        return True
    is_file = os.path.exists(source)  # noqa: PTH110
    return not is_file and (source.startswith(_LIST) or glob.has_magic(source))


def find_decks(
    sources: Sequence[str],
    *,
    recursive: bool = False,
    include: Collection[str] = (),
    exclude: Collection[str] = (),
    stdin: Iterable[str] = (),
    leave_out: Collection[Path] = (),
) -> Iterator[Found]:
    """The decks of files, folders, patterns, `@list.txt` and `-`: names from `stdin`, one a line; each deck once.

    `include` and `exclude` are patterns for the name or the path below the folder. They choose among what is found in
    folders and by patterns; who names a deck means it. Hidden files, owner files (`~$`), our own outputs and work
    folders are no decks. What lies below a folder of `leave_out` is found by nobody, unless it is searched itself.
    Links to folders are not followed. Nothing is opened but folders and lists. Raises nothing: see `Found.problem`.
    """
    search = _Search(recursive, tuple(include), tuple(exclude), frozenset(map(_whole, leave_out)))
    seen: set[str] = set()
    for found in _named(sources, stdin, search):
        place = _place(found.path)
        if place not in seen:
            seen.add(place)
            yield found


@dataclass(frozen=True, slots=True)
class _Search:
    """How folders are gone through."""

    recursive: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    leave_out: frozenset[str]
    lists: frozenset[str] = frozenset()  # that are being read

    def below(self, folder: Path, top: Path) -> Iterator[Found]:
        """The decks in `folder`, which is `top` or below it: its own by name, then those of its folders."""
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Found(path=folder, relative=folder.relative_to(top), problem=_unread(folder, error))
            return
        for entry in listed:
            if is_deck(entry.name) and not os.path.isdir(entry.path):  # noqa: PTH112
                yield from self.chosen(Path(entry.path), top)
        for entry in listed if self.recursive else ():
            if entry.is_dir(follow_symlinks=False) and self._is_entered(Path(entry.path), top):
                yield from self.below(Path(entry.path), top)

    def chosen(self, path: Path, top: Path) -> Iterator[Found]:
        relative = path.relative_to(top)
        if (not self.include or fits(relative, self.include)) and not fits(relative, self.exclude):
            yield Found(path=path, relative=relative)

    def leaves_out(self, path: Path, top: Path) -> bool:
        """Tell whether a folder that a deck lies in, below `top`, is one that is not entered."""
        folders = path.relative_to(top).parents[:-1]
        return any(is_work(folder.name) or _whole(top / folder) in self.leave_out for folder in folders)

    def _is_entered(self, folder: Path, top: Path) -> bool:
        return (
            not is_work(folder.name)
            and _whole(folder) not in self.leave_out
            and not fits(folder.relative_to(top), self.exclude)
        )


def _named(sources: Iterable[str], stdin: Iterable[str], search: _Search) -> Iterator[Found]:
    """What each of `sources` means."""
    for source in sources:
        path = Path(source)
        if source == STDIN:
            yield from _named(_lines(stdin), (), search)
        elif _is_folder(source):
            yield from search.below(path, path)
        elif os.path.exists(source):  # noqa: PTH110
            if not _is_product(path):
                yield Found(path=path, relative=PurePath(path.name))
        elif source.startswith(_LIST):
            yield from _listed(Path(source[1:]), search)
        elif glob.has_magic(source):
            yield from _fitting(source, search)
        else:  # whoever opens it will tell
            yield Found(path=path, relative=PurePath(path.name))


def _listed(path: Path, search: _Search) -> Iterator[Found]:
    """What the lines of a file name, as seen from the working directory."""
    place = _whole(path)
    if place in search.lists:
        circle = UsageError(f"{path}: is a list that names itself; take that line out")
        yield Found(path=path, relative=PurePath(path.name), problem=circle)
        return
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        yield Found(path=path, relative=PurePath(path.name), problem=_unread(path, error))
        return
    yield from _named(_lines(lines), (), replace(search, lists=search.lists | {place}))


def _lines(lines: Iterable[str]) -> Iterator[str]:
    """The names in them; NUL ends one too, as `find -print0` has it."""
    return (name for line in lines for part in line.split("\0") if (name := part.rstrip("\r\n")).strip())


def _fitting(pattern: str, search: _Search) -> Iterator[Found]:
    """The decks that fit a pattern as shells know them, `**` any folders; they lie below its part without wildcards."""
    top = _top_of(pattern)
    fitting = sorted(glob.iglob(pattern, recursive=True))  # noqa: PTH207 - Path.glob knows no pattern with a root
    for path in map(Path, fitting):
        if os.path.isdir(path):  # noqa: PTH112
            yield from search.below(path, top) if search.recursive else ()
        elif is_deck(path.name) and not search.leaves_out(path, top):
            yield from search.chosen(path, top)
    if not fitting:
        told = (
            f"{pattern}: nothing fits this pattern; look at the folder, or quote it so that the shell leaves it alone"
        )
        yield Found(path=Path(pattern), relative=PurePath(Path(pattern).name), problem=UsageError(told))


def _top_of(pattern: str) -> Path:
    parts = Path(pattern).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:fixed])


def _is_folder(source: str) -> bool:
    """Tell whether a folder is named, and not what its name says is a deck: who opens that will tell."""
    is_folder = os.path.isdir(source)  # noqa: PTH112 - never raises, whatever the name
    return is_folder and PurePath(source).suffix.lower() not in DECK_SUFFIXES


def is_deck(name: str) -> bool:
    """Tell by its name whether a file in a folder is somebody's deck."""
    path = PurePath(name)
    is_meant = not name.startswith((".", _OWNER_FILE)) and not path.stem.lower().endswith(_OUR_WORDS)
    return is_meant and path.suffix.lower() in DECK_SUFFIXES


def is_work(name: str) -> bool:
    """Tell by its name whether a folder is hidden, or one of a run of ours."""
    return name.startswith(".") or name.endswith(_WORK_FOLDER)


def _is_product(path: Path) -> bool:
    """Tell whether a file stands beside the deck it belongs to, and was named by a shell's `*.pptx` only."""
    if path.name.startswith(_OWNER_FILE):
        return True
    source = re.sub(r"(\.illustrated|\.partial)+$", "", path.stem, flags=re.IGNORECASE)
    return source != path.stem and path.with_name(source + path.suffix).exists()


def fits(relative: PurePath, patterns: Collection[str]) -> bool:
    """Tell whether a name, or the path below the folder, fits one of `patterns`."""
    return any(fnmatchcase(text, one) for text in (relative.name, relative.as_posix()) for one in patterns)


def _whole(path: Path) -> str:
    return os.path.realpath(path)


def _place(path: Path) -> str:
    """What two names of one place have in common. A link to another file is a deck of its own, a folder's is not."""
    return os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118 - many times for one path


def _unread(path: Path, error: Exception) -> FileAccessError:
    reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
    return FileAccessError(f"{path}: cannot be read ({reason}); fix its rights, or leave it out")
