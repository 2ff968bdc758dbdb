"""Decks nobody here made: each gives a result that changes nothing else, or one line that says why not."""

from __future__ import annotations

from functools import partial

import pytest
from pptx import Presentation

from pipeline.deck.package.opening import open_deck
from pipeline.deck.pictures.marks import read_mark
from pipeline.deck.reading import read_deck
from pipeline.records import Box
from tests.conftest import DECKS
from tests.integration.conftest import COARSE
from tests.integration.support import leaves, names_in, our_pictures, slides_of

pytestmark = pytest.mark.skipif(not DECKS.is_dir(), reason=f"the sample decks are not at {DECKS}")

PICTURES_A_DECK = 2
"""Drawing takes its time."""

SIGNED = {"odd-039.pptx", "odd-051.pptx"}
"""They can be planned, but get pictures only where it was agreed that the signature goes."""

ODD = sorted(path.name for path in DECKS.glob("odd-*"))
TALKS = ["talk-012.pptx", "talk-013.pptx", "talk-014.pptx"]
ANY = [*ODD, "talk-003.pptx"]


@pytest.fixture
def run(run):
    """The conftest's, with coarse pictures."""
    return partial(run, config=COARSE)


def outcome_of(run, deck, out):
    """The report of illustrating the first slides that `plan` names, None where the deck was refused or needs nothing.

    What is refused is refused by both commands alike, in one line, with no file left.
    """
    before = names_in(out.parent) | {"illustrate.yaml"}
    agreed = ["--force"] if deck.name in SIGNED else []
    planned = run("plan", deck)
    assert planned.code in {0, 3, 4}, planned.err
    if planned.code == 0:
        numbers = [str(slide["number"]) for slide in planned.report["slides"] if slide["status"] == "planned"]
        ran = run(deck, "-o", out, "--offline", *agreed, "--slides", ",".join(numbers[:PICTURES_A_DECK]))
        assert ran.code in {0, 20}, ran.err
        assert ran.report["images"]["succeeded"] == len(numbers[:PICTURES_A_DECK])
        return ran.report
    ran = run(deck, "-o", out, "--offline", *agreed)
    assert ran.code == planned.code
    if ran.code == 4:
        for refused in (planned, ran):
            assert refused.err.startswith("error: ")
            assert refused.err.count("\n") == 1
    assert names_in(out.parent) == before
    return None


def looks(shape) -> tuple[object, ...]:
    """What must not change in a shape."""
    has_box = hasattr(shape, "rotation") or hasattr(shape, "left")
    box = (shape.left, shape.top, shape.width, shape.height) if has_box else ()
    return (shape.shape_id, shape.name, box, shape.text_frame.text if shape.has_text_frame else "")


def assert_only_pictures_were_added(before, after, report) -> None:
    filled = {slide["number"] for slide in report["slides"] if slide["slot"] and slide["slot"]["kind"] == "placeholder"}
    slides = list(zip(slides_of(before), slides_of(after), strict=True))
    for number, (old, new) in enumerate(slides, 1):
        was = [looks(shape) for shape in leaves(old)]
        stayed = [looks(shape) for shape in leaves(new) if not read_mark(shape.name)]
        if number in filled:
            assert len(was) - len(stayed) <= 1
            was = [shape for shape in was if shape in stayed]
        assert stayed == was, f"slide {number}"


@pytest.mark.parametrize("name", ANY)
def test_any_deck_gives_a_result_or_one_line(run, tmp_path, name):
    source = DECKS / name
    out = tmp_path / f"out{source.suffix}"
    before = source.read_bytes()
    report = outcome_of(run, source, out)
    assert source.read_bytes() == before
    if report is not None:
        assert_only_pictures_were_added(source, out, report)


@pytest.mark.parametrize("name", TALKS)
def test_an_everyday_deck_gets_pictures_that_cover_nothing(run, tmp_path, name):
    source, out = DECKS / name, tmp_path / "out.pptx"
    report = outcome_of(run, source, out)
    assert report is not None, "a talk has slides that want a picture"
    assert_only_pictures_were_added(source, out, report)
    presentation = Presentation(str(out))
    read = read_deck(out, open_deck(out))  # a frame is free where no line of its text is: its ink counts
    ours = our_pictures(out)
    assert len(ours) == min(PICTURES_A_DECK, report["planned"]) > 0
    for number, picture in ours.items():
        assert 0 <= picture.left < picture.left + picture.width <= presentation.slide_width
        assert 0 <= picture.top < picture.top + picture.height <= presentation.slide_height
        place = Box(left_emu=picture.left, top_emu=picture.top, width_emu=picture.width, height_emu=picture.height)
        others = [one for one in read.slides[number - 1].shapes if one.shape_id != picture.shape_id]
        assert [one.name for one in others if any(place.meets(ink) for ink in one.ink)] == []
