"""The arguments, the decks one by one, the table, the exit code: 1 where a figure breaks its bound."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from tests.corpus.measuring import DeckFigures, Task, measure_deck
from tests.corpus.sheets import write_sheet
from tests.corpus.table import broken_bounds, markdown, with_room

SAMPLES = Path(__file__).parents[2] / "samples"
SUFFIXES = {".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"}


def main() -> int:
    options = _parser().parse_args()
    folder: Path = options.out
    folder.mkdir(parents=True, exist_ok=True)
    source: Path = SAMPLES if options.short else options.decks
    decks = [path for path in sorted(source.glob(options.only)) if path.suffix.lower() in SUFFIXES]
    if not decks:
        sys.stderr.write(f"{source}: no decks\n")
        return 2
    tasks = [Task(deck=deck, folder=folder, exact=options.exact, validator=options.validator) for deck in decks]
    figures = []
    for task, one in zip(tasks, _measured(tasks, options.jobs), strict=True):
        figures.append(one)
        got, of = with_room(one)
        told = one.refused or one.trouble or f"{len(one.pictures)} pictures, {got} of {of} slides with room"
        sys.stderr.write(f"{one.deck}: {told}\n")
        if options.sheets:
            write_sheet(task, one)
        shutil.rmtree(task.result.with_suffix(".work"), ignore_errors=True)
    (folder / "figures.json").write_text(json.dumps([asdict(one) for one in figures], indent=1))
    table = markdown(figures)
    (folder / "table.md").write_text(table)
    sys.stdout.write(table)
    return 1 if broken_bounds(figures) else 0


def _measured(tasks: list[Task], jobs: int) -> Iterator[DeckFigures]:
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(measure_deck, tasks)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("decks", type=Path, nargs="?", metavar="DECKS_FOLDER")
    source.add_argument("--short", action="store_true", help="only the samples of this project")
    parser.add_argument(
        "--out", type=Path, default=Path("corpus"), metavar="DIR", help="results, table.md, figures.json"
    )
    parser.add_argument("--exact", action="store_true", help="let the program take ink from a render (layout.ink)")
    parser.add_argument("--only", default="*", metavar="PATTERN", help='deck names, for example "talk-0*"')
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="decks measured at the same time")
    parser.add_argument("--sheets", action="store_true", help="a contact sheet a deck, before and after")
    parser.add_argument(
        "--validator",
        default="",
        metavar="CMD",
        help="prints a line for each new violation: 'validate_ooxml.py --baseline {before} {after}'",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
