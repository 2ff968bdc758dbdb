"""What is drawn into a background picture keeps its room; the ground round it is free."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.util import Emu

from pipeline.deck.ooxml import NAMESPACES
from pipeline.deck.package.opening import open_deck
from pipeline.deck.reading import read_deck
from pipeline.records import Box

BACKGROUND = """<p:bg xmlns:p="{p}" xmlns:a="{a}" xmlns:r="{r}"><p:bgPr><a:blipFill><a:blip r:embed="{id}"/>
<a:stretch><a:fillRect/></a:stretch></a:blipFill><a:effectLst/></p:bgPr></p:bg>"""


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

    def read(picture, where):
        presentation = Presentation()
        layout = presentation.slide_layouts[6]
        data = encoded(picture)
        if where == "background":
            _, relationship = layout.part.get_or_add_image_part(data)
            layout._element.cSld.insert(0, parse_xml(BACKGROUND.format(**NAMESPACES, id=relationship)))
        slide = presentation.slides.add_slide(layout)
        if where == "full-slide picture":
            shape = slide.shapes.add_picture(data, 0, 0, presentation.slide_width, presentation.slide_height)
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
