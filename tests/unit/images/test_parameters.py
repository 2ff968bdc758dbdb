"""What a person asks for is taken or refused at once; what nobody asks for is chosen to fit."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.images.parameters import Fitting, Wishes
from pipeline.records import Ground
from pipeline.services.catalog import ModelChoice
from tests.unit.images.http.invented import chosen, entry


def choice(parameters=None, shape=None) -> ModelChoice:
    model = {"parameters": parameters or {}}
    return chosen(entry(model=model | ({"shape": shape} if shape else {})))


def fitted(parameters, wishes=None, **more):
    return Fitting(choice(parameters), wishes or Wishes()).fitted(1.0, 1000, **more).parameters


ALL = ["auto", "low", "medium", "high", "xhigh", "max"]


@pytest.mark.parametrize(
    ("quality", "value"),
    [
        ({"allowed": ALL, "default": "auto"}, "medium"),
        ({"allowed": ["low", "high"]}, "low"),
        ({"allowed": ["high", "xhigh"]}, "high"),
        ({"allowed": ["standard", "hd"], "words": {"medium": "standard", "high": "hd"}}, "standard"),
        ({"type": "integer", "words": {"low": 10, "high": 50}}, 10),
        ({"allowed": ["draft", "final"], "default": "final"}, "final"),
        ({"allowed": ["draft", "final"]}, None),
        ({}, None),
    ],
)
def test_without_a_wish_the_quality_is_medium_or_the_nearest_the_model_has(quality, value):
    assert fitted({"quality": quality}).get("quality") == value


@pytest.mark.parametrize(
    ("quality", "wish", "value"),
    [
        ({"allowed": ALL}, "max", "max"),
        ({"allowed": ["standard", "hd"], "words": {"high": "hd"}}, "high", "hd"),
        ({"allowed": ["standard", "hd"], "words": {"high": "hd"}}, "standard", "standard"),
        ({"type": "integer", "words": {"low": 10, "high": 50}}, "high", 50),
        ({}, "whatever a local server calls it", "whatever a local server calls it"),
    ],
)
def test_a_quality_that_is_asked_for_is_taken_as_the_model_calls_it(quality, wish, value):
    assert fitted({"quality": quality}, Wishes(quality=wish)) == {"quality": value}


@pytest.mark.parametrize(
    ("quality", "says"),
    [
        ({"allowed": ["auto", "low"]}, "invented/painter it must be one of auto, low; 'max' is not taken"),
        ({"allowed": ["hd"], "words": {"high": "hd"}}, "must be one of hd, or high; 'max'"),
        ({"type": "integer", "words": {"low": 10}}, "must be a whole number, or low; 'max'"),
    ],
)
def test_a_quality_the_model_does_not_have_is_refused_with_those_it_has(quality, says):
    with pytest.raises(UsageError) as caught:
        Fitting(choice({"quality": quality}), Wishes(quality="max"))
    assert str(caught.value).startswith("images.quality: ")
    assert says in str(caught.value)


PARAMETERS = {
    "seed": {"type": "integer", "min": 0, "max": 100},
    "guidance": {"type": "number", "default": 3.5},
    "output_format": {"allowed": ["png", "jpg"], "words": {"jpeg": "jpg"}},
    "negative_prompt": {"max_chars": 5},
    "raw": {"type": "boolean"},
}


def test_parameters_are_taken_in_the_models_words_and_defaults_stand_for_the_rest():
    wishes = Wishes(parameters={"seed": 7, "output_format": "jpeg", "raw": False})
    values = fitted(PARAMETERS, wishes)
    assert values == {"seed": 7, "guidance": 3.5, "output_format": "jpg", "raw": False}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", "7"),
        ("seed", 7.0),
        ("seed", True),
        ("seed", 101),
        ("guidance", float("nan")),
        ("guidance", float("inf")),
        ("output_format", "gif"),
        ("negative_prompt", "too long"),
        ("raw", 1),
    ],
)
def test_a_parameter_the_model_refuses_names_itself_and_what_is_taken(name, value):
    with pytest.raises(UsageError, match=rf"^images\.parameters\.{name}: for invented/painter it must "):
        Fitting(choice(PARAMETERS), Wishes(parameters={name: value}))


def test_what_the_model_does_not_know_is_dropped_and_told():
    wishes = Wishes(quality="high", parameters={"steps": 20, "seed": 1, "prompt": "mine"})
    fitting = Fitting(choice({"seed": {"type": "integer"}}), wishes)
    assert fitting.fitted(1.0, 1000).values == {"seed": 1, "aspect_ratio": "1:1"}
    assert fitting.dropped == ("images.quality", "images.parameters.steps", "images.parameters.prompt")


def test_a_parameter_named_quality_is_the_more_exact_wish():
    wishes = Wishes(quality="low", parameters={"quality": "max"})
    assert fitted({"quality": {"allowed": ALL}}, wishes) == {"quality": "max"}


STYLE = {"style_preset": {"allowed": ["photographic", "digital-art"], "words": {"photo": "photographic"}}}


def test_a_style_is_said_in_the_models_word_where_it_has_one_and_left_to_the_prompt_otherwise():
    assert fitted(STYLE, style="photo") == {"style_preset": "photographic"}
    assert fitted(STYLE, style="clay") == {}
    assert fitted(STYLE, Wishes(parameters={"style_preset": "digital-art"}), style="photo") == {
        "style_preset": "digital-art"
    }


BACKGROUND = {
    "background": {"allowed": ["auto", "opaque", "transparent"]},
    "output_format": {"allowed": ["png", "jpeg"]},
}


@pytest.mark.parametrize(
    ("parameters", "wishes", "is_clear"),
    [
        (BACKGROUND, {}, True),
        (BACKGROUND, {"background": "transparent"}, True),
        (BACKGROUND, {"background": "opaque"}, False),
        (BACKGROUND, {"output_format": "jpeg"}, False),
        (BACKGROUND, {"output_format": "png"}, True),
        ({"background": {"allowed": ["auto", "opaque"]}}, {}, False),
        ({"background": {}}, {}, False),
        ({}, {}, False),
    ],
)
def test_a_transparent_ground_is_asked_only_of_models_that_say_they_can(parameters, wishes, is_clear):
    fitting = Fitting(choice(parameters), Wishes(parameters=wishes))
    assert fitting.takes_transparency is is_clear
    asked = fitting.fitted(1.0, 1000, ground=Ground.TRANSPARENT).parameters
    assert (asked.get("background") == "transparent") is is_clear


@pytest.mark.parametrize("ground", [Ground.SCENE, Ground.PLAIN])
def test_on_any_other_ground_the_background_is_left_alone(ground):
    assert fitted(BACKGROUND, ground=ground) == {}


def test_transparency_may_have_a_word_and_a_type_of_its_own():
    own = {"background": {"type": "boolean", "words": {"transparent": True}}}
    assert fitted(own, ground=Ground.TRANSPARENT) == {"background": True}


def test_a_size_asked_for_stands_in_for_the_slots():
    fitting = Fitting(choice(shape={"ratios": ["1:1", "16:9"]}), Wishes(size="16:9"))
    assert fitting.fitted(1.0, 1000).values == {"aspect_ratio": "16:9"}
    with pytest.raises(UsageError, match=r"^invented/painter: size: .*'5:4'.*1:1"):
        Fitting(choice(), Wishes(size="5:4"))


def test_a_model_whose_bounds_leave_no_size_is_refused_at_once():
    service = entry(model={"shape": {"ratios": [], "free": {"max_pixels": 100, "max_edge": 64}}})
    with pytest.raises(UsageError, match=r"invented/painter: .*shape\.free"):
        Fitting(chosen(service), Wishes())


RESOLVED = {"ratios": ["1:1", "3:2", "16:9"], "resolutions": {"1k": 1_048_576, "2k": 4_194_304}}
FIXED = {"sizes": {"square": "1024x1024", "wide": "1536x1024"}}
FREE = {"free": {"multiple_of": 16, "max_pixels": 4_000_000, "max_edge": 2560}}


def shaped(shape, wishes, aspect_ratio=1.0):
    return Fitting(choice(shape=shape), Wishes(parameters=wishes)).fitted(aspect_ratio, 1000).values


@pytest.mark.parametrize(
    ("shape", "wishes", "values"),
    [
        (RESOLVED, {"aspect_ratio": "16:9", "resolution": "2k"}, {"aspect_ratio": "16:9", "resolution": "2k"}),
        (RESOLVED, {"aspect_ratio": "16:9"}, {"aspect_ratio": "16:9", "resolution": "1k"}),
        (RESOLVED, {"resolution": "2k"}, {"aspect_ratio": "3:2", "resolution": "2k"}),
        (RESOLVED, {"resolution": "2K"}, {"aspect_ratio": "3:2", "resolution": "2k"}),
        ({"ratios": ["1:1"], "resolutions": {"512": 1, "1024": 2}}, {"resolution": 512}, {"resolution": "512"}),
        ({"ratios": ["1:1", "16:9"]}, {"aspect_ratio": 969}, {"aspect_ratio": "16:9"}),
        (FIXED, {"size": "square"}, {"size": "square"}),
        (FIXED, {"size": "1:1"}, {"size": "square"}),
        (FIXED, {"width": 1024, "height": 1024}, {"size": "square"}),
        (FREE, {"size": "800x1600"}, {"width": 800, "height": 1600, "size": "800x1600"}),
        (FREE, {"size": "1:1"}, {"width": 672, "height": 672}),
        (FREE, {"width": 1280, "height": 640}, {"width": 1280, "height": 640}),
    ],
)
def test_a_shape_asked_for_is_taken_and_what_is_not_said_of_it_fitted_to_the_slot(shape, wishes, values):
    assert shaped(shape, wishes, aspect_ratio=1.5).items() >= values.items()
    assert Fitting(choice(shape=shape), Wishes(parameters=wishes)).dropped == ()


@pytest.mark.parametrize(
    ("shape", "wishes", "says"),
    [
        (
            RESOLVED,
            {"resolution": "9k"},
            "images.parameters.resolution: for invented/painter it must be one of 1k, 2k; '9k' is not taken",
        ),
        (
            RESOLVED,
            {"aspect_ratio": "5:1"},
            "images.parameters.aspect_ratio: for invented/painter it must be one of 1:1, 3:2, 16:9; '5:1' is not taken",
        ),
        (RESOLVED, {"aspect_ratio": True}, "16:9; 'True' is not taken"),
        (RESOLVED, {"aspect_ratio": "auto", "resolution": "1k"}, "'auto' is not taken"),
        (
            FIXED,
            {"size": "512x512"},
            "images.parameters.size: invented/painter: it does not make '512x512'; the nearest it makes is square; it",
        ),
        (
            FIXED,
            {"size": "auto"},
            "images.parameters.size: invented/painter: 'auto' is none of its sizes; it takes square, ",
        ),
        (FREE, {"size": "1000x1000"}, "the nearest it makes is 992x992; it takes WIDTHxHEIGHT in pixels, or a ratio"),
        (
            FREE,
            {"width": 1000, "height": 1000},
            "images.parameters.width: invented/painter: it does not make '1000x1000'",
        ),
        (
            FREE,
            {"width": 1024},
            "width: invented/painter takes width and height together only; give both, or images.parameters.size, like",
        ),
        (FREE, {"height": 1024}, "images.parameters.height: invented/painter takes width and height together"),
        (
            FREE,
            {"width": "wide", "height": 1024},
            "images.parameters.width: invented/painter: 'widex1024' is none of its",
        ),
        (FREE, {"width": 512, "height": 512, "size": "1:1"}, "images.parameters.size: give either it or width and "),
        (FREE, {"size": 1024}, "images.parameters.size: invented/painter: '1024' is none of its sizes"),
        (FREE, {"size": float("nan")}, "images.parameters.size: invented/painter: 'nan' is none of its sizes"),
    ],
)
def test_a_shape_the_model_does_not_make_is_refused_with_those_it_makes(shape, wishes, says):
    with pytest.raises(UsageError) as caught:
        shaped(shape, wishes)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ({"ratios": ["1:1"]}, "resolution"),
        (RESOLVED, "size"),
        (RESOLVED, "width"),
        (FIXED, "resolution"),
        (FREE, "aspect_ratio"),
    ],
)
def test_what_a_models_kind_of_shape_does_not_have_is_dropped_and_told(shape, name):
    fitting = Fitting(choice(shape=shape), Wishes(parameters={name: "2k"}))
    assert fitting.dropped == (f"images.parameters.{name}",)
    assert fitting.fitted(1.0, 1000) == Fitting(choice(shape=shape), Wishes()).fitted(1.0, 1000)


@pytest.mark.parametrize(("shape", "wishes"), [(RESOLVED, {"resolution": "2k"}), (FREE, {"size": "1024x1024"})])
def test_a_shape_asked_for_twice_is_refused(shape, wishes):
    with pytest.raises(UsageError, match=rf"^images\.parameters\.{next(iter(wishes))}: .* size .*leave one out"):
        Fitting(choice(shape=shape), Wishes(size="1:1", parameters=wishes))


def test_a_resolution_asked_for_counts_in_the_price():
    assert Fitting(choice(shape=RESOLVED), Wishes(parameters={"resolution": "2k"})).fitted(1.0, 1000).shape.pixels == (
        4_194_304
    )
