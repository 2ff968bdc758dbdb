"""Ink as LibreOffice shows it, in place of the estimate. Leaves no file behind.

A deck is rendered twice, as it is and without its slides' own shapes. What differs is the ink of the shapes, whatever
colour they have and however large they are; what stands out from its surroundings without them is the design's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from lxml import etree
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml

from pipeline.deck.ink.pixels import Mask, bridged, cells_of, differs, ground_of, page_of, rectangles, with_enclosed
from pipeline.deck.ooxml import qualified, required, slide_parts
from pipeline.deck.package.media import MediaSpool
from pipeline.deck.package.parts import Package
from pipeline.deck.package.rewriting import Changes, write_package
from pipeline.deck.rendering import DPI, Pages, render_pdfs
from pipeline.deck.writing import DeckFile
from pipeline.errors import UsageError
from pipeline.records import EMU_PER_INCH, Box, Deck, ShapeKind, Slide, SlideShape

_TREE, _TIMING = qualified("p:cSld/p:spTree"), qualified("p:timing")
_OWN = frozenset(map(qualified, ("p:nvGrpSpPr", "p:grpSpPr")))
"""What a shape tree says of itself; all else in it are shapes."""

CELL_PX = 6
"""A sixteenth of an inch: finer than any gap kept to ink, coarse enough for few rectangles."""

_CELL_EMU = EMU_PER_INCH * CELL_PX // DPI
_BRIDGED_CELLS = 3
"""Gaps too narrow for any picture, between words and between lines, are filled: fewer rectangles to search."""

_FRAMES = frozenset(
    {
        ShapeKind.PICTURE,
        ShapeKind.CHART,
        ShapeKind.TABLE,
        ShapeKind.SMARTART,
        ShapeKind.MEDIA,
        ShapeKind.OLE,
        ShapeKind.OTHER,
    }
)
"""Kinds that are wholes: the white of a screenshot is no room. They keep their estimate, what else is seen is added."""

_LINES = frozenset({ShapeKind.DRAWING, ShapeKind.CONNECTOR})
"""Kinds that are believed to show nothing where the render says so; a text may be there that cannot be drawn."""

_PAGE_SHARE = 0.25
"""The inside of a frame that is larger than this share of the slide is room: the frame is the page's border."""

_OF_DESIGN, _OF_NOBODY = -1, -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Renders:
    """The pages of a deck as it was opened: `whole`, and `bare` of its slides' own shapes. Page 0 is slide 1."""

    whole: Pages
    bare: Pages


def render_package(package: Package, name: Path, *, timeout_s: float = 300.0) -> Renders:
    """Render the deck in `package`, named `name` in messages, with and without the shapes of its slides.

    Raises UsageError where LibreOffice or pypdfium2 is missing, or LibreOffice fails or takes longer than `timeout_s`;
    DeckError, without the deck's path, where a slide is missing.
    """
    with tempfile.TemporaryDirectory(prefix="deck-illustrator-") as folder:
        whole = Path(folder) / f"whole{name.suffix}"
        bare = whole.with_name(f"bare{name.suffix}")
        _write(package, {}, whole)
        _write(package, dict(_bare_slides(package)), bare)
        pages = map(Pages, render_pdfs(whole, bare, name=name, timeout_s=timeout_s))
        return Renders(whole=next(pages), bare=next(pages))


def render_changed(deck: DeckFile, name: Path, *, timeout_s: float = 300.0) -> Pages:
    """Render an open deck, named `name` in messages, as it would be saved now. Raises as `render_package` does."""
    with tempfile.TemporaryDirectory(prefix="deck-illustrator-") as folder:
        target = Path(folder) / f"changed{name.suffix}"
        with target.open("wb") as file:
            write_package(deck.package, deck.changes(), deck.spool, file)
        return Pages(render_pdfs(target, name=name, timeout_s=timeout_s)[0])


def rendered_ink(deck: Deck, renders: Renders) -> Deck:
    """`deck` with the ink of its shapes and the art of its design as they are seen in `renders`.

    The ink of a slide is shared out among its shapes, so that what a stand-in shows still is the stand-in's own: a
    cell belongs to the smallest shape with estimated ink there, else to the smallest whose box is there, else to the
    design. Pictures, charts, tables and the like keep their estimate and what is seen beyond it is added, as the white
    in them is theirs; so does a text that is not seen at all.

    Raises UsageError where the render has not a page a slide.
    """
    if not len(deck.slides) == len(renders.whole) == len(renders.bare):
        raise UsageError(
            f"{deck.path}: LibreOffice renders {len(renders.whole)} of {len(deck.slides)} slides; "
            "let the ink be estimated (layout.ink: estimated)"
        )
    return replace(deck, slides=tuple(_with_ink(slide, renders) for slide in deck.slides))


def with_known_ink(slide: Slide, known: Slide) -> Slide:
    """`slide`, read again after a change, with the ink and the art of `known`, which is the slide before in a render.

    A shape that `known` has not, such as a new picture, keeps the ink it was read with.
    """
    inks = {(shape.shape_id, shape.name, shape.box): shape.ink for shape in known.shapes}
    shapes = (replace(one, ink=inks.get((one.shape_id, one.name, one.box), one.ink)) for one in slide.shapes)
    return replace(slide, shapes=tuple(shapes), art=known.art)


def _write(package: Package, slides: dict[str, bytes], target: Path) -> None:
    changes = Changes(replaced={**package.replaced, **slides}, dropped=package.dropped, added={})
    with target.open("wb") as file:
        write_package(package, changes, MediaSpool(), file)


def _bare_slides(package: Package) -> Iterator[tuple[str, bytes]]:
    """Each slide's zip entry and its XML without its shapes and what animates them."""
    for _, part in slide_parts(required(package, RT.OFFICE_DOCUMENT)):
        root = parse_xml(part.blob)  # not `part.root`, which others read
        tree = root.find(_TREE)
        for shape in [one for one in tree if one.tag not in _OWN]:
            tree.remove(shape)
        for timing in root.findall(_TIMING):
            root.remove(timing)
        xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        yield package.entry_name(part.partname), xml


def _with_ink(slide: Slide, renders: Renders) -> Slide:
    whole, bare = page_of(renders.whole[slide.number - 1]), page_of(renders.bare[slide.number - 1])
    ink = cells_of(differs(whole, bare), CELL_PX)
    owners = np.where(ink, _owners(slide.shapes, ink), _OF_NOBODY)
    design = cells_of(differs(bare, ground_of(bare)), CELL_PX)
    return replace(
        slide,
        shapes=tuple(replace(one, ink=_seen(one, owners == index)) for index, one in enumerate(slide.shapes)),
        art=tuple(_boxes(_with_cores(design, slide.art) | (owners == _OF_DESIGN))),
    )


def _with_cores(design: Mask, art: Sequence[Box]) -> Mask:
    """`design` with the insides of logos, which are ground by their own measure where they are large and plain."""
    filled = design.copy()
    for box in art:
        if not _is_page(box, design):
            filled[_cells(box)] |= with_enclosed(design[_cells(box)])
    return filled


def _seen(shape: SlideShape, cells: Mask) -> tuple[Box, ...]:
    """The ink of a shape to which the ink in `cells` belongs."""
    if shape.kind in _FRAMES:
        rest = cells.copy()
        for box in shape.ink:
            rest[_cells(box)] = False
        return (*shape.ink, *_boxes(rest))
    is_page = shape.box is not None and _is_page(shape.box, cells)
    seen = tuple(_boxes(cells if is_page else with_enclosed(cells)))
    return seen if seen or shape.kind in _LINES else shape.ink


def _is_page(box: Box, cells: Mask) -> bool:
    """True for what is so large that its inside is room."""
    return box.area_emu2 > _PAGE_SHARE * cells.size * _CELL_EMU**2


def _owners(shapes: Sequence[SlideShape], like: Mask) -> npt.NDArray[np.int_]:
    """For each cell the index of the shape that ink there would belong to."""
    owners = np.full(like.shape, _OF_DESIGN)
    placed = [(index, shape.box, shape.ink) for index, shape in enumerate(shapes) if shape.box is not None]
    placed.sort(key=lambda one: -one[1].area_emu2)
    for index, box, _ in placed:
        owners[_cells(box)] = index
    for index, _, ink in placed:
        for box in ink:
            owners[_cells(box)] = index
    return owners


def _cells(box: Box) -> tuple[slice, slice]:
    """The cells `box` touches and one more around, since what is drawn strays a little from what was reckoned."""
    return (
        slice(max(0, box.top_emu // _CELL_EMU - 1), max(0, -(-box.bottom_emu // _CELL_EMU) + 1)),
        slice(max(0, box.left_emu // _CELL_EMU - 1), max(0, -(-box.right_emu // _CELL_EMU) + 1)),
    )


def _boxes(cells: Mask) -> Iterator[Box]:
    if not cells.any():
        return
    for left, top, right, bottom in rectangles(bridged(cells, _BRIDGED_CELLS)):
        yield Box(
            left_emu=left * _CELL_EMU,
            top_emu=top * _CELL_EMU,
            width_emu=(right - left) * _CELL_EMU,
            height_emu=(bottom - top) * _CELL_EMU,
        )
