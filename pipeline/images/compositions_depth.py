"""The drawings of the offline provider that play with depth: bands, stacked cards, isometric plates, a poster."""

from __future__ import annotations

from PIL import Image, ImageDraw

from pipeline.images.canvas import Point, glyph_mask, isometric, swept_down
from pipeline.images.compositions import Scene
from pipeline.images.palette import Colour, mix


def bands(scene: Scene) -> None:
    """Lay rounded diagonal bands in graded tints, the icons on cards above them."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    unit = canvas.unit
    slope = random.choice((-1, 1)) * random.uniform(0.75, 1.1)
    thick = unit * random.uniform(0.13, 0.17)
    count = round(scene.reach * 2 / (thick * 1.5)) + 3
    shades = (*palette.tints, palette.tints[0], palette.second, palette.tints[1])
    offset = random.randrange(len(shades))
    for index in range(count):
        middle = scene.along((index - (count - 1) / 2) * thick * 1.75, random.uniform(-0.45, 0.45) * unit)
        half = unit * random.uniform(0.25, 0.6)
        start = (middle[0] - half * 0.7, middle[1] + half * 0.7 * slope)
        end = (middle[0] + half * 0.7, middle[1] - half * 0.7 * slope)
        canvas.capsule(start, end, thick, shades[(index + offset) % len(shades)], opacity=0.9)
    _row_of_cards(scene)


def _row_of_cards(scene: Scene) -> None:
    canvas, palette, unit = scene.canvas, scene.palette, scene.canvas.unit
    count = len(scene.icons)
    sizes = (0.46, 0.26, 0.26) if scene.reach > unit * 0.7 else (0.4, 0.22, 0.22)
    hero_shift = 0.0 if count != 2 else -0.18
    places = (hero_shift, hero_shift + 0.46, -0.46) if scene.reach > unit * 0.7 else (hero_shift / 2, 0.33, -0.33)
    drops = (0.0, 0.0, 0.0) if scene.reach > unit * 0.7 else (0.0, 0.2, -0.2)
    for icon, size, place, drop in reversed(list(zip(scene.icons, sizes, places, drops, strict=False))):
        x, y = scene.along(place * unit, drop * unit)
        half = size * unit / 2
        canvas.card((x - half, y - half, x + half, y + half), half * 0.36, palette.paper, lift=0.025)
        colour = palette.on_paper(palette.main) if icon == scene.icons[0] else palette.ink
        canvas.glyph(icon, (x, y), half * 1.15, colour)


def stack(scene: Scene) -> None:
    """Draw a fan of translucent cards, the icons on the front one."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    unit = canvas.unit
    side = random.choice((-1, 1))
    scene.backdrop(side * scene.reach * 0.7, -0.25 * unit, unit * 0.5, palette.tints[0])
    scene.backdrop(-side * scene.reach * 0.75, 0.3 * unit, unit * 0.34, palette.tints[1], opacity=0.7)
    long = min(scene.reach * 1.15, unit * (0.42 + 0.3 * max(1, len(scene.icons))))
    wide, high = (long, unit * 0.5) if canvas.width >= canvas.height else (unit * 0.5, long)
    x, y = scene.middle
    step = unit * 0.07
    for depth, fill in ((2, palette.tints[2]), (1, palette.tints[3]), (0, palette.paper)):
        left, top = x - wide / 2 + side * depth * step, y - high / 2 - depth * step + step
        canvas.card((left, top, left + wide, top + high), unit * 0.06, fill, lift=0.02)
    _on_front_card(scene, (x, y + step), long)


def _on_front_card(scene: Scene, centre: Point, long: float) -> None:
    canvas, palette, unit = scene.canvas, scene.palette, scene.canvas.unit
    count = len(scene.icons)
    dx, dy = centre[0] - scene.middle[0], centre[1] - scene.middle[1]
    colours = (palette.on_paper(palette.main), palette.on_paper(palette.second), palette.ink)
    for order, icon in enumerate(scene.icons):
        place = scene.along((order - (count - 1) / 2) * long * 0.88 / count)
        size = unit * (0.3 if count == 1 else 0.21)
        canvas.glyph(icon, (place[0] + dx, place[1] + dy), min(size, long / count * 0.55), colours[order])
    if not scene.icons:
        for order, colour in enumerate(colours):
            place = scene.along((order - 1) * long / 3.6)
            canvas.disc((place[0] + dx, place[1] + dy), min(unit, long) * 0.09, colour, opacity=0.85)


def plates(scene: Scene) -> None:
    """Set thick plates in isometric view, an icon lying on each."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    unit = canvas.unit
    for place, radius in ((-0.8, 0.3), (random.uniform(-0.12, 0.12), 0.46), (0.85, 0.36)):
        scene.backdrop(place * scene.reach, 0, unit * radius, palette.tints[0], opacity=0.8)
    colours = [palette.main, palette.second, palette.paper]
    count = max(1, len(scene.icons))
    gap = min(0.62 * unit, scene.reach * 2 / (count + 0.4))
    side = min(unit * (0.44, 0.33, 0.3)[count - 1], gap * 0.6 if canvas.width >= canvas.height else gap)
    direction = random.choice((-1, 1))
    ranks = ((0.0,), (-0.5, 0.5), (0.0, 1.0, -1.0))[count - 1]
    for order, rank in enumerate(ranks):
        centre = scene.along(rank * gap * direction, rank * 0.12 * unit * direction)
        icon = scene.icons[order] if scene.icons else None
        _plate(scene, centre, side * (1.15 if order == 0 else 1), colours[order], icon)


def _plate(scene: Scene, centre: Point, side: float, fill: Colour, icon: str | None) -> None:
    """Hover a solid plate over a wider, paler one; `side` is the height of its top face."""
    canvas, palette = scene.canvas, scene.palette
    x, y = centre
    depth = max(2, round(side * 0.11))
    for scale, drop, colour in ((1.0, 0.2, palette.tints[2]), (0.82, 0.0, fill)):
        face = isometric(_rounded_square(round(side * scale)))
        body = swept_down(face, depth)
        flank = mix(colour, palette.shadow, 0.35)
        canvas.stamp(body, (x, y + drop * side + depth / 2), flank, lift=0.03 if drop else 0.015)
        canvas.stamp(face, (x, y + drop * side), (mix(colour, palette.paper, 0.15), colour))
    if icon is not None:
        canvas.stamp(isometric(_lying(icon, round(side * 0.82))), centre, palette.on(fill))


def _rounded_square(side_px: int) -> Image.Image:
    mask = Image.new("L", (side_px * 2, side_px * 2))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side_px * 2 - 1, side_px * 2 - 1), side_px * 0.3, fill=255)
    return mask.reduce(2)


def _lying(icon: str, side_px: int) -> Image.Image:
    ink = glyph_mask(icon, round(side_px * 0.62))
    mask = Image.new("L", (side_px, side_px))
    mask.paste(ink, ((side_px - ink.width) // 2, (side_px - ink.height) // 2))
    return mask


def poster(scene: Scene) -> None:
    """Fill the ground with colour, the hero huge and tone in tone behind, crisp and light in front."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    unit = canvas.unit
    side = random.choice((-1, 1))
    # A dark deck is shown in a dark room: a full-coloured picture would glare there.
    high = mix(palette.main, palette.ground, 0.35 if palette.is_dark else 0)
    low = mix(high, palette.shadow, 0.3)
    canvas.flood((high, low))
    light = palette.on(low)
    far = scene.along(side * scene.reach * 0.75, random.uniform(-0.2, 0.2) * unit)
    canvas.disc(scene.along(-side * scene.reach * 0.8, 0.3 * unit), unit * 0.5, light, opacity=0.07)
    canvas.disc(scene.along(-side * scene.reach * 0.2, -0.4 * unit), unit * 0.4, palette.second, opacity=0.35)
    if not scene.icons:
        canvas.rings(far, [unit * (0.2 + 0.16 * step) for step in range(6)], unit * 0.05, light, opacity=0.16)
        return
    canvas.glyph(scene.icons[0], far, unit * 1.05, light, opacity=0.1)
    count = len(scene.icons)
    step = min(0.42 * unit, scene.reach * 0.58)
    for order, icon in enumerate(scene.icons):
        place = scene.along((order - (count - 1) / 2) * step * side)
        size = unit * (0.4 if count == 1 else 0.28 if order == 0 else 0.18)
        canvas.glyph(icon, place, size, light, lift=0.012)
