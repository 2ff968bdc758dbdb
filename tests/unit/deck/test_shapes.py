"""Every shape that shows on a slide is listed with what it holds; nothing that does not show is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.util import Inches

from pipeline.deck.pictures.looks import look_of
from pipeline.deck.pictures.marks import Mark, write_mark
from pipeline.records import OurPicture, ShapeKind
from tests.builders import INCH
from tests.unit.deck.build import (
    PICTURE_WITH_CAPTION,
    TITLE_AND_CONTENT,
    add_xml,
    alternatives,
    box,
    chart_data,
    deck,
    graphic_frame,
    group,
    only,
    png,
    read_only,
    shape_named,
    text_box,
)

INK = (
    '<p:contentPart><p14:nvContentPartPr><p14:cNvPr id="4" name="Ink"/><p14:nvPr/></p14:nvContentPartPr>'
    '<p14:xfrm><a:off x="1" y="2"/><a:ext cx="3" cy="4"/></p14:xfrm></p:contentPart>'
)
PICTURE = (
    '<p:pic><p:nvPicPr><p:cNvPr id="5" name="{name}"/><p:cNvPicPr/><p:nvPr>{media}</p:nvPr></p:nvPicPr><p:blipFill/>'
    '<p:spPr><a:xfrm><a:off x="1" y="2"/><a:ext cx="3" cy="4"/></a:xfrm></p:spPr></p:pic>'
)
BLANK_PICTURE = PICTURE.format(name="Stand-in", media="")


def kinds(xml: str) -> list[ShapeKind]:
    presentation = deck()
    add_xml(only(presentation), xml)
    return [one.kind for one in read_only(presentation).shapes]


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("http://schemas.openxmlformats.org/drawingml/2006/chart", ShapeKind.CHART),
        ("http://schemas.microsoft.com/office/drawing/2014/chartex", ShapeKind.CHART),
        ("http://schemas.openxmlformats.org/drawingml/2006/table", ShapeKind.TABLE),
        ("http://schemas.openxmlformats.org/drawingml/2006/diagram", ShapeKind.SMARTART),
        ("http://schemas.openxmlformats.org/presentationml/2006/ole", ShapeKind.OLE),
        ("http://schemas.microsoft.com/office/drawing/2017/model3d", ShapeKind.PICTURE),
        ("http://example.org/of-tomorrow", ShapeKind.OTHER),
    ],
)
def test_a_graphic_frame_is_what_its_graphic_is(uri: str, kind: ShapeKind) -> None:
    assert kinds(graphic_frame(uri, "")) == [kind]


@pytest.mark.parametrize("media", ['<a:videoFile r:link="rId9"/>', '<a:audioFile r:link="rId9"/>'])
def test_a_film_or_a_sound_is_media_though_it_shows_a_picture(media: str) -> None:
    assert kinds(PICTURE.format(name="Film", media=media)) == [ShapeKind.MEDIA]


def test_what_people_draw_with_is_told_apart() -> None:
    presentation = deck()
    shapes = only(presentation).shapes
    one_inch = Inches(1)
    shapes.add_shape(MSO_SHAPE.OVAL, 0, 0, one_inch, one_inch).name = "drawn"
    shapes.add_shape(MSO_SHAPE.OVAL, 0, 0, one_inch, one_inch).text_frame.text = "Server"
    shapes.add_connector(MSO_CONNECTOR.STRAIGHT, 0, one_inch, one_inch, one_inch)
    shapes.add_picture(png(), 0, 0)
    shapes.add_table(2, 2, 0, 0, one_inch, one_inch)
    shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, one_inch, one_inch, chart_data(["a"], "s"))
    assert [one.kind for one in read_only(presentation).shapes] == [
        ShapeKind.DRAWING,
        ShapeKind.TEXT,
        ShapeKind.CONNECTOR,
        ShapeKind.PICTURE,
        ShapeKind.TABLE,
        ShapeKind.CHART,
    ]


def test_a_rectangle_filled_with_a_picture_is_a_picture() -> None:
    filled = text_box("it", 0, 0, 9, 9).replace("</p:spPr>", "<a:blipFill/></p:spPr>")
    assert kinds(filled) == [ShapeKind.PICTURE]


def test_a_horizontal_line_has_a_box_of_no_height() -> None:
    presentation = deck()
    only(presentation).shapes.add_connector(MSO_CONNECTOR.STRAIGHT, 10, 20, 110, 20)
    assert read_only(presentation).shapes[0].box == box(10, 20, 100, 0)


def test_members_of_a_group_are_listed_and_the_group_is_not() -> None:
    presentation = deck()
    inside = text_box("one", 0, 0, 5, 5) + text_box("two", 5, 0, 5, 5)
    add_xml(only(presentation), group((0, 0), (10, 5), (0, 0, 10, 5), inside))
    assert [one.name for one in read_only(presentation).shapes] == ["one", "two"]


def test_ink_which_python_pptx_does_not_list_is_listed_once() -> None:
    presentation = deck()
    add_xml(only(presentation), alternatives(INK, BLANK_PICTURE))
    (ink,) = read_only(presentation).shapes
    assert (ink.kind, ink.name, ink.box) == (ShapeKind.INK, "Ink", box(1, 2, 3, 4))


def test_where_the_newer_form_has_no_place_the_older_counts() -> None:
    presentation = deck()
    without_place = INK.replace("p14:off", "p14:gone").replace("a:off", "a:gone")
    add_xml(only(presentation), alternatives(without_place, BLANK_PICTURE))
    assert [one.name for one in read_only(presentation).shapes] == ["Stand-in"]


def test_a_formula_in_a_placeholder_is_read_though_its_place_is_inherited() -> None:
    presentation = deck(TITLE_AND_CONTENT)
    slide = only(presentation)
    slide.placeholders[1]._element.getparent().remove(slide.placeholders[1]._element)
    holder = (
        '<p:sp><p:nvSpPr><p:cNvPr id="3" name="Content"/><p:cNvSpPr/><p:nvPr><p:ph idx="1"/></p:nvPr></p:nvSpPr>'
        "<p:spPr/>"
        "<p:txBody><a:bodyPr/><a:p>{}</a:p></p:txBody></p:sp>"
    )
    formula = "<m:oMath><m:r><m:t>E=m</m:t></m:r><m:r><m:t>c²</m:t></m:r></m:oMath>"
    add_xml(slide, alternatives(holder.format(formula), holder.format("<a:r><a:t> </a:t></a:r>")))
    content = shape_named(read_only(presentation), "Content")
    assert content.text == "E=mc²"
    assert content.box is not None


def test_hidden_shapes_and_hidden_groups_do_not_show() -> None:
    hidden = text_box("it", 0, 0, 9, 9).replace('name="it"', 'name="it" hidden="1"')
    inside = group((0, 0), (9, 9), (0, 0, 9, 9), text_box("it", 0, 0, 9, 9))
    assert kinds(hidden + inside.replace('name="Group"', 'name="Group" hidden="1"')) == []


def test_an_empty_placeholder_is_empty_and_a_picture_placeholder_is_for_pictures() -> None:
    presentation = deck(PICTURE_WITH_CAPTION)
    shapes = {one.placeholder: one for one in read_only(presentation).shapes}
    assert {name: (one.kind, one.is_empty) for name, one in shapes.items()} == {
        "title": (ShapeKind.TEXT, True),
        "pic": (ShapeKind.PICTURE, True),
        "body": (ShapeKind.TEXT, True),
    }


def test_a_filled_placeholder_is_not_empty() -> None:
    presentation = deck(PICTURE_WITH_CAPTION)
    slide = only(presentation)
    slide.shapes.title.text_frame.text = "Vienna"
    slide.placeholders[1].insert_picture(png())
    shapes = {one.placeholder: one for one in read_only(presentation).shapes}
    assert not shapes["title"].is_empty
    assert (shapes["pic"].kind, shapes["pic"].is_empty) == (ShapeKind.PICTURE, False)


def test_a_placeholder_that_names_no_type_is_an_object() -> None:
    presentation = deck(TITLE_AND_CONTENT)
    assert [one.placeholder for one in read_only(presentation).shapes] == ["title", "obj"]


OUR_MARK = Mark(content="0123456789", look=look_of(png().getvalue()), place=box(*4 * [INCH]), last_slide_id=256)


def ours(mark: Mark, *edges: float) -> OurPicture | None:
    """What is read of a picture with `mark` in its name that stands at `edges`, in inches."""
    presentation = deck()
    picture = only(presentation).shapes.add_picture(png(), *(Inches(edge) for edge in edges))
    picture.name = write_mark(mark)
    return read_only(presentation).shapes[0].ours


def test_a_picture_of_an_earlier_run_is_known_by_its_name() -> None:
    told = OurPicture(
        content="0123456789", last_slide_id=256, was_moved=False, was_replaced=False, frame=OUR_MARK.place
    )
    assert ours(OUR_MARK, 1, 1, 1, 1) == told


def test_a_picture_of_ours_that_a_person_moved_resized_or_replaced_says_so() -> None:
    assert ours(OUR_MARK, 2, 1, 1, 1).was_moved
    assert ours(OUR_MARK, 1, 1, 3, 1).was_moved
    another = replace(OUR_MARK, look=f"{int(OUR_MARK.look, 16) ^ 0xFFFFFFFF00000000:016x}")
    assert ours(another, 1, 1, 1, 1).was_replaced


def test_other_pictures_are_not_ours() -> None:
    presentation = deck()
    only(presentation).shapes.add_picture(png(), 0, 0).name = "Holiday"
    assert read_only(presentation).shapes[0].ours is None


@pytest.mark.parametrize(("kind", "is_taken"), [("tbl", True), ("chart", True), ("pic", False), ("body", False)])
def test_an_empty_placeholder_for_a_table_or_chart_is_taken(kind: str, is_taken: bool) -> None:
    presentation = deck()
    held = text_box("held", 1, 2, 30, 40).replace("<p:nvPr/>", f'<p:nvPr><p:ph type="{kind}" idx="9"/></p:nvPr>')
    add_xml(only(presentation), held)
    assert bool(shape_named(read_only(presentation), "held").ink) is is_taken


def test_an_activex_control_is_listed() -> None:
    presentation = deck()
    add_xml(only(presentation), f'<p:controls><p:control name="Player">{BLANK_PICTURE}</p:control></p:controls>')
    common = only(presentation)._element.cSld
    common.append(common.spTree[-1])
    (control,) = read_only(presentation).shapes
    assert (control.kind, control.box) == (ShapeKind.OTHER, box(1, 2, 3, 4))


class TestArt:
    """What layout and master draw themselves."""

    FILL = '</a:xfrm><a:solidFill><a:srgbClr val="336699"/></a:solidFill>'
    LOGO = text_box("logo", 1, 1, 5, 5).replace("</a:xfrm>", FILL)
    STRIPE = text_box("stripe", 0, 0, 9, 1).replace("</a:xfrm>", FILL)

    def art(self, *, on_slide: str = "1", on_layout: str = "1") -> list[int]:
        presentation = deck(TITLE_AND_CONTENT)
        slide = only(presentation)
        add_xml(slide.slide_layout, self.LOGO)
        add_xml(slide.slide_layout.slide_master, self.STRIPE)
        slide._element.set("showMasterSp", on_slide)
        slide.slide_layout._element.set("showMasterSp", on_layout)
        return [one.width_emu for one in read_only(presentation).art]

    def test_placeholders_of_layout_and_master_are_no_art(self) -> None:
        assert self.art() == [9, 5]

    def test_a_layout_can_hide_its_masters_art(self) -> None:
        assert self.art(on_layout="0") == [5]

    def test_a_slide_can_hide_all_of_it(self) -> None:
        assert self.art(on_slide="0") == []
