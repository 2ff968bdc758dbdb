"""What a user may rely on of the icons: they fit the words, and hold no letters and no trade marks."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from fonticon_mdi7 import MDI7
from hypothesis import given
from hypothesis import strategies as st

from pipeline.images import icons
from pipeline.images.canvas import glyph_mask
from pipeline.services.reading import read_shipped
from prompts import __file__ as prompts_file

TABLE = read_shipped(Path(prompts_file).with_name("concepts.yaml").read_text("utf-8"))
NAMES = [name for name in vars(MDI7) if not name.startswith("_")]
PARTS = sorted({part for name in NAMES for part in name.split("_")})
CURATED = {icon for concept in TABLE["concepts"] for icon in concept["icons"]}


def found(text: str, seed: int = 0) -> tuple[str, ...]:
    return icons.find(text, Random(seed))


@pytest.mark.parametrize(
    ("text", "fitting"),
    [
        (
            "A calm composition around a padlock and a cloud",
            [{"lock", "shield-lock", "security"}, {"cloud", "cloud-sync"}],
        ),
        (
            "NEURAL NETWORK ARCHITECTURE DIAGRAM, isometric 3D view",
            [{"brain"}, {"lan", "graph", "graph-outline", "sitemap"}],
        ),
        ("A lighthouse above a stormy harbour", [{"lighthouse"}]),
        ("a red fire hydrant", [{"fire", "campfire", "fire-extinguisher"}, {"fire-hydrant"}]),
        ("two violins", [{"violin"}]),
        ("three cities", [{"city", "city-variant", "home-city"}]),
    ],
)
def test_icons_fit_the_words_in_their_order(text: str, fitting: list[set[str]]) -> None:
    assert all(icon in choice for icon, choice in zip(found(text), fitting, strict=False))
    assert len(found(text)) >= len(fitting)


@pytest.mark.parametrize(
    "text", ["", "A calm abstract composition of soft shapes", "xyzzy", "лес", "isometric 3D view, teal palette"]
)
def test_words_that_name_nothing_give_no_icon(text: str) -> None:
    assert found(text) == ()


@given(
    st.lists(st.sampled_from(PARTS), max_size=4),
    st.integers(0, 9),
)
def test_brands_letters_and_buttons_are_never_chosen(words: list[str], seed: int) -> None:
    forbidden = {
        "github",
        "microsoft",
        "google",
        "facebook",
        "apple",
        "alpha",
        "numeric",
        "format",
        "off",
        "arrow",
        "flag",
    }
    for icon in found(" ".join(words), seed):
        assert icon in CURATED or not forbidden.intersection(icon.split("-"))


@given(st.text(max_size=80), st.integers(0, 9))
def test_at_most_three_icons_all_different_and_all_drawable(text: str, seed: int) -> None:
    chosen = found(text, seed)
    assert len(chosen) == len(set(chosen)) <= 3
    assert all(len(icons.character(icon)) == 1 for icon in chosen)


def test_a_thing_named_twice_is_shown_once() -> None:
    assert all(len(found("a padlock, a padlock and security", seed)) == 1 for seed in range(5))


def test_every_icon_the_table_asks_for_exists_and_has_ink() -> None:
    for concept in TABLE["concepts"]:
        for icon in concept["icons"]:
            assert glyph_mask(icons.character(icon), 32).getbbox(), icon


def test_every_subject_the_offline_writer_can_name_leads_to_its_own_icon() -> None:
    for concept in TABLE["concepts"]:
        assert found(concept["subject"])[0] in concept["icons"], concept["subject"]
    for thing in TABLE["things"]:
        assert found(f"a {thing}"), thing
