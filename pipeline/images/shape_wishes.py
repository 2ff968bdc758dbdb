"""What a person asks of a picture's shape, checked against the model's own; the slot decides the rest. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.errors import UsageError
from pipeline.images.shapes import Chosen, exact, nearest, of_ratio, wanted_pixels
from pipeline.services.catalog import ModelChoice
from pipeline.services.models import Scalar, Shapes, unquoted_ratio

_SETTING = "images.parameters."
# For what is asked before there is a slot: any will do.
_SOME_SLOT = (1.0, 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeWish:
    """A shape as far as a person fixed it: a `size`, or a ratio and a resolution in the model's own words."""

    shapes: Shapes
    size: str | None = None
    ratio: str | None = None
    resolution: str | None = None

    def fitted(self, aspect_ratio: float, width_px: int) -> Chosen:
        """The shape for a slot `width_px` wide; `aspect_ratio` is width over height.

        Raises UsageError for a size the model does not make, and for bounds that leave none.
        """
        pixels = wanted_pixels(aspect_ratio, width_px)
        if self.size is not None:
            return exact(self.shapes, self.size, aspect_ratio, pixels)
        if self.shapes.ratios:
            return of_ratio(self.shapes, aspect_ratio, pixels, ratio=self.ratio, resolution=self.resolution)
        return nearest(self.shapes, aspect_ratio, pixels)


def shape_wish(choice: ModelChoice, size: str | None, parameters: Mapping[str, Scalar]) -> ShapeWish:
    """What `size`, as `generate` takes it, and those `parameters` that are of the model's shape ask for.

    Raises UsageError, naming setting, model and what it takes, for a shape it does not make, and for one asked twice.
    """
    shapes = choice.model.shape
    if shapes is None:
        raise UsageError(f"{choice.name}: no image model; its entry in the catalog has no shape")
    asked = {name: str(value) for name, value in parameters.items() if name in shapes.names}
    if "aspect_ratio" in asked:
        asked["aspect_ratio"] = str(unquoted_ratio(parameters["aspect_ratio"]))
    first = next(iter(asked), None)
    if size is not None and first is not None:
        raise UsageError(f"{_SETTING}{first}: {choice.name} is asked for the size {size!r} already; leave one out")
    setting, wanted = ("", size) if first is None else (_SETTING + first, _size(choice, asked))
    wish = ShapeWish(
        shapes=shapes,
        size=wanted,
        ratio=_one_of(choice, "aspect_ratio", asked, shapes.ratios),
        resolution=_one_of(choice, "resolution", asked, shapes.resolutions),
    )
    _check(choice, wish, setting)
    return wish


def _size(choice: ModelChoice, asked: Mapping[str, str]) -> str | None:
    """The size in the words of `exact`, None where none is asked for."""
    sides = [name for name in ("width", "height") if name in asked]
    if "size" in asked and sides:
        raise UsageError(f"{_SETTING}size: give either it or width and height to {choice.name}")
    if len(sides) == 1:
        raise UsageError(
            f"{_SETTING}{sides[0]}: {choice.name} takes width and height together only; "
            f"give both, or {_SETTING}size, like 1536x1024"
        )
    return f"{asked['width']}x{asked['height']}" if sides else asked.get("size")


def _one_of(choice: ModelChoice, name: str, asked: Mapping[str, str], taken: Iterable[str]) -> str | None:
    """The model's own word for what is asked; services differ in 4k and 4K."""
    if name not in asked:
        return None
    word = next((own for own in taken if own.casefold() == asked[name].casefold()), None)
    if word is None:
        problem = f"it must be one of {', '.join(taken)}; {asked[name]!r} is not taken"
        raise UsageError(f"{_SETTING}{name}: for {choice.name} {problem}")
    return word


def _check(choice: ModelChoice, wish: ShapeWish, setting: str) -> None:
    try:
        wish.fitted(*_SOME_SLOT)
    except UsageError as error:
        where = f"{setting}: {choice.name}" if setting else choice.name
        raise UsageError(f"{where}: {'size: ' if wish.size is not None and not setting else ''}{error}") from error
