"""What an image model takes and costs, read from the catalog."""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import UsageError

# Enough for a slot of half a slide at 200 pixels to the inch; more costs more and hardly shows.
MOST_PIXELS = 1536 * 1024


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FreeSizes(_Entry):
    """Any width and height within these bounds; pixels, ratio as long side over short side."""

    multiple_of: int
    min_pixels: int
    max_pixels: int
    max_edge: int
    max_ratio: float


class TokenPrices(_Entry):
    """US dollars per million tokens."""

    text_in: float
    image_in: float
    image_out: float


class ImageModel(_Entry):
    """One entry of the catalog. `qualities` None: the model is not known, whatever is asked is passed on."""

    prompt_limit_chars: int
    sizes: FreeSizes | tuple[Annotated[str, Field(pattern=r"^\d+x\d+$")], ...]
    qualities: tuple[str, ...] | None = None
    takes_transparency: bool = False
    usd_per_million: TokenPrices | None = None
    usd_per_image: dict[str, float] = {}
    retires: date | None = None

    def size_for(self, aspect_ratio: float, width_px: int) -> tuple[int, int]:
        """Width and height in pixels, among those the model takes, nearest to a slot `width_px` wide of that shape.

        `aspect_ratio` is width over height. A very large slot gets a picture of MOST_PIXELS.
        """
        if isinstance(self.sizes, FreeSizes):
            return _free_size(self.sizes, aspect_ratio, min(width_px * width_px / aspect_ratio, MOST_PIXELS))
        pairs = [(int(width), int(height)) for width, height in (size.split("x") for size in self.sizes)]
        return min(pairs, key=lambda pair: abs(math.log(pair[0] / pair[1] / aspect_ratio)))

    def check_quality(self, name: str, quality: str) -> None:
        """Raise UsageError where the model does not take `quality`, before any money is spent."""
        if self.qualities is not None and quality not in self.qualities:
            raise UsageError(f"images.quality: {name} takes {', '.join(self.qualities)}, not {quality!r}")


class _Catalog(_Entry):
    models: dict[str, ImageModel]
    fallback: ImageModel


def find_image_model(service: str, name: str) -> ImageModel:
    """The catalog's entry for `name`, or what is assumed of a model that `service` may have and we do not know."""
    catalog = _catalog(service)
    return catalog.models.get(name, catalog.fallback)


@cache
def _catalog(service: str) -> _Catalog:
    text = resources.files("pipeline.images.catalog").joinpath(f"{service}.yaml").read_text(encoding="utf-8")
    return _Catalog.model_validate(yaml.safe_load(text))


def _free_size(bounds: FreeSizes, aspect_ratio: float, wanted_pixels: float) -> tuple[int, int]:
    """The size nearest to both the wanted shape and the wanted number of pixels."""
    ratio = min(max(aspect_ratio, 1 / bounds.max_ratio), bounds.max_ratio)
    step = bounds.multiple_of
    best: tuple[float, int, int] | None = None
    for width in range(step, bounds.max_edge + 1, step):
        height = max(step, round(width / ratio / step) * step)
        pixels = width * height
        is_taken = (
            height <= bounds.max_edge
            and bounds.min_pixels <= pixels <= bounds.max_pixels
            and max(width, height) <= bounds.max_ratio * min(width, height)
        )
        if is_taken:
            # A shape off by a hundredth is cropped away unseen, so is a picture a twentieth larger or smaller.
            misfit = (
                abs(math.log(width / height / ratio))
                + abs(math.log(pixels / max(wanted_pixels, bounds.min_pixels))) / 5
            )
            best = min(best or (misfit, width, height), (misfit, width, height))
    if best is None:
        raise ValueError("a catalog entry whose bounds leave no size")
    return best[1], best[2]
