"""Where the result of a run goes: the output, what is left of a failed one, the work folder."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import UsageError

DECK_SUFFIXES = (".pptx", ".pptm")


def target_of(source: Path, output: Path | None) -> Path:
    """The output file: as given, else `DECK.illustrated.pptx` beside the input.

    Raises UsageError where it is the input itself or would be of another type than the input.
    """
    suffix = source.suffix.lower() if source.suffix.lower() in DECK_SUFFIXES else ".pptx"
    if output is None:
        return source.with_name(f"{source.stem}.illustrated{suffix}")
    if output.suffix.lower() != suffix:
        raise UsageError(f"{output}: the output of a {suffix} deck must end in {suffix}")
    if output.resolve() == source.resolve():
        raise UsageError(f"{output}: the input is never written to; give another output with -o")
    return output


def partial_of(output: Path) -> Path:
    """Where the finished slides of a failed run go: `OUT.partial.pptx`."""
    return output.with_name(f"{output.stem}.partial{output.suffix}")


def work_folder_of(output: Path, setting: Path | None) -> Path:
    """`OUT.work` beside the output, or below the folder the settings name."""
    name = f"{output.stem}.work"
    return setting / name if setting else output.with_name(name)
