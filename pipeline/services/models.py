"""One model of the catalog: what it takes, what shapes it makes, what it costs, until when it is there."""

from __future__ import annotations

import math
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from pipeline.services.expressions import Expression
from pipeline.services.texts import RATIO, SIZE, Template

Usd = Annotated[float, Field(ge=0)]
Scalar = bool | int | float | str
Kind = Literal["image", "text"]
"""What a model is asked for."""
KINDS: tuple[Kind, ...] = ("image", "text")


class Entry(BaseModel):
    """What all of the catalog's entries are: frozen; an unknown field is a mistake, and so is an infinite number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ModelType(StrEnum):
    """What a model is for."""

    IMAGE = "image"
    TEXT = "text"
    BOTH = "both"


class FreeSizes(Entry):
    """Any width and height within these bounds; pixels, `max_ratio` is long side over short side."""

    multiple_of: Annotated[int, Field(ge=1)] = 1
    min_pixels: Annotated[int, Field(ge=1)] = 1
    max_pixels: Annotated[int, Field(ge=1)]
    min_edge: Annotated[int, Field(ge=1)] = 64
    max_edge: Annotated[int, Field(ge=1)]
    max_ratio: Annotated[float, Field(ge=1)] = 8.0


def _named(sizes: Any) -> Any:
    """A plain list of sizes as words that mean themselves; what is no text is left for its place to be told."""
    if not isinstance(sizes, list):
        return sizes
    return {size if isinstance(size, str) else str(place): size for place, size in enumerate(sizes)}


def unquoted_ratio(ratio: Any) -> Any:
    """What was meant by a ratio written without quotes, which YAML 1.1 reads as minutes and seconds: 16:9 as 969."""
    if isinstance(ratio, int) and not isinstance(ratio, bool):
        return f"{ratio // 60}:{ratio % 60}"
    return ratio


_Size = Annotated[str, Field(pattern=SIZE)]
_Ratio = Annotated[str, Field(pattern=RATIO)]


class Shapes(Entry):
    """The shapes a model makes, said in one of three ways.

    `free`: templates get `{{width}}`, `{{height}}` and `{{size}}` ("1536x1024"). `sizes`: words and their pixels, or a
    plain list of sizes; templates get the same three, `{{size}}` being the word. `ratios`: templates get
    `{{aspect_ratio}}`; where `resolutions` gives words and how many pixels each has, `{{resolution}}` too.
    """

    free: FreeSizes | None = None
    sizes: Annotated[
        dict[str, _Size], BeforeValidator(_named, json_schema_input_type=dict[str, _Size] | list[_Size])
    ] = {}
    ratios: tuple[Annotated[_Ratio, BeforeValidator(unquoted_ratio, json_schema_input_type=_Ratio)], ...] = ()
    resolutions: dict[str, Annotated[int, Field(ge=1)]] = {}

    @model_validator(mode="after")
    def _is_one_of_three(self) -> Self:
        if sum(map(bool, (self.free, self.sizes, self.ratios))) != 1:
            raise ValueError("give exactly one of free, sizes and ratios")
        if self.resolutions and not self.ratios:
            raise ValueError("resolutions go with ratios only")
        return self

    @property
    def names(self) -> frozenset[str]:
        """The values templates get."""
        if self.ratios:
            return frozenset({"aspect_ratio", "resolution"} if self.resolutions else {"aspect_ratio"})
        return frozenset({"width", "height", "size"})


def _of_one_kind(value: Any) -> Any:
    """What pydantic would otherwise refuse four times over, once for each of the kinds."""
    if not isinstance(value, Scalar):
        raise ValueError("must be a text, a number, or true or false")  # noqa: TRY004 - pydantic takes ValueError only
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


_Value = Annotated[Scalar, BeforeValidator(_of_one_kind)]


class Parameter(Entry):
    """One parameter beside prompt and shape.

    `words` maps words of ours (a quality, a style preset) to the model's own.
    """

    type: Literal["text", "integer", "number", "boolean"] = "text"
    allowed: tuple[_Value, ...] = ()
    default: _Value | None = None
    min: float | None = None
    max: float | None = None
    max_chars: int | None = None
    words: dict[str, _Value] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _takes_its_own_default(self) -> Self:
        for value in (*self.allowed, *self.words.values(), *(() if self.default is None else (self.default,))):
            problem = self.problem_with(value)
            if problem:
                shown = str(value).lower() if isinstance(value, bool) else repr(value)
                raise ValueError(f"{shown}: {problem}")
        return self

    def problem_with(self, value: Scalar) -> str:
        """Why the model refuses `value`, "" where it takes it."""
        if not isinstance(value, _TYPES[self.type]) or (isinstance(value, bool) and self.type != "boolean"):
            return f"must be {_TYPE_WORDS[self.type]}"
        if self.allowed and value not in self.allowed:
            return f"must be one of {', '.join(map(str, self.allowed))}"
        if isinstance(value, str):
            is_long = self.max_chars is not None and len(value) > self.max_chars
            return f"must have {self.max_chars} characters at most" if is_long else ""
        if (self.min is not None and value < self.min) or (self.max is not None and value > self.max):
            least = [] if self.min is None else [f"{_shown(self.min)} at least"]
            most = [] if self.max is None else [f"{_shown(self.max)} at most"]
            return f"must be {' and '.join(least + most)}"
        return ""


def _shown(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


_TYPES: dict[str, tuple[type, ...]] = {"text": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
_TYPE_WORDS = {"text": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}


class TokenPrices(Entry):
    """US dollars per million tokens; what is not named costs nothing."""

    text_in: Usd = 0
    text_out: Usd = 0
    image_in: Usd = 0
    image_out: Usd = 0
    cache_write: Usd = 0
    cache_read: Usd = 0


class Price(Entry):
    """What a model costs, in US dollars, by the first of these that is given.

    `reported`: where one of the answers itself says it, in units of `reported_usd` each. `tokens`: by what it says was
    used. `sizes`: by the value of the parameter `by` ("quality", …), for sizes in pixels, like 1024x1536: {low: 0.01};
    each lists the same values, lying and standing cost the same, and a size that is not listed costs what the nearest
    does. `table`: by the value of `by` alone. `image`: one price. `megapixel`: by the picture's size, the first at
    `first_megapixel` where that differs; a megapixel is 1,000,000 pixels, begun ones count whole. The last four are
    also what an estimate before the call goes by; where `tokens` has a price for text, a usual prompt's is added.
    """

    reported: Expression | None = None
    reported_usd: Usd = 1.0
    tokens: TokenPrices | None = None
    by: str = "quality"
    sizes: dict[_Size, Annotated[dict[str, Usd], Field(min_length=1)]] = Field(default_factory=dict)
    table: dict[str, Usd] = Field(default_factory=dict)
    image: Usd | None = None
    megapixel: Usd | None = None
    first_megapixel: Usd | None = None

    @field_validator("sizes")
    @classmethod
    def _list_the_same(cls, sizes: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        first: dict[str, float] = next(iter(sizes.values()), {})
        for size, listed in sizes.items():
            if listed.keys() != first.keys():
                raise ValueError(f"{size} must have prices for {', '.join(first)}, as the first has, and no others")
        return sizes

    @property
    def is_of_pictures(self) -> bool:
        """Whether it says what a picture costs before one is asked for."""
        return bool(self.sizes or self.table) or self.image is not None or self.megapixel is not None


class Model(Entry):
    """One model. Its key in the file is its id: what settings name and, unless `route` says otherwise, the service too.

    `endpoint` names the service's way of asking where it has several for the type. `request` replaces that endpoint's.
    `like` takes everything not said here from another model of the same service. `retires`: the day it is shut down.
    `pattern`: no model that could be asked for, only what ids that are not listed are treated like, its price included.
    """

    title: str = ""
    type: ModelType = ModelType.IMAGE
    aliases: tuple[str, ...] = ()
    like: str | None = None
    endpoint: str | None = None
    route: str | None = None
    request: Template | None = None
    prompt_limit_chars: Annotated[int, Field(ge=100)] = 4000
    shape: Shapes | None = None
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    price: Price | None = None
    retires: date | None = None
    default: bool = False
    pattern: bool = False

    @model_validator(mode="after")
    def _has_a_shape(self) -> Self:
        if self.is_for("image") and self.shape is None:
            raise ValueError("an image model needs a shape")
        return self

    def is_for(self, kind: Kind) -> bool:
        return self.type in (ModelType.BOTH, ModelType(kind))
