"""Every model of the catalog against its service's fake: what is asked for is understood, taken and drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from io import BytesIO
from itertools import zip_longest
from operator import attrgetter
from typing import Any

import pytest
from PIL import Image

from pipeline.images.shapes import Chosen, nearest, wanted_pixels
from pipeline.records import GeneratedImage, Ground
from pipeline.services.catalog import ModelChoice
from pipeline.services.models import Model, Parameter, Scalar
from tests.fakes.http_server import FakeService
from tests.fakes.openrouter_models import listed
from tests.fakes.tasks import TaskService
from tests.services.asking import PROMPT, request_of, size_of
from tests.services.table import CATALOG, ROWS, Row, server_of

LISTED = list(CATALOG.models("image"))
# Models that are in no list, and go by the entry made for such.
UNLISTED = [row.choice for row in ROWS.values() if not row.choice.is_listed]
# A slot's width over height, and its width in pixels; small, since so are the pictures then.
SLOTS = {0.6: 360, 1.0: 512, 1.78: 1000}
# Three to two for a slot of sixteen to nine is the worst any model offers; the rest is cropped.
WORST_FIT = math.log(1.78 / 1.5) + 0.001
NAMES = attrgetter("name")
EVERY_MODEL = pytest.mark.parametrize("choice", [*LISTED, *UNLISTED], ids=NAMES)


@pytest.fixture
def draw(watch, painter_of):
    """One picture by a model, which its service took without a word against anything."""

    def call(choice: ModelChoice, *, images: dict[str, Any] | None = None, **request: Any) -> GeneratedImage:
        watched = watch(choice.service.service)
        row = _row_of(choice)
        painter = painter_of(row, watched.server, **(images or {}))
        assert painter.dropped == ()
        image = painter.generate(request_of(**request), 30.0)
        painter.settled(request_of(**request))
        assert len(watched.posts) == 1
        assert _ignored(watched.server, watched.posts[0].body) == set()
        call.sent = watched.posts[0]
        return image

    return call


@EVERY_MODEL
def test_a_model_draws_the_shape_of_a_slot(draw, choice):
    for aspect_ratio, width_px in SLOTS.items():
        image = draw(choice, aspect_ratio=aspect_ratio, width_px=width_px)
        width, height = size_of(image)
        expected = nearest(choice.model.shape, aspect_ratio, wanted_pixels(aspect_ratio, width_px))
        assert abs(math.log(width / height / aspect_ratio)) <= WORST_FIT, (aspect_ratio, expected)
        assert _is_as(expected, width, height), (aspect_ratio, expected, width, height)
        assert (image.provider, image.model) == (choice.service.service, choice.id)


@EVERY_MODEL
def test_the_longest_prompt_is_taken_whole_at_a_price_that_is_known_or_known_not_to_be(draw, watch, painter_of, choice):
    limit, price = choice.model.prompt_limit_chars, choice.model.price
    prompt = ((PROMPT + " ") * (limit // len(PROMPT) + 1))[:limit]
    image = draw(choice, prompt=prompt)
    assert prompt in _texts(draw.sent.body)
    estimate = painter_of(_row_of(choice), watch(choice.service.service).server).estimate_usd(1.0, 512)
    if price is None:
        assert (image.cost_usd, estimate) == (None, None)
        return
    assert image.cost_usd is not None
    read_usd = len(prompt) / 4 * price.tokens.text_in / 1_000_000 if price.tokens else 0
    if price.is_of_pictures:
        assert estimate == pytest.approx(image.cost_usd - read_usd, rel=0.6, abs=0.001)
    else:
        assert estimate is None


def _probes(name: str, parameter: Parameter) -> list[Scalar]:
    """Values worth asking for: all that are allowed, all our words for them, both ends of a range."""
    if parameter.allowed or parameter.words:
        of_ours = () if name == "style_preset" else parameter.words  # these have a test of their own
        return [*parameter.allowed, *of_ours]
    if parameter.type == "boolean":
        return [True, False]
    if parameter.type in ("integer", "number"):
        return [int(end) if parameter.type == "integer" else end for end in _ends(parameter)]
    return [parameter.default if parameter.default is not None else PLAIN.get(name, "mist, rain")]


# Where a model's entry leaves the words to the server.
PLAIN = {"output_format": "png", "quality": "high", "background": "opaque"}


def _ends(parameter: Parameter) -> tuple[float, float]:
    return parameter.min if parameter.min is not None else 0, parameter.max if parameter.max is not None else 7


def _wishes(model: Model) -> Iterator[dict[str, Scalar]]:
    """Every value of every parameter, in as few requests as they fit in."""
    names = list(model.parameters)
    for values in zip_longest(*(_probes(name, model.parameters[name]) for name in names)):
        wishes = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        if "output_compression" in wishes:
            wishes["output_format"] = "jpeg"  # it means nothing to a PNG, and OpenAI says so
        if wishes.get("background") == "transparent" and wishes.get("output_format") == "jpeg":
            del wishes["output_format"]
        yield wishes


ADJUSTABLE = [choice for choice in [*LISTED, *UNLISTED] if choice.model.parameters]


@pytest.mark.parametrize("choice", ADJUSTABLE, ids=NAMES)
def test_every_value_of_every_parameter_is_sent_and_taken(draw, choice):
    for wishes in _wishes(choice.model):
        quality = {"quality": wishes["quality"]} if "quality" in wishes else {}
        others = {name: value for name, value in wishes.items() if name != "quality"}
        draw(choice, images={**quality, "parameters": others})
        sent = [*_values(draw.sent.body), draw.sent.path]
        for name, value in wishes.items():
            meant = choice.model.parameters[name].words.get(value, value) if isinstance(value, str) else value
            assert any(_is_sent(meant, one) for one in sent), f"{name}: {meant!r} is not in {sent}"


CLEAR = [choice for choice in LISTED if "transparent" in choice.model.parameters.get("background", Parameter()).allowed]


@pytest.mark.parametrize("choice", CLEAR, ids=NAMES)
def test_a_model_that_can_draw_on_nothing_does(draw, choice):
    image = draw(choice, ground=Ground.TRANSPARENT)
    with Image.open(BytesIO(image.data)) as picture:
        assert picture.convert("RGBA").getchannel("A").getextrema()[0] == 0


STYLED = [choice for choice in LISTED if "style_preset" in choice.model.parameters]


@pytest.mark.parametrize("choice", STYLED, ids=NAMES)
def test_a_style_of_ours_becomes_the_models_own(draw, choice):
    for style, word in choice.model.parameters["style_preset"].words.items():
        draw(choice, style=style)
        assert word in _values(draw.sent.body)


def _row_of(choice: ModelChoice) -> Row:
    row = server_of(choice.service.service)
    return Row(service=row.service, start=row.start, faults=row.faults, model=choice.id, at_origin=row.at_origin)


def _is_as(chosen: Chosen, width: int, height: int) -> bool:
    """Whether a picture is what the request said: these pixels, or this ratio and about so many."""
    if "width" in chosen.values:
        return (width, height) == (chosen.values["width"], chosen.values["height"])
    across, _, down = chosen.values["aspect_ratio"].partition(":")
    is_shape = math.isclose(width / height, float(across) / float(down), rel_tol=0.05)
    return is_shape and (chosen.pixels is None or math.isclose(width * height, chosen.pixels, rel_tol=0.1))


def _ignored(server: FakeService, body: dict[str, Any]) -> set[str]:
    """What was sent in vain. OpenRouter takes no notice of what a model lacks, and lists what each has."""
    if isinstance(server, TaskService):
        return server.ignored
    if body.get("model") in CATALOG.services["openrouter"].models:
        return body.keys() - {"model", "prompt"} - set(listed(body["model"])["supported_parameters"])
    return set()


def _values(content: Any) -> Iterator[Any]:
    """Everything in a request that is neither a list nor a mapping."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for item in content:
            yield from _values(item)
    else:
        yield content


def _texts(content: Any) -> str:
    return "\n".join(value for value in _values(content) if isinstance(value, str))


def _is_sent(meant: Scalar, value: Any) -> bool:
    """Whether a value of a request is the one meant, of its own type; forms have texts only."""
    is_same = type(meant) is type(value) or {type(meant), type(value)} == {int, float}
    return (is_same and meant == value) or str(meant) == value or (isinstance(value, str) and f"={meant}" in value)
