"""The pixels behind the words services use for a shape: "16:9", "landscape_4_3", "2K"."""

from __future__ import annotations

import math

from tests.fakes.fields import quotient

SIDE_PX = {"0.25": 512, "0.5k": 512, "768sq": 768, "1k": 1024, "1.5k": 1536, "2k": 2048, "4k": 4096}
NAMED = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_3_2": (768, 1152),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_3_2": (1152, 768),
    "landscape_16_9": (1024, 576),
    "landscape_21_9": (1344, 576),
}


def of_ratio(ratio: str | None, resolution: str = "1k") -> tuple[int, int]:
    """Width and height in px, multiples of 16, of a shape with as many pixels as the resolution's square.

    A word that is no ratio ("auto", "match_input_image") is a square. A resolution is a word of SIDE_PX in any case, or
    megapixels ("2 MP").
    """
    shape = quotient(ratio or "") or 1.0
    side = _side(resolution)
    return _to_16(side * math.sqrt(shape)), _to_16(side / math.sqrt(shape))


def _side(resolution: str) -> float:
    figure, _, unit = resolution.partition(" ")
    if unit == "MP":
        return 1024 * math.sqrt(float(figure))
    return SIDE_PX.get(resolution.lower(), 1024)


def _to_16(length: float) -> int:
    return max(64, round(length / 16) * 16)
