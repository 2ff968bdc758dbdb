"""deck-illustrator: a fitting picture on every slide that wants one, and nothing else changed.

From Python: `from pipeline import illustrate_deck`, then `report = illustrate_deck("deck.pptx")`.
"""

import logging

from pipeline.api import generate_image, illustrate_deck, strip_deck, write_text
from pipeline.config.settings import Settings
from pipeline.errors import ExitCode, PipelineError
from pipeline.records import GeneratedImage

__all__ = [
    "ExitCode",
    "GeneratedImage",
    "PipelineError",
    "Settings",
    "generate_image",
    "illustrate_deck",
    "strip_deck",
    "write_text",
]

# What is logged goes where a program that uses this says, and nowhere by itself.
logging.getLogger(__name__).addHandler(logging.NullHandler())
