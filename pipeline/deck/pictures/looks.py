"""Tells whether two files show the same picture, whatever program stored it anew."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

_SIDE = 8
_LEVELS = 4
"""So many of 255 count as lighter: flat grounds are not told apart by what an encoder leaves on them."""

_ALIKE_BITS = 10
"""Of 64. Another encoding or size changes two or three; two different pictures differ in some 32."""


def look_of(data: bytes) -> str:
    """A digest of what a picture shows, as 16 hexadecimal digits; "" where it cannot be read.

    The difference hash: for each of eight rows of eight places, whether it is clearly lighter than its right neighbour
    (N. Krawetz, "Kind of Like That", 2013). Transparency counts as white.
    """
    try:
        with Image.open(BytesIO(data)) as picture:
            mode = "RGBA" if picture.has_transparency_data else "RGB"
            small = picture.convert(mode).resize((_SIDE + 1, _SIDE), Image.Resampling.BOX).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    on_white = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert("L").tobytes()
    rows = [on_white[row * (_SIDE + 1) : (row + 1) * (_SIDE + 1)] for row in range(_SIDE)]
    bits = "".join("1" if row[at] > row[at + 1] + _LEVELS else "0" for row in rows for at in range(_SIDE))
    return f"{int(bits, 2):016x}"


def are_alike(one: str, other: str) -> bool:
    """True where two digests are of one picture."""
    return bool(one and other) and (int(one, 16) ^ int(other, 16)).bit_count() <= _ALIKE_BITS
