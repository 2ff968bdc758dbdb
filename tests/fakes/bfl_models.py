"""The endpoints of the Black Forest Labs server: the fields they take and what they cost. providers.md section 8."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tests.fakes.fields import FLAG, PROMPT, SEED, TEXT, Field, choice, links, number, whole

MAX_PIXELS = 4_000_000  # 4 MP, for the endpoints that take a width and a height in multiples of 16
_RATIO = Field(kind="ratio", low=9 / 21, high=21 / 9)
_ENCODING = {"output_format": choice("jpeg", "png"), "webhook_url": TEXT, "webhook_secret": TEXT}
_FLUX_3_SHAPES = (
    *("auto", "21:9", "2:1", "16:9", "3:2", "7:5", "4:3", "5:4", "1:1"),
    *("4:5", "3:4", "5:7", "2:3", "9:16", "1:2", "9:21"),
)
_FLUX_2 = {
    "prompt": PROMPT,
    "width": whole(64, None, 16),
    "height": whole(64, None, 16),
    "seed": SEED,
    "safety_tolerance": whole(0, 5),
    "input_image": TEXT,
    **{f"input_image_{number}": TEXT for number in range(2, 9)},
} | _ENCODING
_KONTEXT = {
    "prompt": PROMPT,
    "input_image": TEXT,
    "aspect_ratio": _RATIO,
    "seed": SEED,
    "prompt_upsampling": FLAG,
    "safety_tolerance": whole(0, 6),
} | _ENCODING


@dataclass(frozen=True, slots=True, kw_only=True)
class BflModel:
    """An endpoint. Prices are credits (0.01 USD): `credits` for a picture or its first megapixel, `more` a further one.

    `by_resolution` are prices of their own. A strict endpoint refuses fields it does not know.
    """

    fields: Mapping[str, Field]
    credits: float
    more: float = 0.0
    by_resolution: Mapping[str, float] | None = None
    is_strict: bool = False
    words: tuple[str, ...] = ("Pending",)

    def cost(self, width_px: int, height_px: int, resolution: str) -> float:
        """Credits for one picture."""
        if self.by_resolution is not None:
            return self.by_resolution[resolution]
        further = max(0, math.ceil(width_px * height_px / 1024**2) - 1)
        return round(self.credits + further * self.more, 3)


MODELS: dict[str, BflModel] = {
    "flux-3-image": BflModel(
        is_strict=True,
        words=("Pending", "Reasoning", "Generating"),
        credits=4.8,
        # 1.5k is in no list: between its neighbours.
        by_resolution={"768sq": 4.1, "1k": 4.8, "1.5k": 7.4, "2k": 10.0, "4k": 60.0},
        fields={
            "prompt": PROMPT,
            "images": links(10),
            "aspect_ratio": choice(*_FLUX_3_SHAPES),
            "resolution": choice("768sq", "1k", "1.5k", "2k", "4k"),
            "safety_tolerance": whole(0, 4),
            "grounding": FLAG,
        },
    ),
    "flux-2-max": BflModel(fields=_FLUX_2, credits=7, more=3),
    "flux-2-pro": BflModel(fields=_FLUX_2, credits=3, more=1.5),
    "flux-2-flex": BflModel(fields=_FLUX_2 | {"steps": whole(1, 50), "guidance": number(1.5, 10)}, credits=5, more=5),
    "flux-2-klein-9b": BflModel(fields=_FLUX_2, credits=1.5, more=0.2),
    "flux-2-klein-4b": BflModel(fields=_FLUX_2, credits=1.4, more=0.1),
    "flux-pro-1.1": BflModel(
        credits=4,
        fields={
            "prompt": PROMPT,
            "width": whole(256, 1440, 32),
            "height": whole(256, 1440, 32),
            "prompt_upsampling": FLAG,
            "seed": SEED,
            "safety_tolerance": whole(0, 6),
        }
        | _ENCODING,
    ),
    "flux-pro-1.1-ultra": BflModel(
        credits=6,
        fields={
            "prompt": PROMPT,
            "aspect_ratio": _RATIO,
            "raw": FLAG,
            "seed": SEED,
            "prompt_upsampling": FLAG,
            "safety_tolerance": whole(0, 6),
        }
        | _ENCODING,
    ),
    "flux-kontext-pro": BflModel(fields=_KONTEXT, credits=4),
    "flux-kontext-max": BflModel(fields=_KONTEXT, credits=8),
    "flux-dev": BflModel(
        credits=2.5,
        fields={
            "prompt": PROMPT,
            "width": whole(256, 1440, 32),
            "height": whole(256, 1440, 32),
            "steps": whole(1, 50),
            "guidance": number(1.5, 5),
            "prompt_upsampling": FLAG,
            "seed": SEED,
            "safety_tolerance": whole(0, 6),
        }
        | _ENCODING,
    ),
}
