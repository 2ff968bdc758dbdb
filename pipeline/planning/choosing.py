"""Which slides want a picture. Each rule is a pure function that gives its reason, or None where it does not apply."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from pipeline.config.settings import Rules
from pipeline.planning.renewal import content_digest
from pipeline.planning.vocabulary import CLOSING_BEGINNINGS, CLOSING_TITLES, SECTION_LAYOUTS
from pipeline.records import EMU_PER_INCH, Deck, OurPicture, ShapeKind, Slide, SlideShape

# A slide that its own picture, chart or table covers by this share has its illustration already.
FILLED_SHARE = 0.12
# Lines between shapes are how people draw diagrams; so many of them are one.
DIAGRAM_CONNECTORS = 2
# So are so many boxes or arrows, not counting specks, and grounds that the rest stands on.
DIAGRAM_DRAWINGS = 3
SPECK_EMU = EMU_PER_INCH // 4
GROUND_SHARE = 0.5
# More words than this and a slide says something, whatever its title is.
CLOSING_WORDS = 40
TITLE_WORDS = 30
# Layouts for text and the like, as the file spells them; a deck may open with one of them.
CONTENT_LAYOUTS = {"obj", "tx", "twoObj", "twoColTx", "twoTxTwoObj", "objTx", "txAndObj", "picTx", "chart", "tbl"}
# A title that begins below this share of the slide's height does not head it.
HEADING_SHARE = 0.25
# A layout that more of the slides have than this is no layout for titles.
EVERYDAY_SHARE = 0.4

_VISUALS = {
    ShapeKind.PICTURE: "a picture",
    ShapeKind.CHART: "a chart",
    ShapeKind.TABLE: "a table",
    ShapeKind.SMARTART: "a diagram",
    ShapeKind.MEDIA: "a video or sound",
    ShapeKind.OLE: "an embedded object",
    ShapeKind.INK: "a drawing",
}

Rule = Callable[[Slide, Deck], str | None]


def reason_to_skip(slide: Slide, deck: Deck, rules: Rules, *, asked_for: bool) -> str | None:
    """Why `slide` is left as it is, by the first rule that says so; None where it wants a picture.

    `asked_for` is true where the slide was named with --slides, which overrides `skip_finished_deck` alone.
    """
    ours = our_picture(slide)
    if ours is not None and ours.ours is not None:
        return _reason_to_keep(ours.ours, slide)
    if rules.skip_finished_deck and not asked_for and _was_there(slide, deck):
        return "the deck was illustrated before and this slide was left out then; name it with --slides to add it"
    return next((reason for rule in _active(rules) if (reason := rule(slide, deck))), None)


def opens_or_divides(slide: Slide, deck: Deck) -> str | None:
    """What `slide` is in its deck, a title slide or a section header; None where it is neither."""
    return _title_slide(slide, deck) or _section_header(slide, deck)


def our_picture(slide: Slide) -> SlideShape | None:
    """The picture an earlier run put on `slide`; None where there is none."""
    return next((shape for shape in slide.shapes if shape.ours is not None), None)


def _reason_to_keep(ours: OurPicture, slide: Slide) -> str | None:
    """What was illustrated once and says something else now is made anew, whatever the rules say of it."""
    if ours.was_replaced:
        return "its picture was replaced by hand"
    return "already illustrated by an earlier run" if ours.content == content_digest(slide) else None


def _was_there(slide: Slide, deck: Deck) -> bool:
    """True where a run that left pictures in the deck has seen this slide: ids only grow."""
    seen = (shape.ours.last_slide_id for other in deck.slides for shape in other.shapes if shape.ours is not None)
    return slide.slide_id <= max(seen, default=0)


def _active(rules: Rules) -> list[Rule]:
    by_setting: list[tuple[bool, Rule]] = [
        (rules.skip_hidden, _hidden),
        (rules.skip_closing, _closing),
        (rules.skip_title, _title_slide),
        (rules.skip_section_headers, _section_header),
        (rules.skip_filled, _filled),
        (rules.skip_filled, _diagram),
        (rules.skip_without_text, _without_text),
    ]
    return [rule for is_on, rule in by_setting if is_on]


def _hidden(slide: Slide, _deck: Deck) -> str | None:
    return "hidden slide" if slide.is_hidden else None


def _title_slide(slide: Slide, deck: Deck) -> str | None:
    if _has_title_layout(slide) and _word_count(slide) <= TITLE_WORDS and not _is_everyday_layout(slide, deck):
        return "title slide"
    opens = slide.number == 1 and len(deck.slides) > 1 and slide.layout_type not in CONTENT_LAYOUTS
    return "title slide" if opens and _word_count(slide) <= TITLE_WORDS // 2 else None


def _has_title_layout(slide: Slide) -> bool:
    return slide.layout_type == "title" or any(shape.placeholder == "ctrTitle" for shape in slide.shapes)


def _is_everyday_layout(slide: Slide, deck: Deck) -> bool:
    """People also fill whole decks with copies of the title slide; its layout then says nothing."""
    alike = sum(_has_title_layout(other) for other in deck.slides)
    return slide.number > 1 and alike > EVERYDAY_SHARE * len(deck.slides)


def _closing(slide: Slide, deck: Deck) -> str | None:
    if slide.number == 1 and len(deck.slides) > 1:
        return None
    heading = _plain(slide.title or next(iter(slide.body), ""))
    says_goodbye = heading in CLOSING_TITLES or any(
        heading == words or heading.startswith(f"{words} ") or (not words.isascii() and heading.startswith(words))
        for words in CLOSING_BEGINNINGS
    )
    is_short = _word_count(slide) <= CLOSING_WORDS and len(heading.split()) <= 5
    return "closing slide" if says_goodbye and is_short else None


def _section_header(slide: Slide, deck: Deck) -> str | None:
    name = slide.layout_name.casefold()
    by_name = any(word in name for word in SECTION_LAYOUTS) and _word_count(slide) <= TITLE_WORDS
    is_one = slide.layout_type == "secHead" or by_name or _is_title_in_mid_slide(slide, deck)
    return "section header" if is_one else None


def _is_title_in_mid_slide(slide: Slide, deck: Deck) -> bool:
    """A title that stands alone and far from the top divides; at the top it heads what is still to come."""
    says_more = any(shape.text and shape.placeholder != "title" for shape in slide.shapes)
    tops = [shape.box.top_emu for shape in slide.shapes if shape.placeholder == "title" and shape.box]
    return not says_more and bool(tops) and min(tops) > HEADING_SHARE * deck.height_emu


def _filled(slide: Slide, deck: Deck) -> str | None:
    slide_area = deck.width_emu * deck.height_emu
    visuals = [shape for shape in slide.shapes if shape.kind in _VISUALS and not shape.is_empty]
    areas = {shape: _visible_area(shape, deck) for shape in visuals}
    if sum(areas.values()) < FILLED_SHARE * slide_area:
        return None
    return f"has {_VISUALS[max(visuals, key=areas.__getitem__).kind]} of its own"


def _diagram(slide: Slide, deck: Deck) -> str | None:
    connectors = sum(shape.kind is ShapeKind.CONNECTOR for shape in slide.shapes)
    drawings = sum(shape.is_drawn and _is_of_a_diagram(shape, deck) for shape in slide.shapes)
    is_one = connectors >= DIAGRAM_CONNECTORS or drawings >= DIAGRAM_DRAWINGS
    return "has a diagram of its own" if is_one else None


def _is_of_a_diagram(shape: SlideShape, deck: Deck) -> bool:
    box = shape.box
    if box is None or min(box.width_emu, box.height_emu) < SPECK_EMU:
        return False
    return _visible_area(shape, deck) < GROUND_SHARE * deck.width_emu * deck.height_emu


def _without_text(slide: Slide, _deck: Deck) -> str | None:
    letters = sum(character.isalpha() for text in (slide.title, *slide.body) for character in text)
    return "no text to go by" if letters < 3 else None


def _visible_area(shape: SlideShape, deck: Deck) -> int:
    if shape.box is None:
        return 0
    width = min(shape.box.right_emu, deck.width_emu) - max(shape.box.left_emu, 0)
    height = min(shape.box.bottom_emu, deck.height_emu) - max(shape.box.top_emu, 0)
    return max(width, 0) * max(height, 0)


def _word_count(slide: Slide) -> int:
    return sum(len(text.split()) for text in (slide.title, *slide.body))


def _plain(heading: str) -> str:
    """`heading` in lower case and without punctuation, in the one of Unicode's spellings the vocabulary uses."""
    # The Turkish capital İ lower-cases to an i with a dot of its own.
    lower = unicodedata.normalize("NFKC", heading.casefold()).replace("i\u0307", "i")
    return " ".join("".join(c if _is_of_a_word(c) else " " for c in lower).split())


def _is_of_a_word(character: str) -> bool:
    """Letters, digits and the marks that Indic, Arabic and Thai words are spelt with; "Q&A" and "thank-you" too."""
    return character.isalnum() or unicodedata.category(character).startswith("M") or character in "&-"
