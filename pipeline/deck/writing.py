"""Putting pictures into the open deck and taking them out. Nothing is written before the deck is saved.

Not for several threads at once: one owner has a DeckFile.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from zipfile import BadZipFile

from pptx.opc.constants import CONTENT_TYPE as CT
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.packuri import PackURI

from pipeline.deck.ooxml import REPAIR, required, slide_parts
from pipeline.deck.package import picture_shapes
from pipeline.deck.package.changed import ChangedPart
from pipeline.deck.package.media import Media, MediaSpool
from pipeline.deck.package.nodes import Node, SpliceError
from pipeline.deck.package.parts import CONTENT_TYPES, Package, Part, relationships_name
from pipeline.deck.package.picture_shapes import Label
from pipeline.deck.package.relations import (
    source_of,
    targets,
    with_overrides,
    with_relationship,
    without_overrides,
    without_relationships,
)
from pipeline.deck.package.rewriting import Changes
from pipeline.deck.package.splicing import Document, clean
from pipeline.deck.pictures.finishes import frame_properties
from pipeline.errors import DeckError, FileAccessError
from pipeline.records import Box, FittedPicture, Narrowing, PictureFinish, Slot, SlotKind

_TYPES_OF_IMAGES = {"png": CT.PNG, "jpg": CT.JPEG}
_DIGEST_LENGTHS = (12, 24, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPicture:
    """A picture as the saved deck must hold it; `sha256` is the hexadecimal digest of its image."""

    label: Label
    sha256: str


class DeckFile:
    """An open deck and what is to be different in it. Of the slides, only those that changed are held.

    `placed` are the pictures put in or renewed, by slide number and shape id. Every method raises DeckError, without
    the deck's path, where the slide is of a kind that cannot be changed, and FileAccessError where the temporary folder
    has no room or another program has written to the deck.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self.placed: dict[tuple[int, int], PlacedPicture] = {}
        self.spool = MediaSpool()
        self._slides = [part.partname for _, part in slide_parts(required(package, RT.OFFICE_DOCUMENT))]
        self._current: dict[str, bytes] = dict(package.replaced)
        self._media: dict[str, Media] = {}
        self._left: set[str] = set()

    @property
    def slide_count(self) -> int:
        return len(self._slides)

    def close(self) -> None:
        """Let go of the deck's file and of the pictures' temporary one."""
        self.spool.close()
        self.package.close()

    def insert(
        self,
        slide_number: int,
        slot: Slot,
        picture: FittedPicture,
        *,
        name: str,
        alt_text: str,
        finish: PictureFinish,
        narrowed: tuple[Narrowing, ...] = (),
    ) -> int:
        """Put `picture` into `slot`; the new shape's id. No other shape is touched but the frames `narrowed` for it.

        A shape that gives its place to the picture leaves it its id, which animations may refer to.
        """
        with self._slide(slide_number) as document:
            stood_in = _shape_of(document, slot)
            media_name, sha256 = self._media_part(picture)
            label, relations = self._label(slide_number, media_name, name, alt_text)
            frame = frame_properties(finish)
            if stood_in is None:
                is_cover = slot.kind is SlotKind.COVER
                data, shape_id = picture_shapes.add(
                    document, label, slot.box, frame, behind=is_cover, narrowed=narrowed
                )
            elif slot.kind is SlotKind.PLACEHOLDER:
                data, shape_id = picture_shapes.fill(document, stood_in, label)
            else:
                data, shape_id = picture_shapes.stand_for(document, stood_in, label, slot.box, frame)
        self._keep(slide_number, shape_id, data, relations, PlacedPicture(label=label, sha256=sha256))
        return shape_id

    def renew(
        self,
        slide_number: int,
        shape_id: int,
        name_before: str,
        picture: FittedPicture,
        *,
        name: str,
        alt_text: str,
        box: Box | None,
    ) -> None:
        """Give a picture of ours another image, name and alt text; a place only where `box` is given."""
        with self._slide(slide_number) as document:
            shape = _found(document, shape_id, name_before)
            media_name, sha256 = self._media_part(picture)
            label, relations = self._label(slide_number, media_name, name, alt_text)
            data = picture_shapes.renew(document, shape, label, box)
            relations = self._without(slide_number, relations, data, picture_shapes.embedded(shape))
        self._keep(slide_number, shape_id, data, relations, PlacedPicture(label=label, sha256=sha256))

    def remove(self, slide_number: int, shape_id: int, name: str) -> None:
        """Take a picture of ours out, and put back what it stood for."""
        with self._slide(slide_number) as document:
            shape = _found(document, shape_id, name)
            data = picture_shapes.remove(document, shape)
            relations = self._bytes_of(self._relations_name(slide_number))
            relations = self._without(slide_number, relations, data, picture_shapes.embedded(shape))
        self._keep(slide_number, shape_id, data, relations, None)

    def changes(self) -> Changes:
        """What saving must change in the package, in an order that does not depend on who was faster."""
        referred = self._referred_to()
        added = {name: media for name, media in sorted(self._media.items()) if name in referred}
        gone = {self.package.entry_name(name) for name in self._left if name not in referred}
        types = f"/{CONTENT_TYPES}"
        data = self._bytes_of(types)
        if gone:
            data = without_overrides(data, lambda name: self.package.entry_name(name) in gone)
        if added:
            kinds = {name: _TYPES_OF_IMAGES[media.extension] for name, media in added.items()}
            data = with_overrides(data, kinds)
        current = {**self._current, types: data}
        return Changes(
            replaced={
                self.package.entry_name(name): changed
                for name, changed in current.items()
                if changed != self.package.read(name)
            },
            dropped=self.package.dropped | gone,
            added={name.removeprefix("/"): media for name, media in added.items()},
        )

    def slide_part(self, slide_number: int) -> Part:
        """A slide as it is by now."""
        name = self._slides[slide_number - 1]
        return ChangedPart(self.package, name, self._bytes_of(name))

    @contextmanager
    def _slide(self, number: int) -> Iterator[Document]:
        """A slide to be edited, as it is by now."""
        if self.package.is_written_to:  # it could not be delivered, so nothing more is to be paid for it
            raise FileAccessError("the deck was written to during the run; run again when it is at rest")
        try:
            yield Document(self._bytes_of(self._slides[number - 1]))
        except (SpliceError, BadZipFile, zlib.error) as error:  # the last two where the file was written to meanwhile
            raise DeckError(f"slide {number} cannot be changed: {error}; {REPAIR}") from error

    def _bytes_of(self, name: str) -> bytes:
        return self._current[name] if name in self._current else self.package.read(name)

    def _relations_name(self, slide_number: int) -> str:
        name = relationships_name(self._slides[slide_number - 1])
        return f"/{self.package.entry_name(name)}"

    def _label(self, slide_number: int, media_name: str, name: str, alt_text: str) -> tuple[Label, bytes]:
        """What the slide's XML says of a picture, and the slide's relationships with the one to its image."""
        target = PackURI(media_name).relative_ref(PackURI(self._slides[slide_number - 1]).baseURI)
        relations = self._bytes_of(self._relations_name(slide_number))
        relations, new_id = with_relationship(relations, RT.IMAGE, target)
        return Label(name=clean(name), alt_text=clean(alt_text), relationship_id=new_id), relations

    def _keep(
        self, slide_number: int, shape_id: int, slide: bytes, relations: bytes, placed: PlacedPicture | None
    ) -> None:
        self._current[self._slides[slide_number - 1]] = slide
        self._current[self._relations_name(slide_number)] = relations
        self.placed.pop((slide_number, shape_id), None)
        if placed is not None:
            self.placed[slide_number, shape_id] = placed

    def _media_part(self, picture: FittedPicture) -> tuple[str, str]:
        """The part that holds a picture, named by its content whichever worker was first; and the image's digest."""
        media = self.spool.add(picture.data, picture.extension)
        for length in _DIGEST_LENGTHS:
            name = f"/ppt/media/illustration-{media.sha256[:length]}.{picture.extension}"
            there = self.package.part(name)
            if there is None and self._media.setdefault(name, media) is media:
                return name, media.sha256
            if there is not None and hashlib.sha256(there.blob).hexdigest() == media.sha256:
                return there.partname, media.sha256
        raise SpliceError(f"{name} holds another picture than its name says")

    def _without(self, slide_number: int, relations: bytes, slide: bytes, relationship_id: str) -> bytes:
        """A slide's relationships without one, unless another shape, such as a copy of the picture, uses it as well."""
        if not relationship_id or picture_shapes.uses(Document(slide), relationship_id):
            return relations
        names = (name for one, name in targets(relations, self._slides[slide_number - 1]) if one == relationship_id)
        self._left |= {part.partname for name in names if (part := self.package.part(name)) is not None}
        return without_relationships(relations, lambda one, _: one == relationship_id)

    def _referred_to(self) -> set[str]:
        """Names of the parts that relationships lead to. New media can only be used by slides that changed."""
        changed = [name for name in self._current if name.endswith(".rels")]
        names = [f"/{name}" for name in self.package.archive.namelist() if name.endswith(".rels")]
        return {
            target if part is None else part.partname
            for name in (names if self._left else changed)
            for _, target in targets(self._bytes_of(name), source_of(name))
            for part in (self.package.part(target),)
        }


def _found(document: Document, shape_id: int, name: str) -> Node:
    shape = picture_shapes.find_picture(document, shape_id, name)
    if shape is None:
        raise SpliceError(f"it has no picture {name!r} with the id {shape_id}")
    return shape


def _shape_of(document: Document, slot: Slot) -> Node | None:
    """The shape that gives its place to the picture; None where the slot is free."""
    if slot.shape_id is None:
        return None
    is_filled = slot.kind is SlotKind.PLACEHOLDER
    find = picture_shapes.find_placeholder if is_filled else picture_shapes.find_stand_in
    shape = find(document, slot.shape_id)
    if shape is None:
        raise SpliceError(f"it has no {'placeholder' if is_filled else 'shape'} with the id {slot.shape_id}")
    return shape
