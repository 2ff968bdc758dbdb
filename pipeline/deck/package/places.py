"""Where a shape stands, in its slide's XML: read, written, changed (`a:xfrm`). Touches only bytes.

Schema: `CT_Transform2D` (ECMA-376 part 1, 20.1.7.6).
"""

from __future__ import annotations

from pipeline.deck.ooxml import NAMESPACES, qualified
from pipeline.deck.package.nodes import Node
from pipeline.deck.package.splicing import Document, Edit, replace
from pipeline.records import Box

_PROPERTIES, _FRAME = qualified("p:spPr"), qualified("a:xfrm")
_OFFSET, _EXTENT = qualified("a:off"), qualified("a:ext")


def place(box: Box) -> str:
    """The `a:xfrm` of an upright shape in `box`. The prefix `a` is the caller's to declare."""
    offset = f'<a:off x="{box.left_emu}" y="{box.top_emu}"/>'
    return f'<a:xfrm>{offset}<a:ext cx="{box.width_emu}" cy="{box.height_emu}"/></a:xfrm>'


def own_place(shape: Node) -> str:
    """The place a shape states, upright and in its group's coordinates, as `place` writes one; "" for none."""
    offset, extent = shape.find(_PROPERTIES, _FRAME, _OFFSET), shape.find(_PROPERTIES, _FRAME, _EXTENT)
    if offset is None or extent is None:
        return ""
    x, y = (offset.attributes.get(name, "0") for name in ("x", "y"))
    width, height = (extent.attributes.get(name, "0") for name in ("cx", "cy"))
    return f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'


def moved(document: Document, properties: Node, box: Box) -> list[Edit]:
    """The edits that put the shape with these `p:spPr` into `box`.

    What else its `a:xfrm` says stays; one that was missing comes first, where the schema has it (20.1.2.2.35).
    """
    offset, extent = properties.find(_FRAME, _OFFSET), properties.find(_FRAME, _EXTENT)
    if offset is not None and extent is not None:
        return [
            document.retagged(offset, {"x": str(box.left_emu), "y": str(box.top_emu)}),
            document.retagged(extent, {"cx": str(box.width_emu), "cy": str(box.height_emu)}),
        ]
    stated = place(box).replace("<a:xfrm>", f'<a:xfrm xmlns:a="{NAMESPACES["a"]}">').encode()
    frame = properties.find(_FRAME)
    return [document.prepended(properties, stated) if frame is None else replace(frame, stated)]
