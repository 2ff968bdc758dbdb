"""Gemini's image models: shapes, sizes and tokens. Table: providers.md section 3; pixels: Google's image guide [K]."""

from __future__ import annotations

from dataclasses import dataclass

_SQUARE = {"1:1": (1024, 1024)}
_TEN = _SQUARE | {
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
_FOURTEEN = _TEN | {"1:4": (512, 2064), "4:1": (2064, 512), "1:8": (352, 2928), "8:1": (2928, 352)}
_OLD = _SQUARE | {
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}
SCALES = {"512": 0.5, "1K": 1.0, "2K": 2.0, "4K": 4.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`shapes` are ratios with their pixels at 1K; `tokens` is what a picture counts at each size the model draws."""

    shapes: dict[str, tuple[int, int]]
    tokens: dict[str, int]
    takes_size: bool = True
    thinking_levels: tuple[str, ...] = ()

    def size_px(self, ratio: str, size: str) -> tuple[int, int]:
        width_px, height_px = self.shapes[ratio]
        return int(width_px * SCALES[size]), int(height_px * SCALES[size])


MODELS = {
    "gemini-nano-banana-2.1": Model(
        shapes=_FOURTEEN,
        tokens={"1K": 1120, "2K": 1680, "4K": 2520},
        thinking_levels=("minimal", "medium", "high"),
    ),
    "gemini-3-pro-image": Model(
        shapes=_TEN, tokens={"1K": 1120, "2K": 1120, "4K": 2000}, thinking_levels=("low", "high")
    ),
    "gemini-3.1-flash-lite-image": Model(shapes=_TEN, tokens={"1K": 1120}),
    "gemini-2.5-flash-image": Model(shapes=_OLD, tokens={"1K": 1290}, takes_size=False),
}
"""Those that are live: gemini-3.1-flash-image and Imagen are reported shut down, the -preview ids are refused."""
