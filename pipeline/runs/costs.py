"""What a plan will cost, before anything is called: what the store has costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

from pipeline.config.loader import Configuration
from pipeline.config.settings import Settings
from pipeline.engine.clock import Clock
from pipeline.records import Declined, Request
from pipeline.records.prices import Quote, SlidePrice
from pipeline.runs.assembly import foresight_of, limits_of
from pipeline.runs.jobs import SlideJob
from pipeline.runs.keeping import Keeping, open_keeping
from pipeline.runs.preparing import Order, PreparedDeck, prepare
from pipeline.runs.spending.attempts import Call
from pipeline.runs.spending.budgets import account_of, bounds_of
from pipeline.runs.spending.prices import Prices
from pipeline.runs.writing import known_prompt
from pipeline.store.history import Bound, History

# Sums of prices like 0.1 are not exact.
_TOLERANCE_USD = 1e-9


def quote_for(order: Order, configuration: Configuration, clock: Clock) -> Quote:
    """The plan of `order` and its price; the first of a chain is taken to make what is missing.

    Calls nothing, writes nothing. Raises PipelineError where the run could not begin either.
    """
    settings = configuration.settings
    notices: list[str] = []
    with closing(open_keeping(configuration, "", clock, notices.append)) as keeping:
        prepared = prepare(order, configuration, clock, keeping.store)
        with closing(prepared.services), closing(prepared.file):
            shares = _shares(prepared) if order.batch else (1.0, 1.0)
            prices = tuple(_Pricing(prepared, keeping, settings, shares, clock).prices())
        quote = Quote(plans=prepared.plans, prices=prices, offline=prepared.services.are_offline)
        bounds = bounds_of(settings.budget, account_of(order.input, "", settings.project), clock.now())
        exceeds = tuple(_exceeded(quote, bounds, keeping.history))
    a_picture = settings.budget.credits_per_image
    return replace(
        quote,
        notices=(*prepared.notices, *notices),
        credits=None if a_picture is None else quote.pictures_to_make * a_picture,
        exceeds=exceeds,
    )


def _exceeded(quote: Quote, bounds: Iterable[Bound], history: History) -> Iterator[str]:
    """What a person should know of each budget the plan does not fit; what costs nothing fits any."""
    for bound in bounds:
        spent, usd = history.spent(bound.scope), quote.usd or 0.0
        if bound.max_usd is not None and usd and spent.usd + usd > bound.max_usd + _TOLERANCE_USD:
            so_far = f"${bound.max_usd:.4f}, of which ${spent.usd:.4f} is spent"
            yield f"{bound.name}: {so_far}; this costs about ${usd:.4f}"
        pictures = quote.pictures_to_make
        if bound.max_images is not None and pictures and spent.images + pictures > bound.max_images:
            yield f"{bound.name}: {bound.max_images}, of which {spent.images} are made; this makes {pictures}"


def _shares(prepared: PreparedDeck) -> tuple[float, float]:
    """What prompts and pictures cost in batches, as shares of their usual prices."""
    from pipeline.runs.batches.lanes import lanes_of  # noqa: PLC0415 - loads both SDKs, which takes seconds

    lanes = lanes_of(prepared.services)
    return (
        lanes.prompts.price_share if lanes.prompts else 1.0,
        lanes.pictures.price_share if lanes.pictures else 1.0,
    )


class _Pricing:
    """Goes through the slides as a run does, and counts what two slides share once."""

    def __init__(
        self,
        prepared: PreparedDeck,
        keeping: Keeping,
        settings: Settings,
        shares: tuple[float, float],
        clock: Clock,
    ) -> None:
        """`shares` of the usual prices are what prompts and pictures cost."""
        self._prepared = prepared
        self._store = keeping.store
        self._seen = Prices(keeping.history, clock.now())
        self._prompt_share, self._picture_share = shares
        self._writer = prepared.services.writer
        self._foresight = foresight_of(prepared, keeping.store, settings)
        self._limits = limits_of(prepared)
        self._counted: set[str] = set()

    def prices(self) -> Iterator[SlidePrice]:
        for number, job in self._prepared.jobs.items():
            prompt = known_prompt(job, self._writer, self._store, self._limits)
            if isinstance(prompt, Declined):
                yield SlidePrice(number=number, has_prompt=True, declined=prompt.reason)
            elif prompt is None:
                yield self._price_of_both(job)
            else:
                picture = self._foresight.call(job, prompt)
                has_picture = self._foresight.is_kept(job, prompt) or self._is_counted(picture.request.key)
                image_usd = 0.0 if has_picture else self._picture_usd(picture)
                yield SlidePrice(number=number, image_usd=image_usd, has_prompt=True, has_picture=has_picture)

    def _price_of_both(self, job: SlideJob) -> SlidePrice:
        """Of a slide nobody asked for yet. One before it that says the same gets the same prompt and picture."""
        number, picture, asked = job.brief.slide_number, self._foresight.call(job), self._writer.request(job.brief)
        has_prompt = self._is_counted(asked.key)
        has_picture = self._is_counted(asked.key + picture.request.key)
        return SlidePrice(
            number=number,
            prompt_usd=0.0 if has_prompt else self._prompt_usd(job, asked),
            image_usd=0.0 if has_picture else self._picture_usd(picture),
            has_prompt=has_prompt,
            has_picture=has_picture,
        )

    def _prompt_usd(self, job: SlideJob, asked: Request) -> float | None:
        return _share_of(self._seen.of(asked, self._writer.estimate_usd(job.brief)), self._prompt_share)

    def _picture_usd(self, picture: Call) -> float | None:
        return _share_of(self._seen.of(picture.request, picture.price_usd), self._picture_share)

    def _is_counted(self, key: str) -> bool:
        before = len(self._counted)
        self._counted.add(key)
        return len(self._counted) == before


def _share_of(usd: float | None, share: float) -> float | None:
    return None if usd is None else usd * share
