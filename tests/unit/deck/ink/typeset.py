"""Texts for the tests of `deck/ink/`: a shape as XML, its context, and its ink."""

from __future__ import annotations

from lxml import etree

from pipeline.deck.geometry import SLIDE, Frame
from pipeline.deck.ink.text_settings import text_context
from pipeline.deck.ink.text_styles import TextContext
from pipeline.deck.ink.theme_fonts import ThemeFonts, read_theme_fonts
from pipeline.deck.ink.typesetting import text_ink
from pipeline.deck.ooxml import NAMESPACES, Element
from pipeline.records import EMU_PER_INCH, Box

INCH = EMU_PER_INCH
PLAIN = TextContext()


def xml(text: str) -> Element:
    """The one element in a text that uses the usual prefixes undeclared."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return etree.fromstring(f"<wrapped {declared}>{text}</wrapped>")[0]


def shape(paragraphs: str, body: str = "", inside: str = "", levels: str = "", geometry: str = "rect") -> Element:
    return xml(
        f'<p:sp><p:spPr><a:prstGeom prst="{geometry}"/></p:spPr><p:txBody><a:bodyPr {body}>{inside}</a:bodyPr>'
        f"<a:lstStyle>{levels}</a:lstStyle>{paragraphs}</p:txBody></p:sp>"
    )


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    """One run of text; `properties` are attributes of its `a:pPr`, and its children after a bar."""
    attributes, _, children = properties.partition("|")
    return f"<a:p><a:pPr {attributes}>{children}</a:pPr><a:r><a:rPr {run}/><a:t>{text}</a:t></a:r></a:p>"


def frame(width: float = 4, height: float = 2, **turned: object) -> Frame:
    """A frame two inches from the left and the top, sizes in inches."""
    stated = {"rotation_deg": 0.0, "is_mirrored_h": False, "is_mirrored_v": False} | turned
    return Frame(left=2 * INCH, top=2 * INCH, width=round(width * INCH), height=round(height * INCH), **stated)


def ink(element: Element, at: Frame | None = None, context: TextContext = PLAIN) -> tuple[Box, ...]:
    return text_ink(element, at or frame(), SLIDE, context)


def whole(boxes: tuple[Box, ...]) -> Box:
    left, top = min(box.left_emu for box in boxes), min(box.top_emu for box in boxes)
    return Box(
        left_emu=left,
        top_emu=top,
        width_emu=max(box.right_emu for box in boxes) - left,
        height_emu=max(box.bottom_emu for box in boxes) - top,
    )


def inherited(placeholder: str, style: str = "", defaults: str = "", fonts: ThemeFonts | None = None) -> TextContext:
    """The context of one placeholder on the layout, of a master's style and of the presentation's defaults."""
    return text_context(
        [xml(placeholder)] if placeholder else [],
        xml(style) if style else None,
        xml(defaults) if defaults else None,
        fonts or ThemeFonts(),
    )


def theme(latin: str, east_asian: str = "", japanese: str = "") -> ThemeFonts:
    faces = f'<a:latin typeface="{latin}"/><a:ea typeface="{east_asian}"/><a:cs typeface=""/>'
    listed = f'<a:font script="Jpan" typeface="{japanese}"/>' if japanese else ""
    scheme = f"<a:majorFont>{faces}{listed}</a:majorFont><a:minorFont>{faces}{listed}</a:minorFont>"
    return read_theme_fonts(
        xml(f"<a:theme><a:themeElements><a:fontScheme>{scheme}</a:fontScheme></a:themeElements></a:theme>")
    )
