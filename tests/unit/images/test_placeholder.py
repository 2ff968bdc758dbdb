"""The card is marked as what it is, shows the prompt, and has the slot's shape."""

from __future__ import annotations

import pytest

from pipeline.images.checking import checked
from pipeline.images.placeholder import draw_card
from pipeline.records import ImageRequest, Theme

WHITE = Theme(background="FFFFFF", text="000000", accents=("4472C4",))
SHORT = "A red kite above a wide green valley in the morning."
LONG = " ".join(f"{number}. {SHORT}" for number in range(60))


def request(prompt=SHORT, aspect_ratio=1.5):
    return ImageRequest(
        prompt=prompt, subject="a kite", aspect_ratio=aspect_ratio, width_px=800, style="flat", theme=WHITE, seed=1
    )


@pytest.mark.parametrize("aspect_ratio", [0.2, 0.8, 1.0, 1.778, 6.0])
@pytest.mark.parametrize("prompt", [SHORT, LONG, "W" * 300, ""], ids=["short", "long", "one word", "none"])
def test_a_card_of_any_shape_holds_any_prompt(aspect_ratio, prompt):
    card = checked(draw_card(request(prompt, aspect_ratio)))
    assert card.width / card.height == pytest.approx(aspect_ratio, rel=0.01)


def test_the_prompt_is_on_it():
    assert draw_card(request("A red kite")) != draw_card(request("A blue boat"))


def test_nothing_is_written_over_the_edge():
    card = checked(draw_card(request(LONG, 0.5))).convert("L")
    edge = card.crop((0, card.height - card.height // 40, card.width, card.height))
    assert edge.getextrema()[0] > 60, "the edge is drawn in amber, the text would be darker"
