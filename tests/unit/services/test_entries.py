"""Every mistake in a catalog file names the file, the model and the field."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest

from pipeline.errors import UsageError
from pipeline.services.entries import Service
from pipeline.services.models import Parameter, Shapes
from tests.unit.services.files import MADE_UP, catalog_of

MISTAKES = {
    "unknown field": (
        ("price: {image: 0.5}", "prise: {image: 0.5}"),
        "models.acme-1.prise: unknown field, did you mean price?",
    ),
    "unknown field of a price": (
        ("{image: 0.5}", "{imag: 0.5}"),
        "models.acme-1.price.imag: unknown field, did you mean image?",
    ),
    "wrong type": (("{image: 0.5}", "{image: cheap}"), "models.acme-1.price.image: Input should be a valid number"),
    "negative price": (("{image: 0.5}", "{image: -1}"), "models.acme-1.price.image: Input should be greater than"),
    "two shapes": (
        ('{ratios: ["1:1", "16:9"]}', '{ratios: ["1:1"], sizes: [512x512]}'),
        "models.acme-1.shape: give exactly one of free, sizes and ratios",
    ),
    "no shape": (
        ('    shape: {ratios: ["1:1", "16:9"]}\n', ""),
        "models.acme-1: an image model needs a shape",
    ),
    "resolutions without ratios": (
        ('{ratios: ["1:1", "16:9"]}', "{sizes: [512x512], resolutions: {1K: 1}}"),
        "models.acme-1.shape: resolutions go with ratios only",
    ),
    "size that is none": (('{ratios: ["1:1", "16:9"]}', "{sizes: [large]}"), "models.acme-1.shape.sizes.large"),
    "size of nothing": (('{ratios: ["1:1", "16:9"]}', '{sizes: ["0x10"]}'), "models.acme-1.shape.sizes.0x10"),
    "ratio of nothing": (('{ratios: ["1:1", "16:9"]}', '{ratios: ["0:1"]}'), "models.acme-1.shape.ratios.0"),
    "default not allowed": (
        ("default: low", "default: best"),
        "models.acme-1.parameters.quality: 'best': must be one of low, high",
    ),
    "word of the wrong type": (
        ("default: low", "words: {max: 3}"),
        "models.acme-1.parameters.quality: 3: must be a text",
    ),
    "bad JMESPath": (("image: picture", 'image: "picture["'), "endpoints.images.result.image: not a JMESPath"),
    "bad regular expression": (
        ("models:", 'errors: {rules: [{kind: policy, text: "("}]}\nmodels:'),
        "errors.rules.0.text: not a regular expression",
    ),
    "unknown kind of failure": (
        ("models:", "errors: {rules: [{kind: poverty}]}\nmodels:"),
        "errors.rules.0.kind: Input should be 'auth', 'billing'",
    ),
    "no request": (
        ('    request: {text: "{{prompt}}", ratio: "{{aspect_ratio}}", quality: "{{quality}}"}\n', ""),
        "models.acme-1.request: neither the model nor its endpoint has one",
    ),
    "placeholder that stands for nothing": (
        ("{{quality}}", "{{qualty}}"),
        "endpoints.images.request: {{qualty}} stands for nothing, did you mean quality?",
    ),
    "placeholder in a path": (
        ("{path: /draw}", '{path: "/draw/{{rout}}"}'),
        "endpoints.images.submit: {{rout}} stands for nothing",
    ),
    "no result": (
        ("    result: {image: picture}\n", ""),
        "endpoints.images: the http protocol is for images and needs submit and result",
    ),
    "two results": (("{image: picture}", "{image: picture, bytes: true}"), "endpoints.images.result: give either"),
    "poll without an address": (
        ("result:", "poll: {status: state, done: [ok]}\n    result:"),
        "endpoints.images.poll: give url, or path and id",
    ),
    "endpoint that is not there": (
        ("price:", "endpoint: imges\n    price:"),
        "models.acme-1.endpoint: there is no endpoint 'imges'",
    ),
    "nothing to ask for text": (
        ("price:", "type: both\n    price:"),
        "models.acme-1: the service has no endpoint for text",
    ),
    "like of nothing": (("price:", "like: acme-0\n    price:"), "models.acme-1.like: there is no model 'acme-0'"),
    "like itself": (("price:", "like: acme-1\n    price:"), "models.acme-1.like: there is no model 'acme-1'"),
    "unknown goes nowhere": (
        ("models:", "unknown: {image: acme-9}\nmodels:"),
        "unknown.image: there is no model 'acme-9'",
    ),
    "alias of two": (
        ("price: {image: 0.5}", "aliases: [best]\n  acme-2: {like: acme-1, aliases: [best]}"),
        "models.acme-2.aliases: 'best' means acme-1 already",
    ),
    "two defaults": (
        ("price: {image: 0.5}", "default: true\n  acme-2: {like: acme-1, default: true}"),
        "models.acme-2.default: acme-1 is the default for image already",
    ),
    "key without a place": (
        ("{variables: [ACME_API_KEY]}", "{variables: []}"),
        "key.variables: Tuple should have at least",
    ),
    "key that is not sent": (
        ("[ACME_API_KEY]}", "[ACME_API_KEY], value: Bearer}"),
        "key.value: String should match pattern",
    ),
    "address that is none": (("https://api.acme.example", "api.acme.example"), "base_url: String should match pattern"),
    "models that are a list": (("models:\n", "models: []\nmodel:\n"), "models: Input should be a valid dictionary"),
}


@pytest.mark.parametrize(("change", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_file_model_and_field(tmp_path, change, problem):
    text = MADE_UP.replace(*change, 1)
    assert text != MADE_UP
    with pytest.raises(UsageError, match=re.escape(problem)) as caught:
        catalog_of(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "0.yaml") + ": ")
    assert "\n" not in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path):
    text = MADE_UP.replace("price:", "prise:").replace("title: Acme\n", "").replace("default: low", "default: 3")
    with pytest.raises(UsageError) as caught:
        catalog_of(tmp_path, text)
    for field in ("title: Field required", "models.acme-1.prise", "models.acme-1.parameters.quality"):
        assert field in str(caught.value)


def test_ratios_may_go_without_quotes():
    """YAML 1.1 reads 16:9 as minutes and seconds: as the number 969."""
    assert Shapes.model_validate({"ratios": [969, 61, "2.35:1"]}).ratios == ("16:9", "1:1", "2.35:1")


def test_sizes_may_be_a_plain_list():
    assert Shapes.model_validate({"sizes": ["512x512"]}).sizes == {"512x512": "512x512"}


@pytest.mark.parametrize(
    ("parameter", "value", "problem"),
    [
        ({"type": "integer"}, 7, ""),
        ({"type": "integer"}, True, "must be a whole number"),
        ({"type": "integer"}, 7.5, "must be a whole number"),
        ({"type": "number", "min": 1, "max": 2}, 2, ""),
        ({"type": "number", "min": 1, "max": 2}, 2.1, "must lie between 1.0 and 2.0"),
        ({"type": "boolean"}, 1, "must be true or false"),
        ({"max_chars": 3}, "four", "must have 3 characters at most"),
        ({"allowed": ["a", "b"]}, "c", "must be one of a, b"),
    ],
)
def test_a_value_that_a_parameter_refuses_is_told_why(parameter, value, problem):
    assert Parameter.model_validate(parameter).problem_with(value) == problem


def test_the_schema_that_ships_is_the_one_that_is_checked():
    """Else: `python -c "import json; from pipeline.services.entries import Service as S;
    print(json.dumps(S.model_json_schema(), indent=1))" > pipeline/images/catalog/schema.json`."""
    shipped = resources.files("pipeline.images").joinpath("catalog/schema.json").read_text(encoding="utf-8")
    assert json.loads(shipped) == Service.model_json_schema()
