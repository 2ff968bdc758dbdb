"""What a template may say of a deck and a slide. Their text is data: it cannot close the tag it stands in."""

from __future__ import annotations

import colorsys
import math
import unicodedata

from pipeline.luminance import relative_luminance
from pipeline.records import Brief, Theme

DECK_FACTS = frozenset({"deck_title", "outline"})
SLIDE_FACTS = frozenset({"slide_number", "title", "body", "language", "shape", "palette", "cover", "wish", "complaint"})

# In characters: enough for the fullest real slide, and a bound on what a brief costs.
_TITLE_CHARS = 200
_OUTLINE_CHARS = 2_500
_BODY_CHARS = 4_000
_WISH_CHARS = 1_000

_COVER = (
    "This picture is different: it fills the whole slide, behind the slide's title. Show a wide, calm scene that works "
    "as a background, with no single subject in its middle: {tones} tones throughout, little contrast, quiet where the "
    "words stand, which is mostly the middle and the left."
)
_LIGHT_GROUND = 0.18  # from this luminance on, black stands out on it better than white

_ANGLE_BRACKETS = str.maketrans("<>", "‹›")
_HUES = (  # up to this angle on the colour wheel, in degrees
    (15, "red"),
    (45, "orange"),
    (68, "yellow"),
    (160, "green"),
    (195, "teal"),
    (255, "blue"),
    (290, "purple"),
    (345, "pink"),
    (360, "red"),
)
_WIDE_SHAPES = ((4, 1), (3, 1), (2, 1), (16, 9), (3, 2), (4, 3), (5, 4))
_SHAPES = (*_WIDE_SHAPES, (1, 1), *((height, width) for width, height in _WIDE_SHAPES))


def deck_facts(brief: Brief) -> dict[str, str]:
    """Give a value to each of DECK_FACTS."""
    outline = "\n".join(_as_data(title, _TITLE_CHARS) for title in brief.outline)
    return {
        "deck_title": _as_data(brief.deck_title, _TITLE_CHARS) or "(none)",
        "outline": _as_data(outline, _OUTLINE_CHARS) or "(none)",
    }


def slide_facts(brief: Brief) -> dict[str, str]:
    """Give a value to each of SLIDE_FACTS. A wish and a complaint bring their own introduction and tag, or are "".

    So does "cover", which is "" for every picture that stands beside the text.
    """
    return {
        "slide_number": str(brief.slide_number),
        "title": _as_data(brief.title, _TITLE_CHARS) or "(none)",
        "body": _as_data("\n".join(brief.body), _BODY_CHARS) or "(none)",
        "language": _language(brief.language),
        "shape": name_shape(brief.aspect_ratio),
        "palette": _palette(brief.theme),
        "cover": _cover(brief.theme) if brief.is_cover else "",
        "wish": _tagged(
            "wish",
            "A person asked for this picture in their own words. Keep to their idea and write the prompt in English.",
            brief.wish,
        ),
        "complaint": _tagged(
            "complaint",
            "Your last answer for this slide could not be used. Answer again and mend this:",
            brief.complaint,
        ),
    }


def name_colour(rgb: str) -> str:
    """Name the colour "RRGGBB" roughly: "dark blue", "light grey", "orange"."""
    red, green, blue = (int(rgb[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if lightness > 0.95:
        return "white"
    if lightness < 0.06:
        return "black"
    name = "grey" if saturation < 0.12 else next(name for limit, name in _HUES if hue * 360 <= limit)
    if name == "orange" and lightness < 0.35:
        return "brown"
    if name == "red" and lightness > 0.7:
        return "light pink"
    return f"{'dark ' if lightness < 0.35 else 'light ' if lightness > 0.7 else ''}{name}"


def name_shape(aspect_ratio: float) -> str:
    """Name the common shape nearest to a width over a height: "wide 16:9", "square 1:1", "tall 2:3"."""
    width, height = min(_SHAPES, key=lambda shape: abs(math.log(shape[0] / shape[1] / aspect_ratio)))
    return f"{'wide' if width > height else 'tall' if width < height else 'square'} {width}:{height}"


def _cover(theme: Theme) -> str:
    tones = "pale" if relative_luminance(theme.background) >= _LIGHT_GROUND else "dark"
    return _COVER.format(tones=tones)


def _language(code: str) -> str:
    """Spell checkers leave the wrong language in many files, so the text itself has the last word."""
    marked = f" (the file is marked {_as_data(code, _TITLE_CHARS)!r})" if code else ""
    return f"that of the slide's own text{marked}"


def _palette(theme: Theme) -> str:
    accents = ", ".join(_colour(rgb) for rgb in dict.fromkeys(theme.accents)) or "(none)"
    return f"background {_colour(theme.background)}; text {_colour(theme.text)}; accents {accents}"


def _colour(rgb: str) -> str:
    return f"#{rgb} ({name_colour(rgb)})"


def _as_data(text: str, max_chars: int) -> str:
    """Take from `text` what could pass for a tag, and whatever is longer than `max_chars`."""
    # One more than allowed shows that it was cut. Full-width brackets read as brackets, so they are made plain first.
    text = unicodedata.normalize("NFKC", text.strip()[: max_chars + 1]).translate(_ANGLE_BRACKETS)
    text = "".join(char if char.isprintable() or char == "\n" else " " for char in text).strip()
    return text if len(text) <= max_chars else f"{text[:max_chars].rstrip()} (cut)"


def _tagged(tag: str, introduction: str, text: str) -> str:
    text = _as_data(text, _WISH_CHARS)
    return f"{introduction}\n<{tag}>\n{text}\n</{tag}>" if text else ""
