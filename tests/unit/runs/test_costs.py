"""A plan's price: each slide's, with nothing for what the store has, and what no budget allows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from pptx import Presentation
from pptx.util import Inches

from pipeline.config.loader import load_configuration
from pipeline.errors import UsageError
from pipeline.prompting.writing import Limits
from pipeline.records import GeneratedImage, WriterAnswer
from pipeline.runs.costs import quote_for
from pipeline.runs.drawing import image_request
from pipeline.runs.keeping import open_keeping
from pipeline.runs.preparing import Order, prepare
from pipeline.runs.spending.attempts import Call
from pipeline.runs.spending.foresight import Foresight
from pipeline.runs.writing import Wording
from tests.clocks import ManualClock
from tests.fakes.pictures import picture
from tests.unit.runs.paying import Till

KEYS = {"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": "sk-2"}
ANSWER = WriterAnswer(
    worth_illustrating=True, reason="", prompt="A red kite above a wide green valley", alt_text="A kite", cost_usd=0.002
)
DECLINED = WriterAnswer(worth_illustrating=False, reason="only figures", prompt="", alt_text="")
# The slot is nearly square; with a usual prompt.
MEDIUM_USD = 0.01377


@pytest.fixture
def deck(tmp_path):
    """Three slides with room for a picture, two of which say the same."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    for words in ("Rain falls on the hills", "Rain falls on the hills", "Rivers carry it to the sea"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        title, body = slide.shapes.title, slide.placeholders[1]
        title.left, title.top, title.width, title.height = map(Inches, (0.5, 0.4, 12, 1))
        body.left, body.top, body.width, body.height = map(Inches, (0.5, 1.6, 6, 5))
        title.text, body.text_frame.text = words, f"{words}, all year"
    path = tmp_path / "deck.pptx"
    presentation.save(str(path))
    return path


class Shop:
    """A person's settings and what they have kept."""

    def __init__(self, deck):
        self.order, self.clock = Order(input=deck, force=True), ManualClock()

    def configured(self, **settings):
        dotted = {key.replace("__", "."): value for key, value in settings.items()}
        return load_configuration(None, dotted, KEYS)

    def quote(self, **settings):
        return quote_for(self.order, self.configured(**settings), self.clock)

    def keep(self, number, answer=ANSWER, *, with_picture=True):
        """As if the slide had been made."""
        configuration = self.configured()
        with closing(open_keeping(configuration, "earlier", self.clock, print)) as keeping:
            prepared = prepare(self.order, configuration, self.clock, keeping.store)
            with closing(prepared.services), closing(prepared.file):
                job, painter = prepared.jobs[number], prepared.services.painters[0]
                keeping.store.keep_answer(prepared.services.writer.request(job.brief), answer)
                if not with_picture:
                    return
                limits = Limits(max_chars=prepared.services.prompt_limit_chars, prohibited=prepared.prohibited)
                prompt = Wording(ask=lambda *_: answer, limits=limits).prompt_of(job, [])
                asked = image_request(job, prompt, configuration.settings.layout.max_px_per_in)
                image = GeneratedImage(
                    data=picture("kite", 1024, 1024), provider=painter.name, model=painter.model, cost_usd=MEDIUM_USD
                )
                keeping.store.keep_picture(painter.request(asked), image)


@pytest.fixture
def shop(deck):
    return Shop(deck)


def test_what_two_slides_share_is_priced_once(shop):
    quote = shop.quote(budget__credits_per_image=2.0)
    first, second, third = quote.prices
    assert (first.image_usd, second.image_usd, third.image_usd) == (MEDIUM_USD, 0.0, MEDIUM_USD)
    assert first.prompt_usd > 0
    assert second.prompt_usd == 0.0
    assert quote.usd == pytest.approx(first.usd + third.usd)
    assert (quote.pictures_to_make, quote.credits, quote.exceeds) == (2, 4.0, ())


def test_nothing_is_made_on_disk_by_asking(shop, tmp_path):
    shop.quote(budget__max_usd_per_day=1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["deck.pptx"]
    assert not tmp_path.with_name(f"{tmp_path.name}.home").exists()


def test_what_is_kept_costs_nothing(shop):
    shop.keep(1)
    shop.keep(3, replace(ANSWER, prompt="A white boat on a calm blue lake"), with_picture=False)
    first, second, third = shop.quote().prices
    assert (first.usd, first.has_prompt, first.has_picture) == (0.0, True, True)
    assert (second.usd, second.has_prompt, second.has_picture) == (0.0, True, True)
    assert (third.usd, third.has_prompt, third.has_picture) == (MEDIUM_USD, True, False)


def test_a_slide_known_to_want_no_picture_costs_nothing(shop):
    shop.keep(
        3, WriterAnswer(worth_illustrating=False, reason="only figures", prompt="", alt_text=""), with_picture=False
    )
    quote = shop.quote()
    assert (quote.prices[2].declined, quote.prices[2].usd) == ("only figures", 0.0)
    assert quote.pictures_to_make == 1


def test_budgets_it_does_not_fit_are_named_with_what_is_spent(shop):
    till = Till(shop.configured().data, clock=shop.clock)
    with closing(till.history):
        usual = shop_picture(shop)
        till.pay(usual, usd=0.02)
    exceeds = shop.quote(budget__max_usd_per_run=0.015, budget__max_usd_per_day=0.05, budget__max_images_per_day=2)
    assert exceeds.exceeds == (
        f"budget.max_usd_per_run: $0.0150, of which $0.0000 is spent; this costs about ${exceeds.usd:.4f}",
        f"budget.max_usd_per_day: $0.0500, of which $0.0200 is spent; this costs about ${exceeds.usd:.4f}",
        "budget.max_images_per_day: 2, of which 1 are made; this makes 2",
    )
    # What such a picture was seen to cost counts, not what is listed.
    assert exceeds.prices[0].image_usd == 0.02


def test_what_costs_nothing_fits_a_budget_that_is_used_up(shop):
    for number in (1, 3):
        shop.keep(
            number, WriterAnswer(worth_illustrating=False, reason="no", prompt="", alt_text=""), with_picture=False
        )
    assert shop.quote(budget__max_usd_per_day=0.0, budget__max_images_per_day=0).exceeds == ()


def test_a_price_that_is_not_known_is_no_sum(shop):
    quote = shop.quote(images__model="openai/gpt-image-99", budget__max_images_per_day=2)
    assert (quote.usd, quote.prices[0].image_usd, quote.exceeds) == (None, None, ())
    with pytest.raises(UsageError, match="the price of openai/gpt-image-99 is not known"):
        shop.quote(images__model="openai/gpt-image-99", budget__max_usd_per_run=2.0)


def shop_picture(shop) -> Call:
    """The call for a picture of the deck, as a run would make it."""
    configuration = shop.configured()
    with closing(open_keeping(configuration, "", shop.clock, print)) as keeping:
        prepared = prepare(shop.order, configuration, shop.clock, keeping.store)
        with closing(prepared.services), closing(prepared.file):
            painters = prepared.services.painters
            px = configuration.settings.layout.max_px_per_in
            return Foresight(painters=painters, store=keeping.store, max_px_per_in=px).call(prepared.jobs[1])
