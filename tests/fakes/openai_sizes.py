"""What a GPT image model takes, and what a picture of a size costs. Source: providers.md section 2."""

from __future__ import annotations

import math
import re

ANY_SIZE = (
    *("gpt-image-2.6-flare", "gpt-image-2.6-sunburst", "gpt-image-2.5-flare", "gpt-image-2.5-sunburst"),
    *("gpt-image-2.5-flare-2026-09-08", "gpt-image-2.5-sunburst-2026-09-08", "gpt-image-2", "gpt-image-2-2026-04-21"),
)
FIXED_SIZE = ("gpt-image-1.5", "gpt-image-1-mini", "chatgpt-image-latest")
# By the SDK's documentation of `background`, without gpt-image-2, whose support it calls a preview.
CLEAR = tuple(model for model in ANY_SIZE if model.startswith("gpt-image-2.5"))
MODELS = ANY_SIZE + FIXED_SIZE
FIXED_SIZES = ((1024, 1024), (1536, 1024), (1024, 1536))
LONGEST_EDGE_PX = 3840
PIXELS = (655_360, 8_294_400)
USD_PER_OUTPUT_TOKEN = 30 / 1_000_000

_TABLE_SIZES = ((1024, 1024), (1024, 1536), (1024, 768), (1920, 1080), (2560, 1440), (3840, 2160))
_NEW = {
    "low": (0.0059, 0.0047, 0.0040, 0.0044, 0.0062, 0.0111),
    "medium": (0.0132, 0.0103, 0.0090, 0.0103, 0.0143, 0.0260),
    "high": (0.0527, 0.0412, 0.0361, 0.0396, 0.0553, 0.1001),
    "xhigh": (0.0937, 0.0738, 0.0642, 0.0704, 0.0983, 0.1779),
    "max": (0.2107, 0.1646, 0.1445, 0.1584, 0.2211, 0.4003),
}
_TWO = {
    "low": (0.006, 0.005, 0.005, 0.005, 0.007, 0.012),
    "medium": (0.053, 0.042, 0.037, 0.040, 0.056, 0.101),
    "high": (0.211, 0.165, 0.145, 0.158, 0.222, 0.401),
}
_ONE = {"low": (0.009, 0.013), "medium": (0.034, 0.05), "high": (0.133, 0.2)}


def parse_size(size: str) -> tuple[int, int] | None:
    """Width and height in pixels; None where it is not spelled WIDTHxHEIGHT."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", size)
    return (int(match[1]), int(match[2])) if match else None


def takes_size(model: str, width_px: int, height_px: int) -> bool:
    """Whether the real service would draw this size with this model."""
    if model not in ANY_SIZE:
        return (width_px, height_px) in FIXED_SIZES
    return (
        width_px % 16 == 0
        and height_px % 16 == 0
        and max(width_px, height_px) <= min(LONGEST_EDGE_PX, 3 * min(width_px, height_px))
        and PIXELS[0] <= width_px * height_px <= PIXELS[1]
    )


def qualities(model: str) -> tuple[str, ...]:
    """The qualities a model takes, besides "auto"."""
    return tuple(_prices(model))


def output_tokens(model: str, quality: str, width_px: int, height_px: int) -> int:
    """Output tokens as `usage` reports them: the table's price of the size that is nearest in shape and area."""
    prices = _prices(model)[quality]

    def distance(index: int) -> float:
        table_width, table_height = _TABLE_SIZES[index]
        area = math.log(width_px * height_px / (table_width * table_height))
        shape = _elongation(width_px, height_px) - _elongation(table_width, table_height)
        return math.hypot(area, shape)

    nearest = min(range(len(prices)), key=distance)
    return round(prices[nearest] / USD_PER_OUTPUT_TOKEN)


def _prices(model: str) -> dict[str, tuple[float, ...]]:
    if model in FIXED_SIZE:
        return dict(_ONE)
    return dict(_TWO) if model in ("gpt-image-2", "gpt-image-2-2026-04-21") else dict(_NEW)


def _elongation(width_px: int, height_px: int) -> float:
    return abs(math.log(width_px / height_px))
