"""A frame is offered narrower where its text fits then as it is; whatever is drawn, turned, locked or moved stays."""

from __future__ import annotations

import pytest
from lxml import etree

from pipeline.deck.ooxml import NAMESPACES
from pipeline.deck.reading import DeckReader
from tests.unit.deck.build import PATH, TITLE_AND_CONTENT, add_xml, deck, group, only, opened, text_box

LINE = "A river carries what it picks up on the way to the sea, and drops it where it slows"
FRAME = (457_200, 1_600_200, 8_229_600, 4_525_963)
"""The body of python-pptx's own template, on a slide of ten inches."""


def offered(presentation):
    return DeckReader(PATH, opened(presentation)).narrowings({1})[1]


def with_body(text=LINE, size=None):
    presentation = deck(TITLE_AND_CONTENT)
    slide = only(presentation)
    slide.shapes.title.text, slide.placeholders[1].text = "A title that is long enough to span the slide", text
    if size:
        for paragraph in slide.placeholders[1].text_frame.paragraphs:
            paragraph.runs[0].font.size = size * 12_700
    return presentation


def body_of(presentation):
    return only(presentation).placeholders[1]._element


def inches(narrowing):
    return round(narrowing.box.width_emu / 914_400, 2)


def edges(box):
    return box.left_emu, box.top_emu, box.width_emu, box.height_emu


def test_it_keeps_its_left_edge_its_top_and_its_height_and_holds_all_its_lines():
    found = offered(with_body())
    assert [inches(one) for one in found] == [5.4, 4.95, 4.5, 4.05, 5.85, 6.3, 6.75]
    for one in found:
        assert (one.name, edges(one.before)) == ("Content Placeholder 2", FRAME)
        assert (one.box.left_emu, one.box.top_emu, one.box.height_emu) == (FRAME[0], FRAME[1], FRAME[3])
        assert one.ink
        assert all(one.box.left_emu <= ink.left_emu and ink.right_emu <= one.box.right_emu for ink in one.ink)
        assert all(ink.bottom_emu <= one.box.bottom_emu for ink in one.ink)


def test_a_narrower_frame_has_more_lines():
    first, *_, last = sorted(offered(with_body()), key=inches)
    assert sum(ink.height_emu for ink in first.ink) > sum(ink.height_emu for ink in last.ink)


def test_a_text_that_would_run_out_of_its_frame_is_not_narrowed_so_far():
    widths = [inches(one) for one in offered(with_body("\n".join([LINE] * 2)))]
    assert 0 < len(widths) < 7
    assert min(widths) > 4.05
    assert offered(with_body("\n".join([LINE] * 9))) == ()


def test_a_word_is_not_broken():
    assert offered(with_body("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte", size=24)) == ()


def test_a_text_from_right_to_left_keeps_its_right_edge():
    presentation = with_body("המים בישראל " * 6)
    for properties in body_of(presentation).iter(f"{{{NAMESPACES['a']}}}p"):
        properties.get_or_add_pPr().attrib.update({"rtl": "1", "algn": "r"})
    found = offered(presentation)
    assert found
    assert {one.box.right_emu for one in found} == {FRAME[0] + FRAME[2]}


def set_alignment(presentation):
    body_of(presentation).find(".//a:p", NAMESPACES).get_or_add_pPr().set("algn", "ctr")


def set_fill(presentation):
    properties = body_of(presentation).spPr
    properties.append(
        etree.fromstring(f'<a:solidFill xmlns:a="{NAMESPACES["a"]}"><a:srgbClr val="FFCC00"/></a:solidFill>')
    )


def set_rotation(presentation):
    body = only(presentation).placeholders[1]
    body.left, body.top, body.width, body.height = FRAME
    body.rotation = 5


def set_lock(presentation):
    drawing = body_of(presentation).find("p:nvSpPr/p:cNvSpPr", NAMESPACES)
    drawing[:] = [etree.fromstring(f'<a:spLocks xmlns:a="{NAMESPACES["a"]}" noResize="1"/>')]


def set_same_id(presentation):
    only(presentation).shapes.title._element.nvSpPr.cNvPr.set("id", str(only(presentation).placeholders[1].shape_id))


def set_motion(presentation):
    number = only(presentation).placeholders[1].shape_id
    names = f'xmlns:p="{NAMESPACES["p"]}"'
    target = f'<p:cBhvr><p:cTn id="2"/><p:tgtEl><p:spTgt spid="{number}"/></p:tgtEl></p:cBhvr>'
    moving = f'<p:animMotion path="M 0 0 L 0.25 0">{target}</p:animMotion>'
    only(presentation)._element.append(etree.fromstring(f"<p:timing {names}>{moving}</p:timing>"))


def set_columns(presentation):
    body_of(presentation).txBody.bodyPr.set("numCol", "2")


def set_shrunk(presentation):
    fitting = etree.SubElement(body_of(presentation).txBody.bodyPr, f"{{{NAMESPACES['a']}}}normAutofit")
    fitting.set("fontScale", "90000")


def set_code(presentation):
    only(presentation).placeholders[1].text_frame.paragraphs[0].runs[0].font.name = "Courier New"


def set_narrow(presentation):
    body = only(presentation).placeholders[1]
    body.left, body.top, body.width, body.height = 457_200, 1_600_200, 4_000_000, 4_525_963


@pytest.mark.parametrize(
    "change",
    [
        set_alignment,
        set_fill,
        set_rotation,
        set_lock,
        set_same_id,
        set_motion,
        set_columns,
        set_shrunk,
        set_code,
        set_narrow,
    ],
    ids=lambda change: change.__name__.removeprefix("set_"),
)
def test_some_frames_are_left_alone(change):
    presentation = with_body()
    assert offered(presentation)
    change(presentation)
    assert offered(presentation) == ()


def test_text_boxes_may_be_narrowed_but_not_in_a_group():
    box = text_box("Words", 457_200, 3_000_000, 8_229_600, 2_000_000, LINE)
    alone, grouped = deck(), deck()
    add_xml(only(alone), box)
    add_xml(only(grouped), group((0, 0), (9_144_000, 6_858_000), (0, 0, 9_144_000, 6_858_000), box))
    assert {one.name for one in offered(alone)} == {"Words"}
    assert offered(grouped) == ()


def test_only_the_slides_asked_for_are_looked_at():
    assert DeckReader(PATH, opened(with_body())).narrowings(set()) == {}
