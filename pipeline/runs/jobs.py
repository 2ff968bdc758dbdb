"""One slide's work, as the steps of the engine are told of it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.prompting.styles import Style
from pipeline.records import EMU_PER_INCH, Brief, Cover, PictureFinish, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideJob:
    """What the writer is told of a slide, the person's own prompt if there is one, the room for the picture.

    `finish` is how the picture's edges look once it is in the deck, `cover` what it has to respect behind text.
    """

    brief: Brief
    style: Style
    own_prompt: str
    own_style: Style | None
    slot: Slot
    finish: PictureFinish
    cover: Cover | None = None

    def width_px(self, max_px_per_in: int) -> int:
        """The most pixels across that the slot can show."""
        return round(self.slot.box.width_emu / EMU_PER_INCH * max_px_per_in)
