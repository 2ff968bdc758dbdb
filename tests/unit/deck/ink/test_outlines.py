"""Where the lines of connectors, freeforms and turned shapes really run."""

from __future__ import annotations

import pytest

from pipeline.deck.geometry import SLIDE, Frame
from pipeline.deck.ink.outlines import along, bounds, outline
from pipeline.records import EMU_PER_INCH as INCH
from tests.unit.deck.ink.typeset import frame, xml

AT = frame(4, 2)


def traced(geometry: str, at: Frame = AT):
    return outline([xml(f"<p:spPr>{geometry}</p:spPr>")], at, SLIDE)


def preset(name: str, *handles: int, at: Frame = AT):
    guides = "".join(f'<a:gd name="adj{n}" fmla="val {value}"/>' for n, value in enumerate(handles, start=1))
    return traced(f'<a:prstGeom prst="{name}"><a:avLst>{guides}</a:avLst></a:prstGeom>', at)


def shares(found):
    """The points as shares of the frame."""
    return [[(round((x / INCH - 2) / 4, 3), round((y / INCH - 2) / 2, 3)) for x, y in path] for path in found.paths]


@pytest.mark.parametrize(
    ("name", "handles", "points"),
    [
        ("line", (), [(0, 0), (1, 1)]),
        ("lineInv", (), [(0, 1), (1, 0)]),
        ("bentConnector2", (), [(0, 0), (1, 0), (1, 1)]),
        ("bentConnector3", (), [(0, 0), (0.5, 0), (0.5, 1), (1, 1)]),
        ("bentConnector3", (-200_000,), [(0, 0), (-2, 0), (-2, 1), (1, 1)]),
        ("bentConnector4", (25_000, 75_000), [(0, 0), (0.25, 0), (0.25, 0.75), (1, 0.75), (1, 1)]),
        ("bentConnector5", (25_000, 50_000, 75_000), [(0, 0), (0.25, 0), (0.25, 0.5), (0.75, 0.5), (0.75, 1), (1, 1)]),
    ],
)
def test_a_connector_runs_by_its_handles(name, handles, points):
    found = preset(name, *handles)
    assert shares(found) == [points]
    assert found.is_connector


@pytest.mark.parametrize(
    ("name", "handles", "through"),
    [
        ("curvedConnector2", (), (1, 1)),
        ("curvedConnector3", (), (0.5, 0.5)),
        ("curvedConnector4", (), (0.5, 0.25)),
        ("curvedConnector5", (), (0.5, 0.5)),
        ("curvedConnector3", (300_000,), (3, 0.5)),
    ],
)
def test_a_curved_connector_passes_through_the_middle_of_its_sides(name, handles, through):
    (path,) = shares(preset(name, *handles))
    assert path[0] == (0, 0)
    assert path[-1] == (1, 1)
    assert through in path


def test_a_connector_is_mirrored_with_its_frame():
    assert shares(preset("bentConnector2", at=frame(4, 2, is_mirrored_h=True))) == [[(1, 0), (0, 0), (0, 1)]]


def test_the_box_round_a_connector_holds_what_leaves_its_frame():
    box = bounds(preset("bentConnector3", 900_000).paths)
    assert (box.left_emu, box.right_emu) == (2 * INCH, 38 * INCH)


def test_a_preset_that_is_not_known_is_somewhere_in_its_frame():
    found = preset("star5")
    assert not found.is_traced
    assert bounds(found.paths).width_emu == 4 * INCH


def freeform(commands: str) -> str:
    return f'<a:custGeom><a:pathLst><a:path w="100" h="100">{commands}</a:path></a:pathLst></a:custGeom>'


def points(*places: tuple[object, object]) -> str:
    return "".join(f'<a:pt x="{x}" y="{y}"/>' for x, y in places)


START = f"<a:moveTo>{points((0, 50))}</a:moveTo>"


def test_the_curves_of_a_freeform_are_followed():
    cubic = traced(freeform(f"{START}<a:cubicBezTo>{points((0, -50), (100, -50), (100, 50))}</a:cubicBezTo>"))
    assert (0.5, -0.25) in shares(cubic)[0]
    half = traced(freeform(f'{START}<a:arcTo wR="50" hR="50" stAng="10800000" swAng="10800000"/>'))
    assert (0.5, 0) in shares(half)[0]
    assert shares(half)[0][-1] == (1, 0.5)


def test_the_parts_of_a_freeform_are_closed_each_by_itself():
    parts = [f"<a:moveTo>{points((x, 0))}</a:moveTo><a:lnTo>{points((x, 50))}</a:lnTo><a:close/>" for x in (0, 100)]
    assert shares(traced(freeform("".join(parts)))) == [
        [(0, 0), (0, 0.5), (0, 0)],
        [(1, 0), (1, 0.5), (1, 0)],
    ]


@pytest.mark.parametrize(
    "commands",
    [
        f"<a:moveTo>{points(('left', 0))}</a:moveTo>",
        f'{START}<a:arcTo wR="half" hR="50" stAng="0" swAng="10800000"/>',
        f"<a:lnTo>{points((0, 0))}</a:lnTo>",
        f"{START}<a:lnTo/>",
        "",
    ],
)
def test_a_freeform_whose_points_are_calculated_or_missing_is_not_traced(commands):
    assert not traced(freeform(commands)).is_traced


def test_boxes_along_a_line_reach_to_both_sides_of_it():
    (box,) = along([[(0, 0), (INCH, 0)]], 10)
    assert (box.left_emu, box.top_emu, box.width_emu, box.height_emu) == (-10, -10, INCH + 20, 20)
