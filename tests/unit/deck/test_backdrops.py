"""What is drawn into a background picture keeps its room; the ground round it is free."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.util import Emu

from pipeline.deck.backdrops import everywhere
from pipeline.deck.ooxml import NAMESPACES
from pipeline.deck.package.opening import open_deck
from pipeline.deck.reading import read_deck
from pipeline.records import Box
from tests.unit.deck.build import read

BACKGROUND = """<p:bg xmlns:p="{p}" xmlns:a="{a}" xmlns:r="{r}"><p:bgPr><a:blipFill><a:blip r:embed="{id}"/>
<a:stretch><a:fillRect/></a:stretch></a:blipFill><a:effectLst/></p:bgPr></p:bg>"""
STRETCHED = "<a:stretch><a:fillRect/></a:stretch>"


def encoded(picture):
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer


def plain():
    return Image.linear_gradient("L").resize((960, 720)).convert("RGB").point(lambda level: 200 + level // 8)


def with_logo():
    picture = plain()
    ImageDraw.Draw(picture).ellipse((800, 600, 900, 680), fill="navy")
    return picture


def noisy():
    return Image.effect_noise((960, 720), 120).convert("RGB")


@pytest.fixture
def art(tmp_path):
    """The art of a slide of 10 by 7.5 inches whose layout shows `picture` as `where` says."""

    def read(picture, where, filling=STRETCHED, size=None, xfrm=()):
        presentation = Presentation()
        layout = presentation.slide_layouts[6]
        data = encoded(picture)
        if where == "background":
            _, relationship = layout.part.get_or_add_image_part(data)
            filled = BACKGROUND.format(**NAMESPACES, id=relationship).replace(STRETCHED, filling)
            layout._element.cSld.insert(0, parse_xml(filled))
        slide = presentation.slides.add_slide(layout)
        if where == "full-slide picture":
            size = size or (presentation.slide_width, presentation.slide_height)
            shape = slide.shapes.add_picture(data, 0, 0, *size)
            shape._element.spPr.xfrm.attrib.update(dict(xfrm))
            _, relationship = layout.part.get_or_add_image_part(data)
            shape._element.blipFill.blip.rEmbed = relationship
            layout.shapes._spTree.append(shape._element)
        path = tmp_path / "deck.pptx"
        presentation.save(str(path))
        return read_deck(path, open_deck(path)).slides[0].art

    return read


WHERE = pytest.mark.parametrize("where", ["background", "full-slide picture"])


@WHERE
def test_a_plain_or_shaded_ground_is_all_free(art, where):
    assert art(plain(), where) == ()


@WHERE
def test_a_logo_in_it_keeps_its_room_and_no_more(art, where):
    boxes = art(with_logo(), where)
    logo = Box(left_emu=7_620_000, top_emu=5_715_000, width_emu=952_500, height_emu=762_000)
    assert boxes
    slack = Emu(250_000)
    for box in boxes:
        assert box.left_emu >= logo.left_emu - slack
        assert box.right_emu <= logo.right_emu + slack
        assert box.top_emu >= logo.top_emu - slack
        assert box.bottom_emu <= logo.bottom_emu + slack
    middle = Box(left_emu=8_000_000, top_emu=6_000_000, width_emu=90_000, height_emu=90_000)
    assert any(box.meets(middle) or box.left_emu < 8_000_000 < box.right_emu for box in boxes)


@WHERE
def test_a_busy_picture_leaves_no_room(art, where):
    boxes = art(noisy(), where)
    assert sum(box.area_emu2 for box in boxes) > 0.9 * 9_144_000 * 6_858_000


WHOLE_SLIDE = everywhere(Box(left_emu=0, top_emu=0, width_emu=9_144_000, height_emu=6_858_000))
TILED = '<a:tile sx="50000" sy="50000"/>'


def hull(boxes):
    left, top = min(one.left_emu for one in boxes), min(one.top_emu for one in boxes)
    right, bottom = max(one.right_emu for one in boxes), max(one.bottom_emu for one in boxes)
    return [round(edge / 914_400, 1) for edge in (left, top, right, bottom)]


def test_a_tiled_picture_with_anything_in_it_is_in_the_way_everywhere(art):
    assert art(with_logo(), "background", TILED) == WHOLE_SLIDE
    assert art(Image.new("RGB", (90, 90), "beige"), "background", TILED) == ()


def test_tiles_that_do_not_go_on_as_they_end_show_where_they_meet(art):
    assert art(Image.linear_gradient("L"), "background", TILED) == WHOLE_SLIDE


@pytest.mark.parametrize(
    ("filling", "seen"),
    [
        (STRETCHED, [8.3, 6.2, 9.5, 7.1]),
        ('<a:stretch><a:fillRect l="-100000" t="-100000"/></a:stretch>', [6.6, 4.9, 8.9, 6.8]),
        ('<a:srcRect l="50000" t="50000"/><a:stretch><a:fillRect/></a:stretch>', [6.6, 4.9, 8.9, 6.8]),
    ],
)
def test_what_is_drawn_is_looked_for_where_the_picture_is_laid(art, filling, seen):
    assert hull(art(with_logo(), "background", filling)) == pytest.approx(seen, abs=0.4)


def test_the_edges_of_a_picture_that_does_not_reach_those_of_the_slide_show(art):
    boxes = art(plain(), "background", '<a:stretch><a:fillRect r="50000"/></a:stretch>')
    assert hull(boxes) == [5.0, 0.0, 5.0, 7.5]


def test_a_large_picture_of_a_layout_is_a_ground_with_edges(art):
    half = 4_572_000, 6_858_000
    boxes = art(plain(), "full-slide picture", size=half)
    assert any(one.meets(Box(left_emu=4_571_000, top_emu=3_000_000, width_emu=2_000, height_emu=9)) for one in boxes)
    assert not any(
        one.meets(Box(left_emu=500_000, top_emu=500_000, width_emu=3_000_000, height_emu=9)) for one in boxes
    )
    assert sum(one.area_emu2 for one in art(noisy(), "full-slide picture", size=half)) > 0.9 * half[0] * half[1]


def test_a_pattern_leaves_no_room():
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    slide.background.fill.patterned()
    assert read(presentation).slides[0].art == WHOLE_SLIDE
    assert not read(presentation).slides[0].has_picture_background


@pytest.mark.parametrize(
    ("xfrm", "seen"),
    [
        ({"flipH": "1"}, [0.6, 6.2, 1.7, 7.1]),
        ({"flipV": "1"}, [8.3, 0.4, 9.4, 1.3]),
        ({"rot": "10800000"}, [0.6, 0.4, 1.7, 1.3]),
    ],
)
def test_what_is_drawn_is_mirrored_with_its_picture(art, xfrm, seen):
    assert hull(art(with_logo(), "full-slide picture", xfrm=xfrm)) == pytest.approx(seen, abs=0.4)


def test_a_picture_that_stands_askew_leaves_no_room(art):
    upper, lower = art(plain(), "full-slide picture", xfrm={"rot": "600000"})
    assert upper.left_emu < 0
    assert upper.bottom_emu == lower.top_emu
    assert lower.bottom_emu > 6_858_000
