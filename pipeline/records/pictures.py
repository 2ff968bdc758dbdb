"""From the brief to the picture: what goes to the prompt writer and the image service, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.records.requests import Tokens
from pipeline.records.services import Allowance
from pipeline.records.slides import Theme


class Ground(StrEnum):
    """What the subject of a picture stands on: a scene of its own, the slide's background colour, nothing at all."""

    SCENE = "scene"
    PLAIN = "plain"
    TRANSPARENT = "transparent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What the prompt writer is told of one slide.

    `wish` is a person's own prompt in the notes that was not English, "" for none. `complaint` says what was
    wrong with the writer's last answer, "" at the first asking. `seed` is the same for the same slide always.
    `is_cover` is true where the picture lies behind the slide's text.
    """

    slide_number: int
    deck_title: str
    outline: tuple[str, ...]
    title: str
    body: tuple[str, ...]
    language: str
    theme: Theme
    aspect_ratio: float
    style: str
    seed: int
    wish: str = ""
    complaint: str = ""
    is_cover: bool = False
    ground: Ground = Ground.SCENE


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterAnswer:
    """What a prompt writer answered, before cleaning. `prompt` and `alt_text` are "" where not worth it.

    `tokens` and `allowance` are what the service said beside it, None where it said nothing.
    """

    worth_illustrating: bool
    reason: str
    prompt: str
    alt_text: str
    cost_usd: float = 0.0
    tokens: Tokens | None = None
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """The clean English text for one slide's picture.

    `subject` is what is to be seen; `text` is the whole that is sent: subject, style and what must not be in it.
    `saved_usd` is what answers found in the store once cost. `is_last` where nothing milder can be had, should one
    refuse it.
    """

    slide_number: int
    text: str
    subject: str
    alt_text: str
    cost_usd: float = 0.0
    saved_usd: float = 0.0
    is_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The writer found a slide not worth a picture. `saved_usd` as in `Prompt`."""

    slide_number: int
    reason: str
    cost_usd: float = 0.0
    saved_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One picture asked of an image provider.

    `aspect_ratio` is the slot's width over height, `width_px` how many pixels across it can show: more is paid for in
    vain. `theme`, `style`, `subject`, `seed` and `is_cover` are for providers that draw themselves; services see
    `prompt` alone. `variant` tells several pictures of one prompt apart.
    """

    prompt: str
    subject: str
    aspect_ratio: float
    width_px: int
    style: str
    theme: Theme
    seed: int
    is_cover: bool = False
    ground: Ground = Ground.SCENE
    variant: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedImage:
    """What a provider delivered, as it came.

    `cost_usd` is None where the price is not known, `tokens` and `allowance` where the service said nothing of them.
    `continues` an order of an earlier call: this one ordered nothing.
    """

    data: bytes = field(repr=False)
    provider: str
    model: str
    cost_usd: float | None
    tokens: Tokens | None = None
    allowance: Allowance | None = None
    continues: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPicture:
    """A picture cut to its slot and encoded, ready to be put in. `extension` is "png" or "jpg"."""

    data: bytes = field(repr=False)
    extension: str
    width_px: int
    height_px: int
