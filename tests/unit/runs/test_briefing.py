"""What the writer is told of each slide, and that a style nobody knows is told before anything is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import UsageError
from pipeline.prompting.templates import load_styles
from pipeline.records import Cover, Ground, NotesOverride, PictureFinish, Slot, SlotKind, TextPlace
from pipeline.runs.briefing import make_jobs, unknown_styles
from tests.builders import box, deck, plan, shape, slide

STYLES = load_styles(None)


def jobs_of(*plans, style="flat", finish=None, takes_transparency=True):
    whole = replace(deck(*(one.slide for one in plans)), finish=finish)
    return make_jobs(whole, plans, STYLES, style, takes_transparency=takes_transparency)


def test_only_slides_that_get_a_picture_become_jobs_in_slide_order():
    assert list(jobs_of(plan(2), plan(3, slot=None), plan(4))) == [2, 4]


def test_the_brief_tells_slide_deck_palette_and_shape():
    job = jobs_of(plan(2), plan(3))[3]
    brief = job.brief
    assert (brief.slide_number, brief.title, brief.body) == (3, "How topic 3 works", slide(3).body)
    assert (brief.deck_title, brief.outline) == ("A deck", ("How topic 2 works", "How topic 3 works"))
    assert brief.theme == slide(3).theme
    assert brief.aspect_ratio == 1.25
    assert brief.wish == brief.complaint == ""
    assert job.slot == plan(3).slot


def test_a_slide_without_a_language_has_the_decks():
    assert jobs_of(plan(2, slide=slide(2, language="")))[2].brief.language == "en"
    assert jobs_of(plan(2, slide=slide(2, language="ru")))[2].brief.language == "ru"


def test_the_notes_style_goes_before_the_decks():
    other = next(name for name in STYLES if name != "flat")
    jobs = jobs_of(plan(2, override=NotesOverride(style=other)), plan(3))
    assert (jobs[2].style.name, jobs[2].brief.style) == (other, other)
    assert jobs[2].own_style == jobs[2].style
    assert jobs[3].style.name == "flat"
    assert jobs[3].own_style is None


def test_a_persons_own_prompt_travels_with_the_job():
    assert jobs_of(plan(2, override=NotesOverride(prompt="a fox")))[2].own_prompt == "a fox"


def test_a_style_nobody_knows_is_told_with_those_there_are():
    with pytest.raises(UsageError, match=r"^style: no style 'cubist'; there are .*flat"):
        jobs_of(plan(2), style="cubist")


def test_a_style_in_the_notes_that_is_none_of_ours_is_told_and_passed_over():
    """ "Style: informal" is what a speaker writes for herself; it must not refuse the deck."""
    plans = [plan(2, override=NotesOverride(style="informal")), plan(3)]
    assert jobs_of(*plans)[2].style.name == "flat"
    assert [line.partition(":")[0] for line in unknown_styles(plans, STYLES)] == ["slide 2"]


def test_the_same_slide_has_the_same_seed_and_another_slide_another():
    def seed(one):
        return jobs_of(plan(2, slide=one))[2].brief.seed

    same = slide(2)
    assert seed(same) == seed(slide(2))
    assert seed(same) == 1293651750, "it is the same on every machine and in every version"
    assert (
        len({seed(same), seed(slide(2, title="Other")), seed(slide(2, slide_id=999)), seed(slide(2, body=("a",)))}) == 4
    )


def test_a_picture_asked_for_in_the_notes_is_a_wish_the_writer_must_not_decline():
    jobs = jobs_of(plan(2), plan(3, override=NotesOverride(illustrate=True)))
    assert [bool(jobs[number].brief.wish) for number in (2, 3)] == [False, True]


GRADIENT = slide(2, has_plain_background=False)
COVER = Slot(kind=SlotKind.COVER, box=box(0, 0, 13, 7))


@pytest.mark.parametrize(
    ("style", "changes", "takes_transparency", "ground"),
    [
        ("flat", {}, True, Ground.TRANSPARENT),
        ("flat", {}, False, Ground.PLAIN),
        ("flat", {"slide": GRADIENT}, True, Ground.TRANSPARENT),
        ("flat", {"slide": GRADIENT}, False, Ground.SCENE),
        ("flat", {"slot": COVER}, True, Ground.SCENE),
        ("photo", {}, True, Ground.SCENE),
        ("photo", {"override": NotesOverride(style="clay")}, False, Ground.PLAIN),
        ("flat", {"override": NotesOverride(prompt="a fox in a wood")}, True, Ground.SCENE),
        ("photo", {"override": NotesOverride(prompt="a fox", style="flat")}, True, Ground.TRANSPARENT),
    ],
)
def test_a_lone_subject_stands_on_the_slides_own_ground(style, changes, takes_transparency, ground):
    job = jobs_of(plan(2, **changes), style=style, takes_transparency=takes_transparency)[2]
    assert job.brief.ground is ground


def test_the_ground_is_the_slides_and_not_the_themes():
    brief = jobs_of(plan(2, slide=slide(2, background="0F172A")))[2].brief
    assert brief.theme.background == "0F172A"
    assert brief.theme.accents == slide(2).theme.accents


ROUNDED = PictureFinish(corner_share=0.1)


@pytest.mark.parametrize(
    ("style", "own", "changes", "finish"),
    [
        ("photo", ROUNDED, {}, ROUNDED),
        ("photo", PictureFinish(), {}, PictureFinish()),
        ("photo", None, {}, STYLES["photo"].finish.on(slide().theme)),
        ("flat", ROUNDED, {}, PictureFinish()),
        ("photo", ROUNDED, {"slot": COVER}, PictureFinish()),
    ],
    ids=["as the deck's", "plain as the deck's", "the style's", "nothing round nothing", "a cover"],
)
def test_a_picture_is_finished_like_the_decks_own_else_as_the_style_has_it(style, own, changes, finish):
    assert jobs_of(plan(2, **changes), style=style, finish=own)[2].finish == finish


def test_a_cover_is_told_to_the_writer_and_carries_the_texts_over_it():
    title = shape(box(1, 2, 8, 1), text="Rivers", text_colours=("FFFFFF",))
    one = plan(
        1, slide=slide(1, title, background="0B1B3A"), slot=Slot(kind=SlotKind.COVER, box=box(0, 0, 13.333, 7.5))
    )
    jobs = jobs_of(one, plan(2))
    assert [jobs[number].brief.is_cover for number in (1, 2)] == [True, False]
    assert jobs[1].cover == Cover(ground="0B1B3A", texts=(TextPlace(box=title.ink[0], colour="FFFFFF"),))
    assert jobs[2].cover is None
    assert jobs[1].finish == PictureFinish()
