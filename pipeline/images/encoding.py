"""A picture in the kind of file a person asked for."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
"""The kinds a person may ask for, by the end of the file's name in lower case."""
_SUFFIX_OF = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}
_QUALITY = 95


def suffix_of(data: bytes) -> str:
    """How the name of a file with these bytes ends; they must be a picture that was checked."""
    return _SUFFIX_OF[_format_of(data)]


def encoded_as(data: bytes, picture: Image.Image, suffix: str) -> bytes:
    """`data` itself where it is what `suffix` says, else `picture`, which is what it shows, as such a file.

    What is transparent becomes white in a JPEG, which knows no transparency.
    """
    wanted = SUFFIXES[suffix.lower()]
    if _format_of(data) == wanted:
        return data
    buffer = BytesIO()
    if wanted == "JPEG" and picture.mode == "RGBA":
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture).convert("RGB")
    picture.save(buffer, wanted, **({} if wanted == "PNG" else {"quality": _QUALITY}))
    return buffer.getvalue()


def _format_of(data: bytes) -> str:
    with Image.open(BytesIO(data), formats=tuple(_SUFFIX_OF)) as image:
        return str(image.format)
