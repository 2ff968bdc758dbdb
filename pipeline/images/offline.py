"""Draws pictures without a model and without a network: calm compositions of icons in the deck's own colours."""

from __future__ import annotations

from dataclasses import asdict
from random import Random

from pipeline.images import compositions, compositions_depth, icons, palette
from pipeline.images.canvas import Canvas, Fill
from pipeline.images.compositions import Composition, Scene
from pipeline.images.palette import Colour, Palette
from pipeline.records import CallKind, GeneratedImage, Ground, ImageRequest, Request

LONGEST_SIDE_PX = 1600
DRAWING = 1
"""The version of what is drawn: raised with every change that shows, so that no older picture is taken for it."""
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
# On the slide's own background: nothing that runs from edge to edge.
_ALONE: tuple[Composition, ...] = (
    compositions.circles,
    compositions.tiles,
    compositions.orbits,
    compositions_depth.stack,
    compositions_depth.plates,
)
# Behind a title: from edge to edge, pale, and without icons, which the words would stand on.
_BACKGROUNDS: tuple[Composition, ...] = (compositions.hills, compositions_depth.bands)
_PALENESS = 0.45
_ISOMETRIC_STYLE = "isometric"
_FLAT_STYLES = frozenset({"flat", "line-art"})


class OfflineImages:
    """An image provider that draws by itself. The same request always gives the same bytes."""

    name = "offline"
    model = ""
    is_remote = False
    prompt_limit_chars = 32_000
    takes_transparency = True
    dropped: tuple[str, ...] = ()

    def request(self, request: ImageRequest) -> Request:
        """All that it draws by."""
        width, height = _size(request.aspect_ratio, request.width_px)
        return Request(
            kind=CallKind.IMAGE,
            service=self.name,
            model=self.model,
            prompt=request.prompt,
            parameters={"width": width, "height": height},
            context={
                "drawing": DRAWING,
                "subject": request.subject,
                "style": request.style,
                "theme": asdict(request.theme),
                "seed": request.seed,
                "is_cover": request.is_cover,
                "ground": request.ground.value,
                "variant": request.variant,
            },
        )

    def generate(self, request: ImageRequest, timeout_s: float) -> GeneratedImage:  # noqa: ARG002 - takes well under 1 s
        """Draw a PNG of exactly the asked shape and width, to the pixel, its longer side LONGEST_SIDE_PX at most."""
        return GeneratedImage(data=_draw(request), provider=self.name, model=self.model, cost_usd=0.0)

    def is_on_order(self, request: ImageRequest) -> bool:  # noqa: ARG002 - nothing ever is
        """Never."""
        return False

    def settled(self, request: ImageRequest) -> None:
        """Nothing is ordered of anybody."""

    def estimate_usd(self, aspect_ratio: float, width_px: int) -> float | None:  # noqa: ARG002 - costs nothing
        """Cost nothing."""
        return 0.0

    def close(self) -> None:
        """Nothing is held."""


def _draw(request: ImageRequest) -> bytes:
    random = Random(request.seed)  # noqa: S311 - for variety, not for secrets
    is_alone = request.ground is not Ground.SCENE
    compose = random.choice(_BACKGROUNDS if request.is_cover else _ALONE if is_alone else _COMPOSITIONS)
    if request.style == _ISOMETRIC_STYLE and not request.is_cover:
        compose = compositions_depth.plates
    colours = palette.choose(request.theme, random, is_alone=is_alone)
    width, height = _size(request.aspect_ratio, request.width_px)
    canvas = Canvas(width, height, _paint(request.ground, colours), _shadow(request.style, colours))
    found = () if request.is_cover else icons.find(request.subject, random)
    glyphs = tuple(icons.character(name) for name in found)
    compose(Scene(canvas=canvas, palette=colours, icons=glyphs, random=random, is_alone=is_alone))
    if request.is_cover:
        canvas.card((0, 0, width, height), 0, colours.ground, opacity=_PALENESS)
    return canvas.png()


def _paint(ground: Ground, colours: Palette) -> Fill | None:
    """What the canvas is painted with before anything is drawn."""
    if ground is Ground.SCENE:
        return colours.ground, palette.mix(colours.ground, colours.tints[0], 0.6)
    return colours.ground if ground is Ground.PLAIN else None


def _shadow(style: str, colours: Palette) -> Colour | None:
    return None if style in _FLAT_STYLES else colours.shadow


def _size(aspect_ratio: float, width_px: int) -> tuple[int, int]:
    width = min(width_px, LONGEST_SIDE_PX, round(LONGEST_SIDE_PX * aspect_ratio))
    return max(1, width), max(1, round(width / aspect_ratio))
