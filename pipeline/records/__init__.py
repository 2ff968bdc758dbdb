"""The frozen records that cross from one stage to the next. Imports nothing of ours.

Lengths are EMU (914,400 to the inch) where the name ends in `_emu`, pixels in `_px`, seconds in `_s`, US dollars
in `_usd`. Colours are six upper-case hexadecimal digits, "RRGGBB".
"""

from pipeline.records.boxes import BACKDROP_SHARE, EMU_PER_INCH, EMU_PER_POINT, Box
from pipeline.records.pictures import (
    Brief,
    Declined,
    FittedPicture,
    GeneratedImage,
    Ground,
    ImageRequest,
    Prompt,
    WriterAnswer,
)
from pipeline.records.plans import Cover, Narrowing, NotesOverride, SlidePlan, Slot, SlotKind, TextPlace
from pipeline.records.requests import CallKind, Request, Tokens
from pipeline.records.services import Allowance
from pipeline.records.slides import (
    FURNITURE,
    TITLES,
    Deck,
    OurPicture,
    PictureFinish,
    Shadow,
    ShapeKind,
    Slide,
    SlideShape,
    Theme,
)

__all__ = [
    "BACKDROP_SHARE",
    "EMU_PER_INCH",
    "EMU_PER_POINT",
    "FURNITURE",
    "TITLES",
    "Allowance",
    "Box",
    "Brief",
    "CallKind",
    "Cover",
    "Deck",
    "Declined",
    "FittedPicture",
    "GeneratedImage",
    "Ground",
    "ImageRequest",
    "Narrowing",
    "NotesOverride",
    "OurPicture",
    "PictureFinish",
    "Prompt",
    "Request",
    "Shadow",
    "ShapeKind",
    "Slide",
    "SlidePlan",
    "SlideShape",
    "Slot",
    "SlotKind",
    "TextPlace",
    "Theme",
    "Tokens",
    "WriterAnswer",
]
