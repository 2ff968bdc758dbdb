"""The mark by which a later run knows our pictures: in the shape's name, which every program keeps through a save."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.records import EMU_PER_POINT, Box

_MARK = re.compile(r"Illustration \(deck-illustrator ([0-9a-f]{10})-([0-9a-f]{16})-(-?\d+)-(-?\d+)-(\d+)-(\d+)-(\d+)\)")

NO_CONTENT = "0" * 10
"""The digest in the mark of a card that only stands in for a picture: no slide says that, so the next run renews it."""

_MOVED_POINTS = 2
"""Programs round places to their own units, LibreOffice to hundredths of a millimetre. A hand moves further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a picture of ours tells of itself.

    `content` is a digest of what the slide said when the picture was made, `look` a digest of the picture (see
    `looks`), `place` where we put it. `last_slide_id` is the largest slide id the deck had: slides with larger ones
    came later.
    """

    content: str
    look: str
    place: Box
    last_slide_id: int

    def is_at(self, box: Box) -> bool:
        """True where `box` is where we put the picture, but for other programs' rounding."""
        moves = zip(_in_points(self.place), _in_points(box), strict=True)
        return all(abs(was - now) <= _MOVED_POINTS for was, now in moves)


def write_mark(mark: Mark) -> str:
    """The shape name that holds `mark`."""
    place = "-".join(map(str, _in_points(mark.place)))
    return f"Illustration (deck-illustrator {mark.content}-{mark.look}-{place}-{mark.last_slide_id})"


def read_mark(name: str) -> Mark | None:
    """The mark in a shape's name; None where it holds none. A copy of the shape may have words round it."""
    found = _MARK.search(name)
    if found is None:
        return None
    left, top, width, height = (int(number) * EMU_PER_POINT for number in found.groups()[2:6])
    return Mark(
        content=found[1],
        look=found[2],
        place=Box(left_emu=left, top_emu=top, width_emu=width, height_emu=height),
        last_slide_id=int(found[7]),
    )


def _in_points(box: Box) -> tuple[int, int, int, int]:
    left, top, width, height = (
        round(length / EMU_PER_POINT) for length in (box.left_emu, box.top_emu, box.width_emu, box.height_emu)
    )
    return left, top, width, height
