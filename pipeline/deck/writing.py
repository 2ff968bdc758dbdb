"""Putting pictures into the open deck. python-pptx is not thread-safe: one thread owns a DeckFile."""

from __future__ import annotations

import copy
import hashlib
from io import BytesIO
from typing import Any, cast

from pptx.opc.packuri import PackURI
from pptx.parts.slide import SlidePart
from pptx.presentation import Presentation
from pptx.shapes.picture import Picture
from pptx.shapes.placeholder import PicturePlaceholder
from pptx.slide import Slide
from pptx.util import Emu

from pipeline.deck.ooxml import slide_parts
from pipeline.deck.shapes import OUR_MARK
from pipeline.records import FittedPicture, Slot, SlotKind


class DeckFile:
    """An open presentation and the pictures put into it, by slide number."""

    def __init__(self, presentation: Presentation) -> None:
        self.presentation = presentation
        self.inserted: dict[int, bytes] = {}
        self._slides = [cast("SlidePart", part).slide for _, part in slide_parts(presentation.part)]

    @property
    def slide_count(self) -> int:
        return len(self._slides)

    def insert(self, slide_number: int, slot: Slot, picture: FittedPicture, alt_text: str) -> None:
        """Put `picture` into `slot` of the slide, named, marked and described. No other shape is touched."""
        slide = self._slides[slide_number - 1]
        shape = _filled_placeholder(slide, slot, picture) or _free_picture(slide, slot, picture)
        properties = shape._element.xpath("p:nvPicPr/p:cNvPr")[0]  # noqa: SLF001 - the only way to the alt text
        properties.set("descr", alt_text)
        # The name is the one thing PowerPoint and LibreOffice both keep through a save; by it we know our own.
        properties.set("name", f"Illustration {shape.shape_id} {OUR_MARK}")
        _name_part(slide, shape, picture)
        self.inserted[slide_number] = picture.data


def _free_picture(slide: Slide, slot: Slot, picture: FittedPicture) -> Picture:
    box = slot.box
    edges = (Emu(edge) for edge in (box.left_emu, box.top_emu, box.width_emu, box.height_emu))
    return slide.shapes.add_picture(BytesIO(picture.data), *edges)


def _filled_placeholder(slide: Slide, slot: Slot, picture: FittedPicture) -> Picture | None:
    if slot.kind is not SlotKind.PLACEHOLDER:
        return None
    placeholder: Any = next(
        shape
        for shape in slide.placeholders
        if isinstance(shape, PicturePlaceholder) and shape.shape_id == slot.shape_id
    )
    frame = copy.deepcopy(placeholder._element.spPr)  # noqa: SLF001 - outline, corners and own position live here
    filled: Picture = placeholder.insert_picture(BytesIO(picture.data))
    element = filled._element  # noqa: SLF001
    element.replace(element.spPr, frame)
    return filled


def _name_part(slide: Slide, shape: Picture, picture: FittedPicture) -> None:
    """Name the media part by its content, so that it does not depend on which worker was faster."""
    part = slide.part.related_part(shape._element.xpath("p:blipFill/a:blip/@r:embed")[0])  # noqa: SLF001
    if "/illustration-" not in part.partname:
        digest = hashlib.sha256(picture.data).hexdigest()[:12]
        part.partname = PackURI(f"/ppt/media/illustration-{digest}.{picture.extension}")
