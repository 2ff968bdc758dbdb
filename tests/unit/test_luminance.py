"""Contrast as WCAG 2.2 has it, by figures that are published elsewhere."""

from __future__ import annotations

import pytest

from pipeline.luminance import BLACK, WHITE, carries, contrast, relative_luminance


@pytest.mark.parametrize(
    ("colour", "luminance"),
    [("000000", 0.0), ("FFFFFF", 1.0), ("FF0000", 0.2126), ("777777", 0.1845), ("0000FF", 0.0722)],
)
def test_the_luminance_of_known_colours(colour, luminance):
    assert relative_luminance(colour) == pytest.approx(luminance, abs=1e-4)


def test_black_on_white_is_twenty_one_to_one_and_the_reverse_is_below_one():
    assert contrast(1.0, 0.0) == pytest.approx(21)
    assert contrast(0.0, 1.0) < 1


def test_767676_is_the_lightest_grey_that_white_carries():
    assert carries(WHITE, ["767676"], 4.5)
    assert not carries(WHITE, ["767676", "777777"], 4.5)
    assert carries(BLACK, ["777777"], 4.5)
