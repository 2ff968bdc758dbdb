"""Taking our pictures out of a deck again, so that it is what it was before them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pipeline.deck.package.opening import open_deck
from pipeline.deck.package.saving import check_target, deliver
from pipeline.deck.reading import read_deck
from pipeline.deck.writing import DeckFile
from pipeline.errors import ExitCode
from pipeline.outcomes import StripReport
from pipeline.runs.targets import stripped_of


def strip(source: Path, output: Path | None = None, *, force: bool = False) -> StripReport:
    """Save `source` without our pictures, by default as `DECK.stripped.pptx`; nothing is saved where it has none.

    A picture a person put in place of ours is theirs and stays. Raises PipelineError.
    """
    target = stripped_of(source, output)
    package = open_deck(source, drop_signature=force)
    with closing(DeckFile(package)) as file:
        removed = [
            (slide.number, shape)
            for slide in read_deck(source, package).slides
            for shape in slide.shapes
            if shape.ours is not None and not shape.ours.was_replaced
        ]
        if not removed:
            return StripReport(exit_code=ExitCode.NOTHING_TO_DO, input=source, output=None, removed=0)
        check_target(target, may_overwrite=force)
        for number, shape in removed:
            file.remove(number, shape.shape_id, shape.name)
        deliver(file, source, target, may_overwrite=force)
    return StripReport(exit_code=ExitCode.OK, input=source, output=target, removed=len(removed))
