"""What makes one rectangle better than another where all else is equal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.config.settings import Layout
from pipeline.planning.scene import prepare_scene
from pipeline.planning.scoring import score
from pipeline.records import ShapeKind
from tests.builders import box, deck, shape, slide

VACANT = box(7, 2, 5, 4)


@pytest.fixture
def scene():
    """A slide with a text on the left and an empty placeholder on the right."""
    shapes = (
        shape(box(1, 2, 5, 4), text="Glaciers move"),
        shape(VACANT, ShapeKind.PICTURE, 3, placeholder="pic", is_empty=True),
    )
    page = slide(2, *shapes)
    return prepare_scene(page, deck(page), Layout())


def lost_by_placeholder(where, scene):
    return score(where, replace(scene, vacant=())) - score(where, scene)


def test_a_picture_that_cuts_through_an_empty_placeholder_is_worse(scene):
    assert lost_by_placeholder(box(7, 2, 5, 2), scene) > 0.03


@pytest.mark.parametrize("where", [VACANT, box(7, 6.1, 5, 1.2), box(6.9, 1.9, 5.2, 4.2)])
def test_one_that_covers_it_whole_or_leaves_it_alone_is_not(where, scene):
    assert lost_by_placeholder(where, scene) == 0
