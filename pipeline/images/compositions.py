"""The drawings of the offline provider: a handful of calm compositions, each fit for any shape and 0 to 3 icons."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from pipeline.images.canvas import Canvas, Fill, Point
from pipeline.images.palette import Palette, mix


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a composition is given. `icons` are glyphs, the hero first; `random` is the source of all variety.

    `is_alone` where the drawing has no ground of its own: whatever its edges cut off would show them.
    """

    canvas: Canvas
    palette: Palette
    icons: tuple[str, ...]
    random: Random
    is_alone: bool = False

    @property
    def middle(self) -> Point:
        return (self.canvas.width / 2, self.canvas.height / 2)

    def along(self, distance: float, across: float = 0) -> Point:
        """Find the point `distance` from the middle along the longer side and `across` along the shorter one."""
        x, y = self.middle
        if self.canvas.width >= self.canvas.height:
            return (x + distance, y + across)
        return (x + across, y + distance)

    @property
    def reach(self) -> float:
        """Half the longer side."""
        return max(self.canvas.width, self.canvas.height) / 2

    def backdrop(self, distance: float, across: float, radius: float, fill: Fill, opacity: float = 1) -> None:
        """Draw a large quiet disc at a place as for `along`; whole, where the drawing stands alone."""
        if self.is_alone:
            radius = min(radius, self.canvas.unit * 0.46)
            room = radius + self.canvas.unit * 0.02
            distance = max(room - self.reach, min(self.reach - room, distance))
            across = max(room - self.canvas.unit / 2, min(self.canvas.unit / 2 - room, across))
        self.canvas.disc(self.along(distance, across), radius, fill, opacity=opacity)


Composition: TypeAlias = Callable[[Scene], None]


def circles(scene: Scene) -> None:
    """Float big soft circles, one hero on a disc, its companions on smaller ones around it."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    unit = canvas.unit
    side = random.choice((-1, 1))
    spread = max(unit * 0.35, scene.reach * 0.62)
    for place, tint in zip((-1.0, 0.15, 1.05), random.sample(palette.tints[:3], 3), strict=True):
        across = random.uniform(-0.3, 0.3) * unit
        scene.backdrop(side * place * spread, across, unit * random.uniform(0.4, 0.62), tint, opacity=0.75)
    scene.backdrop(-side * spread * 1.1, side * unit * 0.3, unit * 0.13, palette.second, opacity=0.85)
    _confetti(scene, 4)
    _cluster(scene, side)


def _cluster(scene: Scene, side: int) -> None:
    canvas, palette, unit = scene.canvas, scene.palette, scene.canvas.unit
    wide = scene.reach > unit * 0.75
    shift = -side * unit * (0.12 if len(scene.icons) > 1 and not wide else 0)
    hero = scene.along(shift, scene.random.uniform(-0.03, 0.03) * unit)
    radius = unit * (0.27 if wide or len(scene.icons) < 2 else 0.24)
    canvas.disc(hero, radius, (mix(palette.main, palette.paper, 0.12), palette.main), lift=0.03)
    if not scene.icons:
        canvas.disc(hero, radius * 0.5, palette.paper, opacity=0.35)
        return
    canvas.glyph(scene.icons[0], hero, radius * 1.12, palette.on(palette.main))
    places = (0.56, -0.56) if wide else (0.4, 0.42)
    lifts = (0.14, -0.16) if wide else (-0.2, 0.22)
    for icon, place, lift in zip(scene.icons[1:], places, lifts, strict=False):
        centre = scene.along(shift + side * place * unit, lift * unit)
        canvas.disc(centre, unit * 0.125, palette.paper, lift=0.02)
        canvas.glyph(icon, centre, unit * 0.135, palette.ink)


def _confetti(scene: Scene, count: int) -> None:
    """Strew a few small dots in the quiet outer parts."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    for index in range(count):
        away = random.uniform(0.55, 0.95) * scene.reach * (-1 if index % 2 else 1)
        centre = scene.along(away, random.choice((-1, 1)) * random.uniform(0.2, 0.42) * canvas.unit)
        canvas.disc(centre, canvas.unit * random.uniform(0.008, 0.02), random.choice((palette.pop, palette.main)))


def hills(scene: Scene) -> None:
    """Layer hills under a wide sky; the hero is the sun, its companions stand on the slopes."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    unit, width, height = canvas.unit, canvas.width, canvas.height
    sun = (width * random.choice((0.3, 0.5, 0.7)), height * 0.34)
    stands = (0.16, 0.84) if sun[0] > width / 2 else (0.84, 0.16)
    sun = (min(max(sun[0], unit * 0.3), width - unit * 0.3), max(sun[1], unit * 0.3))
    canvas.disc(sun, unit * 0.36, palette.tints[0])
    canvas.disc(sun, unit * 0.225, (mix(palette.second, palette.paper, 0.15), palette.second), lift=0.03)
    if scene.icons:
        canvas.glyph(scene.icons[0], sun, unit * 0.25, palette.on(palette.second))
    for layer, share in enumerate((0.66, 0.77, 0.9)):
        ridge = _ridge(scene, share)
        if 1 <= layer < len(scene.icons):
            _signpost(scene, scene.icons[layer], width * stands[layer - 1], ridge)
        tint = palette.tints[layer + 1]
        outline = [(step / 60 * width, ridge(step / 60 * width)) for step in range(61)]
        canvas.polygon([*outline, (width, height), (0, height)], (tint, mix(tint, palette.ground, 0.25)))


def _ridge(scene: Scene, share: float) -> Callable[[float], float]:
    """Draw up the line of one hill: the height in pixels at each x, around `share` of the picture's height."""
    width, height, unit = scene.canvas.width, scene.canvas.height, scene.canvas.unit
    swing = min(0.1 * height, 0.16 * unit)
    phase = scene.random.uniform(0, math.tau)
    waves = scene.random.uniform(0.7, 1.1) * max(1, width / (unit * 2.2))
    return lambda x: height * share + swing * math.sin(phase + math.tau * waves * x / width)


def _signpost(scene: Scene, icon: str, x: float, ridge: Callable[[float], float]) -> None:
    """Put up a round sign on a thin pole, its foot hidden by the hill that is drawn next."""
    canvas, palette, unit = scene.canvas, scene.palette, scene.canvas.unit
    foot = ridge(x)
    top = foot - unit * 0.17
    canvas.capsule((x, top), (x, foot + unit * 0.02), unit * 0.014, palette.ink)
    canvas.disc((x, top), unit * 0.1, palette.paper, lift=0.015)
    canvas.glyph(icon, (x, top), unit * 0.108, palette.ink)


def tiles(scene: Scene) -> None:
    """Lay out a quilt of rounded tiles with plain geometry, the icons on the quiet ones."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    short = random.choice((2, 3)) if scene.reach < canvas.unit * 0.7 else 2
    long = max(short, round(short * scene.reach * 2 / canvas.unit))
    columns, rows = (long, short) if canvas.width >= canvas.height else (short, long)
    margin, gap = canvas.unit * 0.06, canvas.unit * 0.03
    side = min(
        (canvas.width - 2 * margin - gap * (columns - 1)) / columns,
        (canvas.height - 2 * margin - gap * (rows - 1)) / rows,
    )
    left = (canvas.width - columns * side - gap * (columns - 1)) / 2
    top = (canvas.height - rows * side - gap * (rows - 1)) / 2
    cells = [(column, row) for row in range(rows) for column in range(columns)]
    chosen = _spread_out(cells, len(scene.icons), random)
    for column, row in cells:
        x, y = left + column * (side + gap), top + row * (side + gap)
        if (column, row) in chosen:
            order = chosen.index((column, row))
            fill = (palette.main, palette.paper, palette.second)[order]
            canvas.card((x, y, x + side, y + side), side * 0.14, fill, lift=0.012)
            canvas.glyph(scene.icons[order], (x + side / 2, y + side / 2), side * 0.52, palette.on(fill))
        else:
            _motif(scene, x, y, side)


def _spread_out(cells: list[tuple[int, int]], count: int, random: Random) -> list[tuple[int, int]]:
    """Choose `count` cells far from one another, the first one near the middle."""
    middle = (sum(c for c, _ in cells) / len(cells), sum(r for _, r in cells) / len(cells))
    nearest = min(math.dist(cell, middle) for cell in cells)
    chosen = [random.choice([cell for cell in cells if math.dist(cell, middle) < nearest + 0.6])]
    while len(chosen) < count:
        rest = [cell for cell in cells if cell not in chosen]
        chosen.append(max(rest, key=lambda cell: (min(math.dist(cell, c) for c in chosen), random.random())))
    return chosen[:count]


def _motif(scene: Scene, x: float, y: float, side: float) -> None:
    """Fill one tile with plain geometry: a quarter disc, a dot, a ring, or nothing but its tint."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    canvas.card((x, y, x + side, y + side), side * 0.14, palette.tints[random.choice((0, 0, 1))])
    colour = random.choice((palette.tints[1], palette.tints[2], palette.tints[2], palette.tints[3], palette.second))
    centre = (x + side / 2, y + side / 2)
    match random.randrange(5):
        case 0:
            turn = random.randrange(4)
            corner = (x + side * (0.1, 0.9, 0.9, 0.1)[turn], y + side * (0.1, 0.1, 0.9, 0.9)[turn])
            canvas.slice(corner, side * 0.8, turn * 90, 90, colour)
        case 1:
            canvas.disc(centre, side * random.choice((0.16, 0.3)), colour)
        case 2:
            canvas.rings(centre, (side * 0.32,), side * 0.1, colour)
        case 3:
            turn = random.randrange(4)
            nudge = side * 0.15  # a half disc's weight lies beside its own centre
            corner = (centre[0] + nudge * (0, 1, 0, -1)[turn], centre[1] + nudge * (-1, 0, 1, 0)[turn])
            canvas.slice(corner, side * 0.34, turn * 90, 180, colour)
        case _:
            pass


def orbits(scene: Scene) -> None:
    """Draw rings round a hero, companions and small planets travelling on them."""
    canvas, palette, random = scene.canvas, scene.palette, scene.random
    unit = canvas.unit
    centre = scene.along(random.choice((-1, 0, 1)) * max(0.0, scene.reach - unit * 0.55) * 0.5)
    # Alone, the rings end where the picture does.
    shares = (0.22, 0.335, 0.45) if scene.is_alone else [0.24 + 0.15 * step for step in range(15)]
    radii = [unit * share for share in shares]
    canvas.rings(centre, radii[::2], unit * 0.15, palette.tints[0])
    canvas.rings(centre, radii[1:5:2], unit * 0.006, palette.tints[2])
    canvas.disc(centre, unit * 0.19, (mix(palette.main, palette.paper, 0.12), palette.main), lift=0.03)
    if scene.icons:
        canvas.glyph(scene.icons[0], centre, unit * 0.215, palette.on(palette.main))
    start = random.uniform(-0.5, 0.5) + (0 if canvas.width >= canvas.height else math.pi / 2)
    for index, icon in enumerate(scene.icons[1:]):
        place = _polar(centre, radii[1], start + math.pi * index + 0.4)
        canvas.disc(place, unit * 0.095, palette.paper, lift=0.018)
        canvas.glyph(icon, place, unit * 0.105, palette.ink)
    for index, colour in enumerate((palette.second, palette.pop, palette.tints[3], palette.second)):
        turn = start + 1.2 + index * 1.9 + random.uniform(-0.2, 0.2)
        orbit = radii[min(1 + 2 * (index % 2), len(radii) - 1)]
        canvas.disc(_polar(centre, orbit, turn), unit * random.uniform(0.016, 0.034), colour)


def _polar(centre: Point, radius: float, turn: float) -> Point:
    return (centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn))
