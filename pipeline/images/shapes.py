"""Which of a model's shapes a slot gets: the nearest ratio, and no more pixels than the slot can show. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pipeline.errors import UsageError
from pipeline.services.models import FreeSizes, Shapes

T = TypeVar("T")

# Enough for a slot of half a slide at 200 pixels to the inch; more costs more and hardly shows.
MOST_PIXELS = 1536 * 1024
# A third of the pixels fewer, a fifth on each side, is not seen either; the next larger size costs up to twice as much.
_ENOUGH = 2 / 3
# Shapes so near to each other are the same: the difference is cropped away unseen. Natural logarithm of the ratio.
_SAME_SHAPE = 0.015

_PAIR = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*([x×:])\s*(\d{1,6}(?:\.\d{1,6})?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A shape as templates get it, by the names that `Shapes` tells; `pixels` None where only the ratio is known."""

    values: dict[str, Any]
    pixels: int | None


def wanted_pixels(aspect_ratio: float, width_px: int) -> float:
    """How many pixels a slot `width_px` wide can show, MOST_PIXELS at most. `aspect_ratio` is width over height."""
    return min(width_px * width_px / aspect_ratio, MOST_PIXELS)


def nearest(shape: Shapes, aspect_ratio: float, pixels: float) -> Chosen:
    """The shape for a slot. Raises UsageError where the bounds of `shape.free` leave no size at all."""
    if shape.free is not None:
        return _of_size(*free_size(shape.free, aspect_ratio, pixels))
    if shape.sizes:
        return _of_word(shape, _nearest_word(shape, aspect_ratio, pixels))
    return of_ratio(shape, aspect_ratio, pixels)


def of_ratio(
    shape: Shapes, aspect_ratio: float, pixels: float, *, ratio: str | None = None, resolution: str | None = None
) -> Chosen:
    """The ratio and resolution for a slot, of a model that makes ratios; one that is given is taken as it is."""
    ratio = ratio or min(shape.ratios, key=lambda ratio: _misfit(_ratio_of(ratio), aspect_ratio))
    resolution = resolution or _large_enough(shape.resolutions.items(), pixels)
    if resolution is None:
        return Chosen(values={"aspect_ratio": ratio}, pixels=None)
    return Chosen(values={"aspect_ratio": ratio, "resolution": resolution}, pixels=shape.resolutions[resolution])


def exact(shape: Shapes, size: str, aspect_ratio: float, pixels: float) -> Chosen:
    """The shape a person asked for: "1536x1024", "16:9" or the model's own word, with the slot's pixels or ratio.

    Raises UsageError naming the nearest the model takes and what it takes.
    """
    if size in shape.sizes:
        return _of_word(shape, size)
    if size in shape.resolutions:
        return of_ratio(shape, aspect_ratio, pixels, resolution=size)
    pair = _PAIR.fullmatch(size)
    if pair is None or not float(pair[1]) or not float(pair[3]):
        raise UsageError(f"{size!r} is none of its sizes; it takes {_taken(shape)}")
    width, height = float(pair[1]), float(pair[3])
    if pair[2] == ":":
        return _exact_ratio(shape, size, width / height, pixels)
    return _exact_pixels(shape, size, width, height)


def free_size(bounds: FreeSizes, aspect_ratio: float, pixels: float) -> tuple[int, int]:
    """Width and height in pixels, nearest to both the wanted shape and the wanted number of pixels.

    Raises UsageError where the bounds leave none.
    """
    ratio = min(max(aspect_ratio, 1 / bounds.max_ratio), bounds.max_ratio)

    def misfit(size: tuple[int, int]) -> float:
        # A shape off by a hundredth is cropped away unseen, so is a picture a twentieth larger or smaller.
        missing = abs(math.log(size[0] * size[1] / max(pixels, bounds.min_pixels)))
        return _misfit(size[0] / size[1], ratio) + missing / 5

    size = min(_sizes_of(bounds, ratio), key=misfit, default=None)
    if size is None:
        raise UsageError("a catalog entry's shape.free leaves no size; check its bounds")
    return size


def _sizes_of(bounds: FreeSizes, ratio: float) -> Iterator[tuple[int, int]]:
    """The sizes within the bounds that come nearest to `ratio`, one for each width."""
    step = bounds.multiple_of
    for width in range(step, bounds.max_edge + 1, step):
        height = max(step, round(width / ratio / step) * step)
        if _is_within(bounds, width, height):
            yield width, height


def _is_within(bounds: FreeSizes, width: int, height: int) -> bool:
    short, long = sorted((width, height))
    return (
        width % bounds.multiple_of == height % bounds.multiple_of == 0
        and bounds.min_edge <= short
        and long <= bounds.max_edge
        and bounds.min_pixels <= width * height <= bounds.max_pixels
        and long <= bounds.max_ratio * short
    )


def _nearest_word(shape: Shapes, aspect_ratio: float, pixels: float) -> str:
    """Of the sizes whose shape is nearest, the smallest with enough pixels."""
    sizes = {word: _pixels_of(size) for word, size in shape.sizes.items()}
    least = min(_misfit(width / height, aspect_ratio) for width, height in sizes.values())
    near = [
        (word, width * height)
        for word, (width, height) in sizes.items()
        if _misfit(width / height, aspect_ratio) <= least + _SAME_SHAPE
    ]
    return str(_large_enough(near, pixels))


def _large_enough(choices: Iterable[tuple[T, int]], pixels: float) -> T | None:
    """The smallest with enough pixels, else the largest; None of none."""
    ordered = sorted(choices, key=lambda choice: choice[1])
    return next((word for word, count in ordered if count >= _ENOUGH * pixels), ordered[-1][0] if ordered else None)


def _exact_ratio(shape: Shapes, size: str, ratio: float, pixels: float) -> Chosen:
    chosen = _free_size_of(shape.free, ratio, pixels) or nearest(shape, ratio, pixels)
    values = chosen.values
    found = _ratio_of(values["aspect_ratio"]) if "aspect_ratio" in values else values["width"] / values["height"]
    if _misfit(found, ratio) > _SAME_SHAPE:
        raise _not_taken(shape, size, chosen)
    return chosen


def _free_size_of(bounds: FreeSizes | None, ratio: float, pixels: float) -> Chosen | None:
    """Of the sizes of exactly this ratio, where any is no larger than a slot can show, the smallest that is enough."""
    sizes = _sizes_of(bounds, ratio) if bounds is not None else ()
    same = [(size, size[0] * size[1]) for size in sizes if math.isclose(size[0] / size[1], ratio, rel_tol=1e-6)]
    size = _large_enough([(size, count) for size, count in same if count <= MOST_PIXELS], pixels)
    return _of_size(*size) if size is not None else None


def _exact_pixels(shape: Shapes, size: str, width: float, height: float) -> Chosen:
    is_whole = width.is_integer() and height.is_integer()
    if shape.free is not None and is_whole and _is_within(shape.free, int(width), int(height)):
        return _of_size(int(width), int(height))
    for word, own in shape.sizes.items():
        if _pixels_of(own) == (width, height):
            return _of_word(shape, word)
    near = _rounded(shape.free, width, height) or nearest(shape, width / height, width * height)
    raise _not_taken(shape, size, near)


def _rounded(bounds: FreeSizes | None, width: float, height: float) -> Chosen | None:
    """The size with both sides rounded to what the model counts in, where that is one."""
    step = bounds.multiple_of if bounds else 1
    size = (round(width / step) * step, round(height / step) * step)
    return _of_size(*size) if bounds is not None and _is_within(bounds, *size) else None


def _not_taken(shape: Shapes, size: str, nearest_one: Chosen) -> UsageError:
    values = nearest_one.values
    near = values.get("size") or " at ".join(
        str(values[name]) for name in ("aspect_ratio", "resolution") if name in values
    )
    return UsageError(f"it does not make {size!r}; the nearest it makes is {near}; it takes {_taken(shape)}")


def _taken(shape: Shapes) -> str:
    if shape.free is not None:
        return "WIDTHxHEIGHT in pixels, or a ratio like 16:9"
    return ", ".join((*shape.sizes, *shape.ratios, *shape.resolutions))


def _of_size(width: int, height: int) -> Chosen:
    return Chosen(values={"width": width, "height": height, "size": f"{width}x{height}"}, pixels=width * height)


def _of_word(shape: Shapes, word: str) -> Chosen:
    width, height = _pixels_of(shape.sizes[word])
    return Chosen(values={"width": width, "height": height, "size": word}, pixels=width * height)


def _pixels_of(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)


def _ratio_of(ratio: str) -> float:
    width, _, height = ratio.partition(":")
    return float(width) / float(height)


def _misfit(ratio: float, wanted: float) -> float:
    return abs(math.log(ratio / wanted))
