"""Where the result of a run goes: the output, what is left of a failed one, the work folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import UsageError

DECK_SUFFIXES = (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm")


def target_of(source: Path, output: Path | None) -> Path:
    """The output file: as given, else `DECK.illustrated.pptx` beside the input.

    Raises UsageError where it, or what a failed run would leave beside it, is the input itself, and where it would be
    of another type than the input.
    """
    return _beside(source, output, "illustrated", partial_of)


def stripped_of(source: Path, output: Path | None) -> Path:
    """The deck without our pictures: as given, else `DECK.stripped.pptx` beside it. Raises as `target_of` does."""
    return _beside(source, output, "stripped")


def _beside(source: Path, output: Path | None, word: str, *also_written: Callable[[Path], Path]) -> Path:
    suffix = source.suffix.lower() if source.suffix.lower() in DECK_SUFFIXES else ".pptx"
    target = output or source.with_name(f"{source.stem}.{word}{suffix}")
    if target.suffix.lower() != suffix:
        raise UsageError(f"{target}: the output of a {suffix} deck must end in {suffix}")
    if any(_are_one_file(source, written) for written in (target, *(other(target) for other in also_written))):
        raise UsageError(f"{target}: the input is never written to; give another output with -o")
    return target


def _are_one_file(one: Path, other: Path) -> bool:
    """Links count, and so do names that differ in case only where the system does not tell them apart."""
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except OSError:  # one of them is not there, or cannot even be named
        return False


def partial_of(output: Path) -> Path:
    """Where the finished slides of a failed run go: `OUT.partial.pptx`."""
    return output.with_name(f"{output.stem}.partial{output.suffix}")


def work_folder_of(output: Path, setting: Path | None) -> Path:
    """`OUT.work` beside the output; below the folder the settings name, with what tells outputs of one name apart."""
    if setting is None:
        return output.with_name(f"{output.stem}.work")
    place = hashlib.sha256(os.fsencode(output.resolve())).hexdigest()[:8]
    return setting / f"{output.stem}-{place}.work"
