"""What a model is asked for beside the prompt: what a person and a slide want, in the model's own terms. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import UsageError
from pipeline.images.shape_wishes import shape_wish
from pipeline.images.shapes import Chosen
from pipeline.records import Ground
from pipeline.services.catalog import ModelChoice
from pipeline.services.models import Parameter, Scalar

QUALITIES = ("low", "medium", "high", "xhigh", "max")
"""Our words for quality, from the least on. What a model calls otherwise stands in the `words` of its parameter."""
_USUAL_QUALITY = "medium"
_TRANSPARENT = "transparent"
# Formats without an alpha channel.
_OPAQUE_FORMATS = ("jpeg", "jpg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person asks of a model explicitly; None or absent: nothing is asked.

    `size` is "1536x1024", "16:9" or a word of the model's own. `parameters` may name the shape as the model's own
    templates do: `aspect_ratio` and `resolution`, `size`, or `width` and `height`. The slot decides what neither says.
    """

    quality: str | None = None
    size: str | None = None
    parameters: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What one picture is asked with: the model's parameters, those it is not asked with left out, and its shape."""

    parameters: dict[str, Scalar]
    shape: Chosen

    @property
    def values(self) -> dict[str, Any]:
        """Both, for templates and prices."""
        return {**self.parameters, **self.shape.values}


class Fitting:
    """One model and one person's wishes.

    `dropped` names the wishes the model has neither parameter nor shape for, as settings spell them.
    `takes_transparency` is true where it says it can draw on nothing, and no wish stands against it.
    """

    def __init__(self, choice: ModelChoice, wishes: Wishes) -> None:
        """Raises UsageError, naming setting and model, for a wish that the model refuses."""
        self._known = choice.model.parameters
        self._shape = shape_wish(choice, wishes.size, wishes.parameters)
        self._asked = dict(_asked(choice, wishes))
        self.dropped = tuple(_dropped(choice, wishes, self._shape.shapes.names))
        self.takes_transparency = self._can_be_clear()

    def fitted(self, aspect_ratio: float, width_px: int, style: str = "", ground: Ground = Ground.SCENE) -> Fitted:
        """What is asked for a slot `width_px` wide; `aspect_ratio` is width over height, `style` a preset's name."""
        parameters = {}
        for name, parameter in self._known.items():
            value = self._value(name, parameter, style, ground)
            if value is not None:
                parameters[name] = value
        return Fitted(parameters=parameters, shape=self._shape.fitted(aspect_ratio, width_px))

    def _value(self, name: str, parameter: Parameter, style: str, ground: Ground) -> Scalar | None:
        if name == "background" and ground is Ground.TRANSPARENT and self.takes_transparency:
            return parameter.words.get(_TRANSPARENT, _TRANSPARENT)
        if name in self._asked:
            return self._asked[name]
        if name == "quality":
            return _usual_quality(parameter)
        return parameter.words.get(style, parameter.default)

    def _can_be_clear(self) -> bool:
        background = self._known.get("background")
        if background is None or _TRANSPARENT not in (*background.allowed, *background.words):
            return False
        clear = background.words.get(_TRANSPARENT, _TRANSPARENT)
        is_opaque = self._asked.get("output_format") in _OPAQUE_FORMATS
        return self._asked.get("background", clear) == clear and not is_opaque


def _asked(choice: ModelChoice, wishes: Wishes) -> Iterator[tuple[str, Scalar]]:
    """The explicit values in the model's own words; images.parameters comes last, being the more exact."""
    known = choice.model.parameters
    if wishes.quality is not None and "quality" in known:
        yield "quality", _taken("images.quality", choice, known["quality"], wishes.quality)
    for name, value in wishes.parameters.items():
        if name in known:
            yield name, _taken(f"images.parameters.{name}", choice, known[name], value)


def _dropped(choice: ModelChoice, wishes: Wishes, of_its_shape: Set[str]) -> Iterator[str]:
    known = choice.model.parameters
    if wishes.quality is not None and "quality" not in known:
        yield "images.quality"
    for name in wishes.parameters:
        if name not in known and name not in of_its_shape:
            yield f"images.parameters.{name}"


def _taken(setting: str, choice: ModelChoice, parameter: Parameter, value: Scalar) -> Scalar:
    """`value` as the model calls it. Raises UsageError where it takes no such value."""
    if isinstance(value, str) and value in parameter.words:
        return parameter.words[value]
    problem = parameter.problem_with(value)
    if not problem and isinstance(value, float) and not math.isfinite(value):
        problem = "must be a number that JSON can say"
    if problem:
        also = [word for word in parameter.words if word not in parameter.allowed]
        words = f", or {', '.join(also)}" if also else ""
        raise UsageError(f"{setting}: for {choice.name} it {problem}{words}; {value!r} is not taken")
    return value


def _usual_quality(parameter: Parameter) -> Scalar | None:
    """Medium, or the nearest on the scale that the model has, of two the cheaper; else the model's own default."""
    middle = QUALITIES.index(_USUAL_QUALITY)
    has = [word for word in QUALITIES if word in parameter.words or word in parameter.allowed]
    if not has:
        return parameter.default
    word = min(has, key=lambda word: abs(QUALITIES.index(word) - middle))
    return parameter.words.get(word, word)
