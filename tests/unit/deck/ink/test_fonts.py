"""Which face stands in for a typeface, and how wide its letters are on whatever machine this runs."""

from __future__ import annotations

import pytest

from pipeline.deck.ink import fonts, metrics
from pipeline.deck.ink.clusters import Kind, clusters
from pipeline.deck.ink.text_styles import RunStyle
from pipeline.deck.ink.theme_fonts import script_of
from tests.unit.deck.ink.typeset import paragraph, theme, xml


def regular(typeface, sample=""):
    return metrics.face(typeface, is_bold=False, is_italic=False, sample=sample)


def pieces(text, style=None):
    return clusters(xml(paragraph(text)), style or RunStyle(), theme("Arial"))


def test_wide_letters_are_wider_than_narrow_ones():
    assert regular("Arial").width_em("WWWW") > 2 * regular("Arial").width_em("iiii")


def test_without_fonts_letters_are_measured_with_what_pillow_brings(monkeypatch):
    monkeypatch.setattr(fonts, "fontconfig", None)
    assert fonts.find_font.__wrapped__("Calibri", is_bold=False, is_italic=False, sample="") is None
    built_in = metrics.Face(None)
    assert 0.3 < built_in.width_em("n") < 0.8
    assert metrics.Face(None, has_glyphs=False).width_em("漢字") == pytest.approx(2)


def test_a_font_file_that_cannot_be_read_counts_as_none(tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    file = fonts.FontFile(path=str(broken), index=0, is_faithful=True, lacks_bold=False)
    assert metrics.Face(file).width_em("n") == metrics.Face(None).width_em("n")


def test_on_windows_names_lead_to_files():
    installed = {"calibri": "calibri.ttf", "calibri bold": "calibrib.ttf", "verdana": "verdana.ttf"}
    found = [
        fonts._by_name(installed, name, is_bold=bold, is_italic=False)
        for name, bold in (("Calibri", True), ("Verdana", True), ("Unknown", False))
    ]
    assert [one.path for one in found] == ["calibrib.ttf", "verdana.ttf", "verdana.ttf"]
    assert [one.lacks_bold for one in found] == [False, True, False]
    assert [one.is_faithful for one in found] == [True, True, False]


def test_bold_without_a_bold_face_is_thickened():
    file = fonts.find_font("Arial", is_bold=False, is_italic=False, sample="")
    if file is None:
        pytest.skip("this machine has no fonts")
    thick = fonts.FontFile(path=file.path, index=file.index, is_faithful=True, lacks_bold=True)
    assert metrics.Face(thick).width_em("word") > metrics.Face(file).width_em("word")


def test_east_asian_letters_are_a_square_wide():
    assert regular("Arial", "一").width_em("漢字") == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize(
    ("letter", "code"),
    [
        *[("a", "Latn"), ("ж", "Latn"), ("ש", "Hebr"), ("ع", "Arab"), ("ก", "Thai")],
        *[("漢", "Hans"), ("か", "Jpan"), ("한", "Hang"), ("→", "Zsym")],
    ],
)
def test_letters_know_their_script(letter, code):
    assert script_of(letter).code == code


def test_theme_fonts_resolve_by_slot_and_by_script():
    fonts_of_theme = theme("Georgia", "", "MS Gothic")
    assert fonts_of_theme.typeface("+mj-lt", script_of("a")) == "Georgia"
    assert fonts_of_theme.typeface("+mn-ea", script_of("か")) == "MS Gothic"
    assert fonts_of_theme.typeface("+mn-ea", script_of("漢")) == ""
    assert fonts_of_theme.typeface("Verdana", script_of("a")) == "Verdana"


def test_words_are_pieces_and_runs_do_not_part_them():
    assert len(pieces("three short words")) == 3
    glued = xml("<a:p><a:r><a:t>un</a:t></a:r><a:r><a:rPr b='1'/><a:t>broken</a:t></a:r></a:p>")
    assert len(clusters(glued, RunStyle(), theme("Arial"))) == 1


def test_lines_may_end_after_a_dash_and_between_east_asian_letters():
    assert len(pieces("well-known")) == 2
    assert len(pieces("漢字か。")) == 3


def test_tabs_and_breaks_are_pieces_of_their_own():
    kinds = [piece.kind for piece in pieces("a\tb")]
    assert kinds == [Kind.WORD, Kind.TAB, Kind.WORD]
