"""Text stands in a preset shape where the standard's own definition of the shape has it."""

from __future__ import annotations

import pytest

from pipeline.deck.ink.text_rectangles import text_rectangle
from tests.unit.deck.ink.typeset import xml


@pytest.mark.parametrize(
    ("preset", "guides", "expected"),
    [
        ("rect", "", (0, 0, 200, 100)),
        ("heart7", "", (0, 0, 200, 100)),
        ("ellipse", "", (29.29, 14.64, 170.71, 85.36)),
        ("roundRect", '<a:gd name="adj" fmla="val 50000"/>', (14.64, 14.64, 185.36, 85.36)),
        ("triangle", "", (50, 50, 150, 100)),
        ("triangle", '<a:gd name="adj" fmla="val 0"/>', (0, 50, 100, 100)),
        ("triangle", '<a:gd name="adj" fmla="*/ w 1 2"/>', (50, 50, 150, 100)),
    ],
)
def test_the_rectangle_of_a_shape(preset, guides, expected):
    geometry = f'<a:prstGeom prst="{preset}"><a:avLst>{guides}</a:avLst></a:prstGeom>'
    shape = xml(f"<p:sp><p:spPr>{geometry}</p:spPr></p:sp>")
    assert text_rectangle(shape, 200, 100) == pytest.approx(expected, abs=0.01)
