"""The colour of letters, from wherever the file says it."""

from __future__ import annotations

import pytest

from tests.unit.deck.build import TITLE_SLIDE, add_xml, deck, only, read_only, shape_named

RED, NONE = '<a:solidFill><a:srgbClr val="FF0000"/></a:solidFill>', "<a:noFill/>"


def box(paragraphs, list_style="", style=""):
    return (
        '<p:sp><p:nvSpPr><p:cNvPr id="7" name="Words"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
        '<p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm></p:spPr>'
        f"{style}<p:txBody><a:bodyPr/>{list_style}{paragraphs}</p:txBody></p:sp>"
    )


def run(fill="", text="Words", kind="r"):
    identity = ' id="{5C52DC6A-0001-4001-8001-000000000001}" type="datetime1"' if kind == "fld" else ""
    return f"<a:{kind}{identity}><a:rPr>{fill}</a:rPr><a:t>{text}</a:t></a:{kind}>"


def colours(*args, **changes):
    presentation = deck()
    add_xml(only(presentation), box(*args, **changes))
    return shape_named(read_only(presentation), "Words").text_colours


LEVEL_2 = f"<a:lstStyle><a:lvl2pPr><a:defRPr>{RED}</a:defRPr></a:lvl2pPr></a:lstStyle>"
LINK = '<a:hlinkClick r:id=""/>'
REFERENCES = '<a:lnRef idx="0"/><a:fillRef idx="0"/><a:effectRef idx="0"/><a:fontRef idx="minor">{}</a:fontRef>'
FONT = f"<p:style>{REFERENCES}</p:style>"


@pytest.mark.parametrize(
    ("paragraphs", "changes", "seen"),
    [
        (f"<a:p>{run()}</a:p>", {}, ("000000",)),
        (f"<a:p>{run(RED)}{run()}{run(RED)}</a:p>", {}, ("FF0000", "000000")),
        (f"<a:p>{run(RED, text=' ')}{run()}</a:p>", {}, ("000000",)),
        (f"<a:p>{run(RED, kind='fld')}</a:p>", {}, ("FF0000",)),
        (f'<a:p><a:pPr lvl="1"/>{run()}</a:p>', {"list_style": LEVEL_2}, ("FF0000",)),
        (f"<a:p>{run()}</a:p>", {"list_style": LEVEL_2}, ("000000",)),
        (f"<a:p>{run()}</a:p>", {"style": FONT.format('<a:schemeClr val="lt1"/>')}, ("FFFFFF",)),
        (f"<a:p>{run(LINK)}</a:p>", {}, ("0000FF",)),
    ],
    ids=["theme", "runs", "blank run", "field", "level", "other level", "shape style", "link"],
)
def test_a_colour_is_what_is_seen(paragraphs, changes, seen):
    assert colours(paragraphs, **changes) == seen


@pytest.mark.parametrize(
    "fill",
    [
        NONE,
        '<a:gradFill><a:gsLst><a:gs pos="0"><a:srgbClr val="FF0000"/></a:gs></a:gsLst></a:gradFill>',
        '<a:solidFill><a:srgbClr val="FF0000"><a:alpha val="40000"/></a:srgbClr></a:solidFill>',
    ],
)
def test_letters_without_one_plain_colour_leave_the_text_without(fill):
    assert colours(f"<a:p>{run()}{run(fill)}</a:p>") == ()


def test_a_placeholder_takes_the_colour_of_its_layout():
    presentation = deck(TITLE_SLIDE)
    slide = only(presentation)
    slide.shapes.title.text, slide.placeholders[1].text = "Rivers", "Ann Smith"
    title, subtitle = read_only(presentation).shapes
    assert (title.text_colours, subtitle.text_colours) == (("000000",), ("898989",))


def test_letters_on_a_fill_of_their_own_do_not_stand_on_the_slide():
    filled = box(f"<a:p>{run()}</a:p>").replace("</p:spPr>", f"{RED}</p:spPr>")
    presentation = deck()
    add_xml(only(presentation), filled)
    assert shape_named(read_only(presentation), "Words").text_colours == ()
