"""What the writer is told of each slide, and that a style nobody knows is told before anything is called."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.prompting.templates import load_styles
from pipeline.records import NotesOverride
from pipeline.runs.briefing import make_jobs, unknown_styles
from tests.builders import deck, plan, slide

STYLES = load_styles(None)


def jobs_of(*plans, style="flat"):
    return make_jobs(deck(*(one.slide for one in plans)), plans, STYLES, style)


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
