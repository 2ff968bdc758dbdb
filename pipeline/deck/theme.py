"""The design a slide stands in: the theme's colours through the colour map, and the background's paint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from pipeline.deck.colours import COLOUR_TAGS, Palette, mean_colour, stated_colour
from pipeline.deck.ooxml import Element, integer, qualified, related_by, root_of
from pipeline.deck.package.parts import Part
from pipeline.records import Theme

_SCHEME, _SCHEME_IN_THEME = qualified("a:clrScheme"), qualified("a:themeElements/a:clrScheme")
_COLOUR_MAP = qualified("p:clrMap")
_OVERRIDE = qualified("p:clrMapOvr/a:overrideClrMapping")
_FILL_STYLES = qualified("a:themeElements/a:fmtScheme/a:fillStyleLst")
_BACKGROUND_STYLES = qualified("a:themeElements/a:fmtScheme/a:bgFillStyleLst")
_BACKGROUND = qualified("p:cSld/p:bg")
_STATED, _STYLED = qualified("p:bgPr"), qualified("p:bgRef")
_SOLID, _GRADIENT = qualified("a:solidFill"), qualified("a:gradFill")
_PICTURE, _PATTERN = qualified("a:blipFill"), qualified("a:pattFill")
_GRADIENT_STOPS, _PATTERN_BACK = qualified("a:gsLst/a:gs"), qualified("a:bgClr")

_ACCENTS = tuple(f"accent{number}" for number in range(1, 7))
_OVERRIDE_RELATIONSHIP = RT.THEME.replace("/theme", "/themeOverride")

_FIRST_BACKGROUND_STYLE = 1001
"""`bgRef/@idx` counts fill styles from 1 and background fill styles from 1001 (ECMA-376 part 1, 19.3.1.3)."""

_OFFICE_COLOURS = {
    "dk1": "000000", "lt1": "FFFFFF", "dk2": "44546A", "lt2": "E7E6E6",
    "accent1": "4472C4", "accent2": "ED7D31", "accent3": "A5A5A5",
    "accent4": "FFC000", "accent5": "5B9BD5", "accent6": "70AD47",
}  # fmt: skip
"""What Office falls back on where a theme is missing: its own of 2013 to 2022."""

_OFFICE_MAP = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What a slide is painted with: one colour that stands for the whole, and a picture or a pattern over it.

    `drawing` is the fill that holds one, `owner` the part whose relationships it uses; both None for plain paint.
    `is_plain` is false for a picture, a gradient and a pattern.
    """

    colour: str
    drawing: Element | None = None
    owner: Part | None = None
    is_plain: bool = True

    @property
    def is_picture(self) -> bool:
        return self.drawing is not None and self.drawing.tag == _PICTURE

    @property
    def plain_colour(self) -> str:
        """The colour; "" where a picture or a pattern lies over it."""
        return self.colour if self.drawing is None else ""


def theme_of(master: Part) -> Part | None:
    """The master's theme; None where it has none."""
    return related_by(master, RT.THEME)


def overrides_colours(part: Part) -> bool:
    """True where a slide or layout has a colour map or theme colours of its own."""
    return root_of(part).find(_OVERRIDE) is not None or related_by(part, _OVERRIDE_RELATIONSHIP) is not None


def read_palette(theme: Element | None, master: Part, overriding: Sequence[Part]) -> Palette:
    """The colours of a master's theme through its colour map, as `overriding` (layout, then slide) change them.

    Raises DeckError, without the deck's path, where a theme override is malformed.
    """
    schemes = [None if theme is None else theme.find(_SCHEME_IN_THEME)]
    replaced = (related_by(part, _OVERRIDE_RELATIONSHIP) for part in overriding)
    schemes += [root_of(part).find(_SCHEME) for part in replaced if part is not None]
    scheme: dict[str, str] = dict(_OFFICE_COLOURS)
    for stated in schemes:
        scheme |= {} if stated is None else _scheme_colours(stated)
    colour_map: dict[str, str] = dict(_OFFICE_MAP)
    for found in (root_of(master).find(_COLOUR_MAP), *(root_of(part).find(_OVERRIDE) for part in overriding)):
        colour_map |= {} if found is None else dict(found.attrib)
    return Palette(scheme=scheme, colour_map=colour_map)


def theme_in(palette: Palette) -> Theme:
    """What the later stages need of a slide's design."""
    return Theme(
        background=palette.named("bg1"),
        text=palette.named("tx1"),
        accents=tuple(palette.named(name) for name in _ACCENTS),
    )


def read_background(parts: Iterable[Part], palette: Palette, theme: Part | None) -> Background:
    """The paint of the first of `parts` (slide, layout, master) that states one.

    Raises DeckError, without the deck's path, where the theme is malformed.
    """
    plain = Background(colour=palette.named("bg1"))
    stating = ((part, found) for part in parts if (found := root_of(part).find(_BACKGROUND)) is not None)
    owner, background = next(stating, (None, None))
    if background is None:
        return plain
    fill = background.find(_STATED)
    if fill is not None:
        return _painted(next(iter(fill), None), palette, "000000", plain, owner)
    reference = background.find(_STYLED)
    if reference is None:
        return plain
    style = _fill_style(None if theme is None else root_of(theme), integer(reference, "idx") or 0)
    return _painted(style, palette, palette.first(reference) or plain.colour, plain, theme)


def _scheme_colours(scheme: Element) -> dict[str, str]:
    """`a:clrScheme` holds one element a colour, named for its role, with the colour inside."""
    colours = {}
    for role in scheme.iterchildren("{*}*"):
        colour = next((found for child in role.iterchildren(*COLOUR_TAGS) if (found := stated_colour(child))), None)
        if colour is not None:
            colours[role.tag.rpartition("}")[2]] = colour
    return colours


def _fill_style(theme: Element | None, index: int) -> Element | None:
    is_background = index >= _FIRST_BACKGROUND_STYLE
    styles = None if theme is None else theme.find(_BACKGROUND_STYLES if is_background else _FILL_STYLES)
    place = index - (_FIRST_BACKGROUND_STYLE if is_background else 1)
    return styles[place] if styles is not None and 0 <= place < len(styles) else None


def _painted(
    fill: Element | None, palette: Palette, placeholder_colour: str, plain: Background, owner: Part | None
) -> Background:
    if fill is None:
        return plain
    if fill.tag == _PICTURE:
        return Background(colour=plain.colour, drawing=fill, owner=owner, is_plain=False)
    colours: list[str | None] = []
    if fill.tag == _SOLID:
        colours = [palette.first(fill, placeholder_colour)]
    elif fill.tag == _GRADIENT:
        colours = [palette.first(stop, placeholder_colour) for stop in fill.iterfind(_GRADIENT_STOPS)]
    elif fill.tag == _PATTERN:
        colours = [palette.first(back, placeholder_colour) for back in fill.iterfind(_PATTERN_BACK)]
    known = [colour for colour in colours if colour is not None]
    if fill.tag == _PATTERN:
        return Background(colour=mean_colour(known or [plain.colour]), drawing=fill, owner=owner, is_plain=False)
    return Background(colour=mean_colour(known), is_plain=fill.tag == _SOLID) if known else plain
