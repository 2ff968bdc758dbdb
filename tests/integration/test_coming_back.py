"""A finished deck comes back: nothing is paid for twice, a person's changes stand, and all of ours can be taken out."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.util import Inches

from pipeline.cli import main
from tests.conftest import ROOT
from tests.integration.conftest import COARSE
from tests.integration.support import our_pictures, parts_of

SOFFICE = shutil.which("soffice")
NEW_WORDS = "Glaciers grind whole mountains down to sand"


@pytest.fixture
def run(run):
    """The conftest's, with coarse pictures."""
    return partial(run, config=COARSE)


@pytest.fixture
def finished(illustrate, out) -> Path:
    """A deck of a title slide and three slides with our pictures."""
    assert illustrate(3, "--offline").code == 0
    return out


@pytest.fixture
def strip(capsys):
    """Take our pictures out, as a user types it."""

    def call(deck: Path, *words: object) -> dict[str, object]:
        main(["strip", str(deck), "--json", *map(str, words)])
        return json.loads(capsys.readouterr().out)

    return call


def edited(path: Path, edit, slide: int = 2) -> Path:
    """`path` after a person did `edit` to one slide and its picture of ours."""
    presentation = Presentation(str(path))
    one = presentation.slides[slide - 1]
    edit(one, next(shape for shape in one.shapes if shape.shape_id == our_pictures(path)[slide].shape_id))
    presentation.save(str(path))
    return path


def rewrite(slide, _picture) -> None:
    slide.placeholders[1].text_frame.text = NEW_WORDS


def delete(_slide, picture) -> None:
    picture._element.getparent().remove(picture._element)


def edges(path: Path, slide: int) -> tuple[int, ...]:
    picture = our_pictures(path)[slide]
    return picture.left, picture.top, picture.width, picture.height


def test_a_second_run_calls_nobody_and_changes_nothing(run, services, finished, tmp_path):
    claude, openai = services
    again = run(finished, "-o", tmp_path / "again.pptx")
    assert again.code == 3
    assert not claude.requests
    assert not openai.requests
    assert not (tmp_path / "again.pptx").exists()


def test_only_the_slide_that_was_edited_is_renewed(run, services, finished, tmp_path):
    claude, openai = services
    before = edited(finished, rewrite)
    again = run(before, "-o", tmp_path / "again.pptx")
    assert again.code == 0, again.err
    assert [slide["number"] for slide in again.report["slides"] if slide["status"] == "illustrated"] == [2]
    assert len(claude.requests) == len(openai.requests) == 1
    old, new = our_pictures(before), our_pictures(tmp_path / "again.pptx")
    assert {number: old[number].image.sha1 == new[number].image.sha1 for number in old} == {2: False, 3: True, 4: True}
    assert old[2].shape_id == new[2].shape_id
    assert run(tmp_path / "again.pptx", "-o", tmp_path / "third.pptx").code == 3


def test_the_old_picture_leaves_the_file(run, finished, tmp_path):
    before = edited(finished, rewrite)
    run(before, "-o", tmp_path / "again.pptx", "--offline")
    media = [name for name in parts_of(tmp_path / "again.pptx") if "/media/" in name]
    assert len(media) == 3


def test_a_picture_that_was_moved_and_resized_keeps_its_place(run, finished, tmp_path):
    def move(slide, picture) -> None:
        picture.left, picture.top = Inches(7.5), Inches(5)
        picture.width, picture.height = Inches(3), Inches(2)
        rewrite(slide, picture)

    before = edited(finished, move)
    assert run(before, "-o", tmp_path / "again.pptx", "--offline").code == 0
    assert edges(tmp_path / "again.pptx", 2) == edges(before, 2)
    picture = our_pictures(tmp_path / "again.pptx")[2]
    assert picture.width / picture.height == pytest.approx(picture.image.size[0] / picture.image.size[1], rel=0.02)


def test_a_moved_picture_keeps_its_place_ever_after(run, finished, tmp_path):
    def move(slide, picture) -> None:
        picture.left = Inches(8)
        rewrite(slide, picture)

    run(edited(finished, move), "-o", tmp_path / "again.pptx", "--offline")

    def rewrite_more(slide, _picture) -> None:
        slide.placeholders[1].text_frame.text = "Lakes keep what the rivers bring"

    run(edited(tmp_path / "again.pptx", rewrite_more), "-o", tmp_path / "third.pptx", "--offline")
    assert edges(tmp_path / "third.pptx", 2) == edges(finished, 2)


def test_a_picture_that_was_turned_is_not_stretched(run, finished, tmp_path):
    def turn(slide, picture) -> None:
        picture.rotation = 90
        rewrite(slide, picture)

    assert run(edited(finished, turn), "-o", tmp_path / "again.pptx", "--offline").code == 0
    picture = our_pictures(tmp_path / "again.pptx")[2]
    assert picture.rotation == 90
    assert picture.width / picture.height == pytest.approx(picture.image.size[0] / picture.image.size[1], rel=0.02)


@pytest.mark.parametrize("number", [5, 12])
def test_a_picture_in_a_place_of_the_decks_own_stays_there(run, tmp_path, number):
    """A placeholder it filled, a text "[Image here]" it stood in for."""
    done, again = tmp_path / "done.pptx", tmp_path / "again.pptx"
    run(ROOT / "samples" / "river-report.pptx", "-o", done, "--offline", "--slides", str(number))
    before = our_pictures(done)[number]

    def add_a_word(slide, _picture) -> None:
        slide.shapes.title.text_frame.text = "New words"

    assert run(edited(done, add_a_word, slide=number), "-o", again, "--offline", "--slides", str(number)).code == 0
    after = our_pictures(again)[number]
    assert edges(again, number) == edges(done, number)
    assert after.is_placeholder == before.is_placeholder
    assert after.image.sha1 != before.image.sha1


def test_a_picture_that_was_deleted_stays_away(run, finished, tmp_path):
    again = run(edited(finished, delete), "-o", tmp_path / "again.pptx", "--offline")
    assert again.code == 3
    assert "left out" in again.slide(2)["reason"]


def test_a_picture_that_was_replaced_by_hand_is_the_persons(run, strip, finished, tmp_path):
    def replace(slide, picture) -> None:
        other = slide.part.get_or_add_image_part(str(ROOT / "samples" / "before-after.png"))[1]
        picture._element.blipFill.blip.rEmbed = other
        rewrite(slide, picture)

    deck = edited(finished, replace)
    again = run(deck, "-o", tmp_path / "again.pptx", "--offline")
    assert again.code == 3
    assert again.slide(2)["reason"] == "its picture was replaced by hand"
    assert strip(deck)["removed"] == 2


def test_a_slide_that_was_added_since_gets_its_picture(run, finished, tmp_path):
    def add(slide, _picture) -> None:
        presentation = slide.part.package.presentation_part.presentation
        new = presentation.slides.add_slide(presentation.slide_layouts[1])
        new.shapes.title.text = "What glaciers do"
        new.placeholders[1].text_frame.text = "Ice moves slowly"

    again = run(edited(finished, add), "-o", tmp_path / "again.pptx", "--offline")
    assert [slide["number"] for slide in again.report["slides"] if slide["status"] == "illustrated"] == [5]


@pytest.mark.parametrize("sample", ["river-report", "lecture-4x3"])
def test_strip_gives_every_part_back_as_it_was(run, strip, tmp_path, sample):
    """Free pictures, a filled placeholder and one that took the place of "[Image here]"."""
    source, done, back = ROOT / "samples" / f"{sample}.pptx", tmp_path / "done.pptx", tmp_path / "back.pptx"
    assert run(source, "-o", done, "--offline").code == 0
    assert run(done, "-o", tmp_path / "again.pptx", "--offline").code == 3
    report = strip(done, "-o", back)
    assert report["exit_code"] == 0
    assert report["removed"] == len(our_pictures(done)) > 0
    assert list(parts_of(back).items()) == list(parts_of(source).items())


def test_strip_after_a_renewal_gives_the_edited_deck_back(run, strip, make_deck, tmp_path):
    done = tmp_path / "done.pptx"
    run(make_deck(2), "-o", done, "--offline")
    before = parts_of(strip_to(strip, edited(done, rewrite), tmp_path / "edited.pptx"))
    run(done, "-o", tmp_path / "again.pptx", "--offline")
    assert parts_of(strip_to(strip, tmp_path / "again.pptx", tmp_path / "back.pptx")) == before


def strip_to(strip, deck: Path, target: Path) -> Path:
    assert strip(deck, "-o", target)["exit_code"] == 0
    return target


def test_strip_leaves_a_deck_without_our_pictures_alone(strip, make_deck, tmp_path):
    source = make_deck(1)
    assert strip(source) == {"exit_code": 3, "input": str(source), "output": None, "removed": 0}
    assert not (tmp_path / "deck.stripped.pptx").exists()


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed; .ci/run installs it")
@pytest.mark.timeout(180)
def test_a_deck_saved_by_libreoffice_is_still_finished(run, strip, tmp_path):
    """Free pictures and filled placeholders both; what was edited there is renewed, and all can be taken out."""
    finished = [tmp_path / f"{sample}.pptx" for sample in ("river-report", "lecture-4x3")]
    for done in finished:
        run(ROOT / "samples" / done.name, "-o", done, "--offline", "--slides", "4-12")
    subprocess.run(
        [SOFFICE, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pptx",
         "--outdir", tmp_path / "resaved", *finished],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    for done in finished:
        resaved = tmp_path / "resaved" / done.name
        again = run(resaved, "--offline")
        assert again.code == 3, again.report
        reasons = [slide["reason"] for slide in again.report["slides"]]
        ours = our_pictures(done)
        assert reasons.count("already illustrated by an earlier run") == len(ours) > 0
        assert strip(resaved)["removed"] == len(ours)
        assert not our_pictures(resaved.with_name(f"{resaved.stem}.stripped.pptx"))
