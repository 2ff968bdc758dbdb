"""The card that stands where no service made a picture: marked as what it is, with the prompt's text to read."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from pipeline.records import ImageRequest

HEADING = "PLACEHOLDER - NO PICTURE YET"
LONGEST_SIDE_PX = 1200
_PAPER, _INK, _EDGE = "#fff8e1", "#3e2f00", "#c77700"
# As shares of the card's shorter side, but for the text: of the root of its area, since prompts fill an area.
_MARGIN, _LINE, _DASH = 0.06, 0.012, 0.05
_LARGEST_TEXT, _SMALLEST_TEXT = 0.06, 0.022
_STEPS = 8
_LEADING = 1.3


def draw_card(request: ImageRequest) -> bytes:
    """A PNG of the request's shape: paper with a dashed edge, the heading, and as much of the prompt as fits."""
    width, height = _size(request.aspect_ratio)
    card = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(card)
    side = min(width, height)
    margin = max(4, round(side * _MARGIN))
    _dashed(draw, (margin // 2, margin // 2, width - margin // 2, height - margin // 2), side)
    font, heading, body = _set(request.prompt, width - 3 * margin, height - 3 * margin, (width * height) ** 0.5)
    top, leading = 1.5 * margin, font.size * _LEADING
    for lines, colour in ((heading, _EDGE), (body, _INK)):
        for line in lines:
            draw.text((1.5 * margin, top), line, font=font, fill=colour)
            top += leading
        top += leading / 2
    buffer = BytesIO()
    card.save(buffer, "png")
    return buffer.getvalue()


def _size(aspect_ratio: float) -> tuple[int, int]:
    if aspect_ratio >= 1:
        return LONGEST_SIDE_PX, max(64, round(LONGEST_SIDE_PX / aspect_ratio))
    return max(64, round(LONGEST_SIDE_PX * aspect_ratio)), LONGEST_SIDE_PX


def _set(text: str, width: int, height: int, scale: float) -> tuple[ImageFont.FreeTypeFont, list[str], list[str]]:
    """Heading and text in the largest type that fits; cut in the smallest."""
    for step in range(_STEPS + 1):
        font = _font(scale * (_LARGEST_TEXT - (_LARGEST_TEXT - _SMALLEST_TEXT) * step / _STEPS))
        heading, body = _wrapped(HEADING, font, width), _wrapped(text, font, width)
        room = int(height / (font.size * _LEADING) - 0.5) - len(heading)
        if len(body) <= room:
            return font, heading, body
    return font, heading, [*body[: max(0, room - 1)], "…"]


def _font(size_px: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(max(10.0, size_px))  # Pillow's own, so a card looks the same on every machine
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _dashed(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], side: int) -> None:
    left, top, right, bottom = box
    line, dash = max(2, round(side * _LINE)), max(6, round(side * _DASH))
    for x in range(left, right, 2 * dash):
        for y in (top, bottom):
            draw.line((x, y, min(x + dash, right), y), fill=_EDGE, width=line)
    for y in range(top, bottom, 2 * dash):
        for x in (left, right):
            draw.line((x, y, x, min(y + dash, bottom)), fill=_EDGE, width=line)
