"""How a text is set: paragraph and letter properties through list styles, placeholders, master and defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.deck.ink.theme_fonts import ThemeFonts
from pipeline.deck.ooxml import Element, integer, qualified

LEVELS = 9
_LEVEL_TAGS = tuple(qualified(f"a:lvl{level}pPr") for level in range(1, LEVELS + 1))
_DEFAULT_RUN = qualified("a:defRPr")

_TYPEFACES = {qualified(f"a:{kind}"): slot for kind, slot in
              (("latin", "latin"), ("ea", "east_asian"), ("cs", "complex_script"))}  # fmt: skip
_SPACINGS = {qualified(f"a:{name}"): field for name, field in
             (("lnSpc", "line"), ("spcBef", "before"), ("spcAft", "after"))}  # fmt: skip
_PERCENT, _POINTS = qualified("a:spcPct"), qualified("a:spcPts")
_TAB_LIST = qualified("a:tabLst")

_DEFAULT_SIZE_PT = 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStyle:
    """Letters. `baseline` is the share of the size they stand above (or below) the line; typefaces as stated."""

    size_pt: float = _DEFAULT_SIZE_PT
    is_bold: bool = False
    is_italic: bool = False
    caps: str = "none"
    spacing_pt: float = 0.0
    baseline: float = 0.0
    latin: str = "+mn-lt"
    east_asian: str = "+mn-ea"
    complex_script: str = "+mn-cs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """A distance in points, or a share of the line's height where `is_share`."""

    value: float
    is_share: bool


NO_SPACING = Spacing(value=0.0, is_share=False)
SINGLE = Spacing(value=1.0, is_share=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """What stands before a paragraph: `text`, "" for nothing; `size_pt` is 0 where `size_share` of the text counts."""

    text: str = ""
    font: str = ""
    size_share: float = 1.0
    size_pt: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphStyle:
    """A paragraph; lengths in EMU, `tabs` measured from the text's edge."""

    left_emu: int = 0
    right_emu: int = 0
    indent_emu: int = 0
    alignment: str = "l"
    is_rtl: bool = False
    tab_size_emu: int = 914_400
    tabs: tuple[int, ...] = ()
    line: Spacing = SINGLE
    before: Spacing = NO_SPACING
    after: Spacing = NO_SPACING
    bullet: Bullet = Bullet()
    run: RunStyle = RunStyle()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextContext:
    """What a text takes over from elsewhere.

    A style for each of the nine list levels, the `a:bodyPr` of the placeholders it inherits from, nearest first, and
    the theme's fonts.
    """

    levels: Sequence[ParagraphStyle] = (ParagraphStyle(),) * LEVELS
    bodies: Sequence[Element] = ()
    fonts: ThemeFonts = field(default_factory=ThemeFonts)


def level_of(properties: Element | None) -> int:
    """The list level from 0 to 8 that an `a:pPr` puts its paragraph on."""
    return min(max(integer(properties, "lvl") or 0, 0), LEVELS - 1)


def with_list_style(levels: Sequence[ParagraphStyle], list_style: Element | None) -> Sequence[ParagraphStyle]:
    """The styles of the nine levels as an `a:lstStyle`, or what has its type, changes them."""
    if list_style is None or not len(list_style):
        return levels
    by_tag = {child.tag: child for child in list_style.iterchildren("{*}*")}
    return tuple(
        base if (stated := by_tag.get(tag)) is None else _with_level(base, stated)
        for base, tag in zip(levels, _LEVEL_TAGS, strict=True)
    )


def with_paragraph(base: ParagraphStyle, properties: Element | None) -> ParagraphStyle:
    """`base` as an `a:pPr` changes it. Its `a:defRPr` says nothing of the runs: PowerPoint passes it over."""
    if properties is None or not (properties.attrib or len(properties)):
        return base
    changes = dict(_paragraph_changes(base, properties))
    return replace(base, **changes) if changes else base  # type: ignore[arg-type]


def with_run(base: RunStyle, properties: Element | None) -> RunStyle:
    """`base` as an `a:rPr`, `a:defRPr` or `a:endParaRPr` changes it."""
    if properties is None:
        return base
    changes = dict(_run_changes(properties))
    return replace(base, **changes) if changes else base  # type: ignore[arg-type]


def _with_level(base: ParagraphStyle, stated: Element) -> ParagraphStyle:
    changed = with_paragraph(base, stated)
    run = with_run(base.run, stated.find(_DEFAULT_RUN))
    return changed if run is base.run else replace(changed, run=run)


_Change = tuple[str, object]


def _run_changes(properties: Element) -> Iterator[_Change]:
    for name, value in properties.attrib.items():
        read = _RUN_ATTRIBUTES.get(str(name))
        if read is not None:
            yield read[0], read[1](str(value))
    for child in properties:
        slot = _TYPEFACES.get(child.tag)
        if slot is not None and child.get("typeface"):
            yield slot, child.get("typeface")


def _paragraph_changes(base: ParagraphStyle, properties: Element) -> Iterator[_Change]:
    yield from _paragraph_attributes(properties)
    bullet = base.bullet
    for child in properties.iterchildren("{*}*"):
        slot = _SPACINGS.get(child.tag, "")
        if slot:
            spacing = _spacing(child)
            if spacing is not None:
                yield slot, spacing
        elif child.tag == _TAB_LIST:
            yield "tabs", tuple(sorted(place for tab in child if (place := integer(tab, "pos")) is not None))
        else:
            bullet = _with_bullet(bullet, child)
    if bullet is not base.bullet:
        yield "bullet", bullet


def _paragraph_attributes(properties: Element) -> Iterator[_Change]:
    for name, slot in (("marL", "left_emu"), ("marR", "right_emu"), ("indent", "indent_emu")):
        length = integer(properties, name)
        if length is not None:
            yield slot, length
    tab_size = integer(properties, "defTabSz")
    if tab_size is not None and tab_size > 0:
        yield "tab_size_emu", tab_size
    alignment, direction = properties.get("algn"), properties.get("rtl")
    if alignment is not None:
        yield "alignment", alignment
    if direction is not None:
        yield "is_rtl", _is_true(direction)


def _with_bullet(bullet: Bullet, child: Element) -> Bullet:
    read = _BULLETS.get(child.tag)
    return bullet if read is None else replace(bullet, **read(child))  # type: ignore[arg-type]


def _spacing(stated: Element) -> Spacing | None:
    percent, points = stated.find(_PERCENT), stated.find(_POINTS)
    if percent is not None:
        return Spacing(value=_share(percent.get("val", "100000")), is_share=True)
    hundredths = integer(points, "val")
    return None if hundredths is None else Spacing(value=hundredths / 100, is_share=False)


def _share(value: str) -> float:
    """An `ST_Percentage`: thousandths of a percent, or "80%" in strict files (ECMA-376 part 1, 20.1.10.40)."""
    try:
        return float(value[:-1]) / 100 if value.endswith("%") else float(value) / 100_000
    except ValueError:
        return 1.0


def _is_true(value: str) -> bool:
    return value in ("1", "true", "on")


def _hundredths(value: str) -> float:
    return int(value) / 100 if value.lstrip("-").isdigit() else 0.0


_RUN_ATTRIBUTES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "sz": ("size_pt", lambda value: _hundredths(value) or _DEFAULT_SIZE_PT),
    "b": ("is_bold", _is_true),
    "i": ("is_italic", _is_true),
    "cap": ("caps", str),
    "spc": ("spacing_pt", _hundredths),
    "baseline": ("baseline", _share),
}

_BULLETS: Mapping[str, Callable[[Element], dict[str, object]]] = {
    qualified("a:buNone"): lambda _: {"text": ""},
    qualified("a:buChar"): lambda child: {"text": child.get("char", "")},
    # The widest of the first hundred stands for all.
    qualified("a:buAutoNum"): lambda child: {"text": "(88)" if "Both" in child.get("type", "") else "88."},
    qualified("a:buBlip"): lambda _: {"text": "■"},
    qualified("a:buFont"): lambda child: {"font": child.get("typeface", "")},
    qualified("a:buSzPct"): lambda child: {"size_share": _share(child.get("val", "100000")), "size_pt": 0.0},
    qualified("a:buSzPts"): lambda child: {"size_pt": _hundredths(child.get("val", ""))},
    qualified("a:buSzTx"): lambda _: {"size_share": 1.0, "size_pt": 0.0},
}
