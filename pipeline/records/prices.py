"""What a plan will cost."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.records.plans import SlidePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class SlidePrice:
    """US dollars for one slide's prompt and picture, about; None where a price is not known.

    What is in the store costs nothing; `has_prompt` and `has_picture` say that it is. `declined` is why the prompt
    writer found the slide not worth a picture, where that is known already.
    """

    number: int
    prompt_usd: float | None = 0.0
    image_usd: float | None = 0.0
    has_prompt: bool = False
    has_picture: bool = False
    declined: str = ""

    @property
    def usd(self) -> float | None:
        """Both together."""
        return None if self.prompt_usd is None or self.image_usd is None else self.prompt_usd + self.image_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A plan with its prices, one for each planned slide in slide order.

    `offline` where every picture is drawn on this machine. `credits` is what the pictures to be made come to by
    `budget.credits_per_image`, None where that is not set. `exceeds` names the budgets that it does not fit.
    """

    plans: tuple[SlidePlan, ...]
    prices: tuple[SlidePrice, ...]
    offline: bool
    notices: tuple[str, ...] = ()
    credits: float | None = None
    exceeds: tuple[str, ...] = ()

    @property
    def usd(self) -> float | None:
        """All slides together; None where a price is not known."""
        known = [price.usd for price in self.prices if price.usd is not None]
        return sum(known) if len(known) == len(self.prices) else None

    @property
    def pictures_to_make(self) -> int:
        """How many pictures are still to be asked for."""
        return sum(not price.has_picture and not price.declined for price in self.prices)
