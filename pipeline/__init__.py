"""deck-illustrator: a fitting picture on every slide that wants one, and nothing else changed.

From Python: `from pipeline import illustrate_deck`, then `report = illustrate_deck("deck.pptx")`.
"""

from pipeline.api import illustrate_deck, strip_deck
from pipeline.config.settings import Settings
from pipeline.errors import ExitCode, PipelineError

__all__ = ["ExitCode", "PipelineError", "Settings", "illustrate_deck", "strip_deck"]
