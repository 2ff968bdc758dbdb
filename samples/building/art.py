"""What a master or a layout paints behind the text: bars, panels, the shapes a logo is made of."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree
from pptx.oxml import parse_xml
from pptx.util import Emu, Inches

Rect = tuple[float, float, float, float]
"""Left, top, width and height in inches."""

NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Art:
    """One painted shape.

    `colour` is a theme colour's name, `outline` one of the preset geometries of ECMA-376 part 1, 20.1.10.56.
    """

    rect: Rect
    colour: str
    outline: str = "rect"


def drawn(art: Art, shape_id: int) -> etree._Element:
    """Make the shape's element, for a master or a layout."""
    left, top, width, height = (Emu(Inches(length)) for length in art.rect)
    return parse_xml(
        f"""<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{shape_id}" name="Bar {shape_id}"/><p:cNvSpPr/>
        <p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr>
        <a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
        <a:prstGeom prst="{art.outline}"><a:avLst/></a:prstGeom>
        <a:solidFill><a:schemeClr val="{art.colour}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>"""
    )
