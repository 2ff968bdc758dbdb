"""Builds the sample decks beside this file: `python -m samples.build_samples`, from the project's root."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pptx.presentation import Presentation as Deck

from samples.building import hebrew, lecture, neural_networks, quarterly_review, river_report
from samples.building.packing import packed

SAMPLES: dict[str, Callable[[], Deck]] = {
    "neural-networks.pptx": neural_networks.build,
    "quarterly-review.pptx": quarterly_review.build,
    "lecture-4x3.pptx": lecture.build,
    "rtl-hebrew.pptx": hebrew.build,
    "river-report.pptx": river_report.build,
}


def build(folder: Path) -> None:
    """Write every sample into `folder`. The same files each time."""
    for name, make in SAMPLES.items():
        (folder / name).write_bytes(packed(make()))


if __name__ == "__main__":
    build(Path(__file__).parent)
