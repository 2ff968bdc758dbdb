"""How the edges of a deck's pictures look: read from those that are there, written for ours. Touches only XML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipeline.deck.colours import COLOUR_TAGS, NO_FILL, SOLID_FILL, Palette
from pipeline.deck.ooxml import Element, integer, qualified
from pipeline.records import Box, PictureFinish, Shadow, ShapeKind, SlideShape

_PROPERTIES, _STYLE = qualified("p:spPr"), qualified("p:style")
_PRESET, _CUSTOM = qualified("a:prstGeom"), qualified("a:custGeom")
_GUIDE = qualified("a:avLst/a:gd")
_LINE, _EFFECTS = qualified("a:ln"), qualified("a:effectLst")
_SHADOW, _ALPHA = qualified("a:outerShdw"), qualified("a:alpha")
_LINE_REFERENCE, _EFFECT_REFERENCE = qualified("a:lnRef"), qualified("a:effectRef")
_LINE_STYLES = qualified("a:themeElements/a:fmtScheme/a:lnStyleLst")
_EFFECT_STYLES = qualified("a:themeElements/a:fmtScheme/a:effectStyleLst")

_WHOLE = 100_000
"""`ST_Percentage` and the geometry guides count thousandths of a percent."""

_UNITS_PER_DEGREE = 60_000
"""`ST_Angle` (ECMA-376 part 1, 20.1.10.3)."""

_DEFAULT_LINE_EMU = 9_525
"""A line that states no width (20.1.2.2.24)."""

_DEFAULT_CORNER = 16_667
"""The guide `adj` of `roundRect` in presetShapeDefinitions.xml: the radius as a share of the shorter side."""

_LEAST_SLIDE_SHARE = 0.04
"""What is smaller is a logo, an icon, a portrait in a row of them."""

_LEAST_PICTURES, _LEAST_SHARE = 2, 0.6

_T = TypeVar("_T", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """How the edge of one picture of the deck looks.

    `corner_share` is the corners' radius as a share of the shorter side, None where the picture has another shape than
    a rectangle. `outline` is a colour and a width in EMU, ("", 0) for none.
    """

    corner_share: float | None
    outline: tuple[str, int]
    shadow: Shadow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a slide's colours and a picture's style refer to; `theme` is the root of the theme's part."""

    palette: Palette
    theme: Element | None


def is_content(shape: SlideShape, canvas: Box) -> bool:
    """True for a picture the deck's author showed: no logo or icon, no backdrop, none of ours."""
    if shape.kind is not ShapeKind.PICTURE or shape.is_empty or shape.ours is not None or shape.box is None:
        return False
    return not shape.box.is_backdrop_of(canvas) and shape.box.area_emu2 >= _LEAST_SLIDE_SHARE * canvas.area_emu2


def read_edge(picture: Element, inherited: Sequence[Element], design: Design) -> Edge:
    """The edge of a `p:pic`. `inherited` are the placeholders it takes after, nearest first."""
    properties = [found for one in (picture, *inherited) if (found := one.find(_PROPERTIES)) is not None]
    style = picture.find(_STYLE)
    return Edge(
        corner_share=_corner_share(properties),
        outline=_outline(_first(properties, _LINE), style, design),
        shadow=_shadow(_first(properties, _EFFECTS), style, design),
    )


def agreed_finish(edges: Sequence[Edge]) -> PictureFinish | None:
    """What at least 60 % of a deck's pictures have in common; corners, outline and shadow each by itself.

    None where they agree in nothing, or are fewer than two.
    """
    corners = _agreed([edge.corner_share for edge in edges])
    outlines = _agreed([edge.outline for edge in edges])
    shadows = _agreed([edge.shadow for edge in edges])
    if not (corners or outlines or shadows):
        return None
    outline, outline_emu = outlines[0] if outlines else ("", 0)
    return PictureFinish(
        corner_share=(corners[0] if corners else None) or 0.0,
        outline=outline,
        outline_emu=outline_emu,
        shadow=shadows[0] if shadows else None,
    )


def frame_properties(finish: PictureFinish) -> str:
    """What stands in a picture's `p:spPr` after `a:xfrm`: geometry, outline, effects, in the schema's order.

    `CT_ShapeProperties` (ECMA-376 part 1, 20.1.2.2.35). The prefix `a` is the caller's to declare.
    """
    return _geometry(finish.corner_share) + _line(finish) + ("" if finish.shadow is None else _effects(finish.shadow))


def _first(properties: Iterable[Element], path: str) -> Element | None:
    return next((found for one in properties if (found := one.find(path)) is not None), None)


def _corner_share(properties: Iterable[Element]) -> float | None:
    geometry = next((found for one in properties for found in one.iterchildren(_PRESET, _CUSTOM)), None)
    name = "rect" if geometry is None else geometry.get("prst")
    if geometry is None or name == "rect":
        return 0.0
    if name != "roundRect":
        return None
    guide = geometry.find(_GUIDE)
    formula = "" if guide is None else guide.get("fmla", "")
    stated = formula.removeprefix("val ")
    radius = int(stated) if stated.isdecimal() else _DEFAULT_CORNER
    return round(min(radius / _WHOLE, 0.5), 3)


def _outline(line: Element | None, style: Element | None, design: Design) -> tuple[str, int]:
    """By the line the picture states; what it leaves open is the style's."""
    reference = None if style is None else style.find(_LINE_REFERENCE)
    styled = _styled(design.theme, _LINE_STYLES, reference)
    width = integer(line, "w") or integer(styled, "w") or _DEFAULT_LINE_EMU
    colour = None
    if line is not None and line.find(NO_FILL) is None:
        fill = line.find(SOLID_FILL)
        colour = None if fill is None or _opacity(fill) == 0 else design.palette.first(fill)
    if colour is None and reference is not None and styled is not None and (line is None or not len(line)):
        colour = design.palette.first(reference)
    return (colour, width) if colour else ("", 0)


def _shadow(effects: Element | None, style: Element | None, design: Design) -> Shadow | None:
    """An empty list of effects is a statement too: none, whatever the style has."""
    reference = None if style is None else style.find(_EFFECT_REFERENCE)
    if effects is None:
        styled = _styled(design.theme, _EFFECT_STYLES, reference)
        effects = None if styled is None else styled.find(_EFFECTS)
    shadow = None if effects is None else effects.find(_SHADOW)
    if shadow is None or _is_cast_aslant(shadow):
        return None
    placeholder = (None if reference is None else design.palette.first(reference)) or "000000"
    return Shadow(
        blur_emu=integer(shadow, "blurRad") or 0,
        distance_emu=integer(shadow, "dist") or 0,
        direction_deg=round((integer(shadow, "dir") or 0) / _UNITS_PER_DEGREE, 1),
        colour=design.palette.first(shadow, placeholder) or "000000",
        opacity=round(_opacity(shadow), 2),
    )


def _is_cast_aslant(shadow: Element) -> bool:
    """A shadow that is skewed or much scaled lies on a floor; ours are told without."""
    scales = [_WHOLE if (scale := integer(shadow, name)) is None else scale for name in ("sx", "sy")]
    return any(integer(shadow, name) for name in ("kx", "ky")) or any(abs(one - _WHOLE) > _WHOLE / 10 for one in scales)


def _styled(theme: Element | None, styles: str, reference: Element | None) -> Element | None:
    """The theme's line or effect a reference counts to, from 1; 0 is none (20.1.4.2.19, 20.1.4.2.8)."""
    listed = None if theme is None else theme.find(styles)
    index = integer(reference, "idx") or 0
    return listed[index - 1] if listed is not None and 0 < index <= len(listed) else None


def _opacity(parent: Element) -> float:
    colour = next(parent.iterchildren(*COLOUR_TAGS), None)
    alpha = None if colour is None else integer(colour.find(_ALPHA), "val")
    return 1.0 if alpha is None else alpha / _WHOLE


def _agreed(values: Sequence[_T]) -> tuple[_T] | None:
    """The most frequent value, where it is frequent enough; in a tuple, since it may be None itself."""
    if len(values) < _LEAST_PICTURES:
        return None
    value, count = Counter(values).most_common(1)[0]
    return (value,) if count >= _LEAST_SHARE * len(values) else None


def _geometry(corner_share: float) -> str:
    if not corner_share:
        return '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    radius = round(_WHOLE * min(corner_share, 0.5))
    return f'<a:prstGeom prst="roundRect"><a:avLst><a:gd name="adj" fmla="val {radius}"/></a:avLst></a:prstGeom>'


def _line(finish: PictureFinish) -> str:
    if not finish.outline:
        return ""
    fill = f'<a:solidFill><a:srgbClr val="{finish.outline}"/></a:solidFill>'
    return f'<a:ln w="{finish.outline_emu}">{fill}</a:ln>'


def _effects(shadow: Shadow) -> str:
    direction = round(shadow.direction_deg * _UNITS_PER_DEGREE) % (360 * _UNITS_PER_DEGREE)
    colour = f'<a:srgbClr val="{shadow.colour}"><a:alpha val="{round(shadow.opacity * _WHOLE)}"/></a:srgbClr>'
    reach = f'blurRad="{shadow.blur_emu}" dist="{shadow.distance_emu}" dir="{direction}"'
    return f'<a:effectLst><a:outerShdw {reach} algn="ctr" rotWithShape="0">{colour}</a:outerShdw></a:effectLst>'
