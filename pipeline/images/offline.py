"""Draws pictures without a model and without a network: calm compositions of icons in the deck's own colours."""

from __future__ import annotations

from random import Random

from pipeline.images import compositions, compositions_depth, icons, palette
from pipeline.images.canvas import Canvas
from pipeline.images.compositions import Composition, Scene
from pipeline.records import GeneratedImage, ImageRequest

LONGEST_SIDE_PX = 1600
_COMPOSITIONS: tuple[Composition, ...] = (
    compositions.circles,
    compositions.hills,
    compositions.tiles,
    compositions.orbits,
    compositions_depth.bands,
    compositions_depth.stack,
    compositions_depth.plates,
    compositions_depth.poster,
)
_ISOMETRIC_STYLE = "isometric"
_FLAT_STYLES = frozenset({"flat", "line-art"})


class OfflineImages:
    """An image provider that draws by itself. The same request always gives the same bytes."""

    name = "offline"
    model = ""
    is_remote = False
    prompt_limit_chars = 32_000

    def generate(self, request: ImageRequest, timeout_s: float) -> GeneratedImage:  # noqa: ARG002 - takes well under 1 s
        """Draw a PNG of exactly the asked shape and width, to the pixel, its longer side LONGEST_SIDE_PX at most."""
        return GeneratedImage(data=_draw(request), provider=self.name, model=self.model, cost_usd=0.0)

    def estimate_usd(self, aspect_ratio: float) -> float | None:  # noqa: ARG002 - every shape costs nothing
        """Cost nothing."""
        return 0.0

    def close(self) -> None:
        """Nothing is held."""


def _draw(request: ImageRequest) -> bytes:
    random = Random(request.seed)  # noqa: S311 - for variety, not for secrets
    compose = random.choice(_COMPOSITIONS)
    if request.style == _ISOMETRIC_STYLE:
        compose = compositions_depth.plates
    colours = palette.choose(request.theme, random)
    width, height = _size(request.aspect_ratio, request.width_px)
    canvas = Canvas(
        width,
        height,
        (colours.ground, palette.mix(colours.ground, colours.tints[0], 0.6)),
        None if request.style in _FLAT_STYLES else colours.shadow,
    )
    glyphs = tuple(icons.character(name) for name in icons.find(request.subject, random))
    compose(Scene(canvas=canvas, palette=colours, icons=glyphs, random=random))
    return canvas.png()


def _size(aspect_ratio: float, width_px: int) -> tuple[int, int]:
    width = min(width_px, LONGEST_SIDE_PX, round(LONGEST_SIDE_PX * aspect_ratio))
    return max(1, width), max(1, round(width / aspect_ratio))
