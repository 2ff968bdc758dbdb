"""deck-illustrator: a fitting picture on every slide that wants one, and nothing else changed.

From Python: `from pipeline import illustrate_deck`, then `report = illustrate_deck("deck.pptx")`.
"""

import logging

from pipeline.api import (
    generate_image,
    illustrate_deck,
    illustrate_decks,
    open_history,
    prune_cache,
    strip_deck,
    write_text,
)
from pipeline.config.settings import Settings
from pipeline.errors import ExitCode, PipelineError
from pipeline.outcomes import DeckOutcome, DecksReport
from pipeline.records import GeneratedImage
from pipeline.records.history import AttemptRecord, AttemptState, Response, RunRecord, RunState, SlideRecord
from pipeline.store.history import RunFilter

__all__ = [
    "AttemptRecord",
    "AttemptState",
    "DeckOutcome",
    "DecksReport",
    "ExitCode",
    "GeneratedImage",
    "PipelineError",
    "Response",
    "RunFilter",
    "RunRecord",
    "RunState",
    "Settings",
    "SlideRecord",
    "generate_image",
    "illustrate_deck",
    "illustrate_decks",
    "open_history",
    "prune_cache",
    "strip_deck",
    "write_text",
]

# What is logged goes where a program that uses this says, and nowhere by itself.
logging.getLogger(__name__).addHandler(logging.NullHandler())
