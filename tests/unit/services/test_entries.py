"""Every mistake in a catalog file names the file, the model and the field."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from functools import reduce
from importlib import resources
from operator import getitem

import pytest
import yaml

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
    "wrong type": (("{image: 0.5}", "{image: cheap}"), "models.acme-1.price.image: must be a number"),
    "negative price": (("{image: 0.5}", "{image: -1}"), "models.acme-1.price.image: must be 0 or more"),
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
    "batches of a service that takes none": (
        ("    protocol: http", "    protocol: http\n    batch: {price_share: 0.5}"),
        "endpoints.images: batch is for text by the anthropic protocol and for images by openai's",
    ),
    "batches for nothing": (
        ("    protocol: http", "    protocol: http\n    batch: {price_share: 0}"),
        "endpoints.images.batch.price_share: must be more than 0",
    ),
    "bad JMESPath": (("image: picture", 'image: "picture["'), "endpoints.images.result.image: not a JMESPath"),
    "bad regular expression": (
        ("models:", 'errors: {rules: [{kind: policy, text: "("}]}\nmodels:'),
        "errors.rules.0.text: not a regular expression",
    ),
    "unknown kind of failure": (
        ("models:", "errors: {rules: [{kind: poverty}]}\nmodels:"),
        "errors.rules.0.kind: must be 'auth', 'billing'",
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
        "key.variables: must not be empty",
    ),
    "key that is not sent": (
        ("[ACME_API_KEY]}", "[ACME_API_KEY], value: Bearer}"),
        "key.value: must hold {{key}}",
    ),
    "address that is none": (
        ("https://api.acme.example", "api.acme.example"),
        "base_url: must begin with http:// or https://",
    ),
    "models that are a list": (("models:\n", "models: []\nmodel:\n"), "models: must be 'name: value' lines"),
    "a list that is none": (("[ACME_API_KEY]}", "ACME_API_KEY}"), "key.variables: must be a list"),
    "nothing at all": (('{ratios: ["1:1", "16:9"]}', "{ratios: }"), "models.acme-1.shape.ratios: must not be empty"),
    "a list of what is none": (
        ("[ACME_API_KEY]", "[acme_key]"),
        "0.yaml: key.variables.0: must be a variable's name in capitals, like ACME_API_KEY",
    ),
    "no text": (("title: Acme", "title: 2026"), "title: must be a text; put it in quotes"),
    "no date": (("price:", "retires: soon\n    price:"), "models.acme-1.retires: must be a date like 2026-12-31"),
    "infinite price": (("{image: 0.5}", "{image: .inf}"), "models.acme-1.price.image: must be a finite number"),
    "price of a size that is none": (
        ("{image: 0.5}", "{sizes: {big: {low: 1}}}"),
        "models.acme-1.price.sizes.big: must be a size like 1024x768",
    ),
    "negative price of a size": (
        ("{image: 0.5}", "{sizes: {64x64: {low: -1}}}"),
        "models.acme-1.price.sizes.64x64.low: must be 0 or more",
    ),
    "size without prices": (
        ("{image: 0.5}", "{sizes: {64x64: {}}}"),
        "models.acme-1.price.sizes.64x64: must not be empty",
    ),
    "sizes with other prices": (
        ("{image: 0.5}", "{sizes: {64x64: {low: 1, high: 2}, 96x64: {low: 1}}}"),
        "models.acme-1.price.sizes: 96x64 must have prices for low, high, as the first has, and no others",
    ),
    "infinite wait": (("models:", "limits: {delay_s: .inf}\nmodels:"), "limits.delay_s: must be a finite number"),
    "default that is no number": (
        ("default: low", "type: number, default: .nan"),
        "models.acme-1.parameters.quality.default: must be a finite number",
    ),
    "default that is a list": (
        ("default: low", "default: [low]"),
        "models.acme-1.parameters.quality.default: must be a text, a number, or true or false",
    ),
    "date in a request": (
        ('"{{quality}}"}', '"{{quality}}", d: {e: [2026-01-01]}}'),
        "endpoints.images.request: d.e.0 is a date, which JSON cannot say; put it in quotes",
    ),
    "set in a request": (
        ('"{{quality}}"}', '"{{quality}}", d: !!set {a, b}}'),
        "endpoints.images.request: d is a set, which JSON cannot say; write it as a list",
    ),
    "bytes in a models request": (
        ("price:", 'request: {p: "{{prompt}}", d: !!binary aGk=}\n    price:'),
        "models.acme-1.request: d is binary, which JSON cannot say; put it in quotes",
    ),
    "no number in what is sent": (
        ("    protocol: http", "    protocol: http\n    send: {d: .nan}"),
        "endpoints.images.send: d is no finite number, which JSON cannot say",
    ),
    "too few arguments": (
        ("image: picture", 'image: "contains(picture)"'),
        "endpoints.images.result.image: not a JMESPath expression: contains() takes 2 arguments, not 1",
    ),
    "prompt nowhere": (("{{prompt}}", "a cat"), "endpoints.images.request: {{prompt}} stands nowhere"),
    "prompt nowhere in a models request": (
        ("price:", "request: {p: a cat}\n    price:"),
        "models.acme-1.request: {{prompt}} stands nowhere",
    ),
    "nothing means done": (
        ("result:", "poll: {url: u, status: s, done: []}\n    result:"),
        "endpoints.images.poll.done: must not be empty",
    ),
    "a word for done and failed": (
        ("result:", "poll: {url: u, status: s, done: [ok, over], failed: [over]}\n    result:"),
        "endpoints.images.poll: 'over' stands in two of waiting, done and failed",
    ),
}


@pytest.mark.parametrize(("change", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_file_model_and_field(tmp_path, change, problem):
    text = MADE_UP.replace(*change, 1)
    assert text != MADE_UP
    with pytest.raises(UsageError, match=re.escape(problem)) as caught:
        catalog_of(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "0.yaml") + ": ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["X Y", "X:", "", "X\\r\\nY", "Ü"])
@pytest.mark.parametrize("field", ["headers", "submit", "key"])
def test_a_header_name_that_http_cannot_carry_is_refused(tmp_path, field, name):
    change, where = {
        "headers": (("models:", f'headers: {{"{name}": v}}\nmodels:'), f"headers.{name}"),
        "submit": (("{path: /draw}", f'{{path: /draw, headers: {{"{name}": v}}}}'), "endpoints.images.submit.headers."),
        "key": (("[ACME_API_KEY]}", f'[ACME_API_KEY], header: "{name}"}}'), "key.header: "),
    }[field]
    with pytest.raises(UsageError, match="must be a header's name like X-Api-Key") as caught:
        catalog_of(tmp_path, MADE_UP.replace(*change, 1))
    assert where.partition("\\")[0] in str(caught.value)
    assert not {"\n", "\r"} & set(str(caught.value))


@pytest.mark.parametrize("value", ["a\\r\\nB: c", "é", "a ", "\\0"])
@pytest.mark.parametrize("field", ["headers", "submit", "key"])
def test_a_header_that_http_cannot_carry_is_refused(tmp_path, field, value):
    change, where = {
        "headers": (("models:", f'headers: {{X-A: "{value}"}}\nmodels:'), "headers.X-A: "),
        "submit": (("{path: /draw}", f'{{path: /draw, headers: {{X-A: "{value}"}}}}'), "images.submit.headers.X-A: "),
        "key": (("[ACME_API_KEY]}", f'[ACME_API_KEY], value: "{{{{key}}}}{value}"}}'), "key.value: "),
    }[field]
    with pytest.raises(UsageError) as caught:
        catalog_of(tmp_path, MADE_UP.replace(*change, 1))
    assert where in str(caught.value)
    assert "must be what an HTTP header can carry" in str(caught.value)


@pytest.mark.parametrize(
    "change", [("{path: /draw}", '{path: "/draw/{{prompt}}"}'), ("/draw", "/draw, query: {p: '{{prompt}}'}")]
)
def test_the_prompt_may_stand_in_the_address(tmp_path, change):
    text = MADE_UP.replace(*change, 1).replace('text: "{{prompt}}", ', "")
    assert "acme" in catalog_of(tmp_path, text).services


@pytest.mark.parametrize("name", ["auto", "offline", "placeholder"])
def test_words_of_the_settings_are_no_services_names(tmp_path, name):
    with pytest.raises(UsageError, match=f"service: {name} is a word of the settings; call it otherwise"):
        catalog_of(tmp_path, MADE_UP.replace("acme", name, 1))


HEIRS = "  acme-2: {like: acme-1}\n  acme-3: {like: acme-2}\n"


@pytest.mark.parametrize(
    "change",
    [
        ("{image: 0.5}", "{image: cheap}"),
        ("default: low", "default: best"),
        ("price:", "request: {p: a cat}\n    price:"),
        ("price:", "endpoint: imges\n    price:"),
        ('    shape: {ratios: ["1:1", "16:9"]}\n', ""),
    ],
    ids=["field", "value", "request", "endpoint", "nothing"],
)
def test_a_mistake_is_told_once_whatever_models_take_it_over(tmp_path, change):
    with pytest.raises(UsageError) as caught:
        catalog_of(tmp_path, MADE_UP.replace(*change, 1), "service: acme\nmodels:\n" + HEIRS)
    assert str(caught.value).startswith(f"{tmp_path / '0.yaml'}: models.acme-1")
    assert str(caught.value).count("models.") == 1


def test_of_a_shipped_service_too(tmp_path):
    with pytest.raises(UsageError) as caught:
        catalog_of(tmp_path, "service: bfl\nmodels: {flux-2-pro: {prompt_limit_chars: 5}}\n", "service: bfl\n")
    assert str(caught.value) == (f"{tmp_path / '0.yaml'}: models.flux-2-pro.prompt_limit_chars: must be 100 or more")


def test_the_same_mistake_made_twice_is_told_twice(tmp_path):
    text = MADE_UP.replace("price:", "retires: soon\n    price:") + "  acme-2: {like: acme-1, retires: soon}\n"
    with pytest.raises(UsageError, match=r"acme-1\.retires: .*acme-2\.retires: "):
        catalog_of(tmp_path, text)


def test_what_an_heir_makes_a_mistake_of_is_found_where_it_was_written(tmp_path):
    """Here the file of the model it is like: it takes a value away that the heir's default is."""
    heir = "service: acme\nmodels:\n  acme-2: {like: acme-1, parameters: {quality: {default: high}}}\n"
    less = "service: acme\nmodels: {acme-1: {parameters: {quality: {allowed: [low]}}}}\n"
    with pytest.raises(UsageError) as caught:
        catalog_of(tmp_path, MADE_UP, heir, less, "service: acme\ntitle: A\n")
    assert str(caught.value).startswith(f"{tmp_path / '2.yaml'}: models.acme-2.parameters.quality: 'high'")


def test_a_missing_field_of_ones_own_service_names_ones_own_file(tmp_path):
    with pytest.raises(UsageError) as caught:
        catalog_of(tmp_path, MADE_UP.replace("title: Acme\n", ""))
    assert str(caught.value) == f"{tmp_path / '0.yaml'}: title: is missing"


WHOLE = (
    MADE_UP
    + """\
    aliases: [a]
    retires: "2027-01-01"
    endpoint: images
    prompt_limit_chars: 900
  acme-2: {like: acme-1, shape: {free: {max_pixels: 1000000, max_edge: 1000}}}
  acme-3: {like: acme-1, shape: {sizes: [64x64]}, price: {sizes: {64x64: {a: 1}}, table: {a: 1}, tokens: {text_in: 1}}}
headers: {X-A: b}
limits: {delay_s: 1, parallel: 2}
unknown: {image: acme-1}
check: {path: /me, find: credits}
listing: {path: /models, models: data}
errors: {message: error, status: code, rules: [{kind: auth, status: [401], text: key}], rate_wait_s: 5}
"""
)


def _paths(value, path=()):
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in children:
        yield from _paths(child, (*path, step))


@pytest.mark.parametrize("wrong", [None, -1, 1.5, True, "x", [], [None], {"x": None}])
def test_no_mistake_is_told_in_the_words_of_a_programming_language(tmp_path, wrong):
    whole = yaml.safe_load(WHOLE)
    for path in list(_paths(whole))[1:]:
        data = deepcopy(whole)
        reduce(getitem, path[:-1], data)[path[-1]] = wrong
        try:
            catalog_of(tmp_path, json.dumps(data))
        except UsageError as error:
            told = str(error)
            assert not re.search(
                r"Input|String|should|tuple|NoneType|dict|instance|Datetime|\[key\]|True|None", told
            ), told
            assert "\n" not in told


def test_all_mistakes_are_told_at_once(tmp_path):
    text = MADE_UP.replace("price:", "prise:").replace("title: Acme\n", "").replace("default: low", "default: 3")
    with pytest.raises(UsageError) as caught:
        catalog_of(tmp_path, text)
    for field in ("title: is missing", "models.acme-1.prise", "models.acme-1.parameters.quality"):
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
        ({"type": "number", "min": 1, "max": 2.5}, 2.6, "must be 1 at least and 2.5 at most"),
        ({"type": "integer", "min": 0}, -1, "must be 0 at least"),
        ({"type": "integer", "max": 4294967295}, 2**40, "must be 4294967295 at most"),
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


@pytest.mark.parametrize("change", [("{{prompt}}", "{{promt}}"), ("[ACME_API_KEY]", "[acme]")])
def test_what_follows_from_a_mistake_is_not_told_besides(tmp_path, change):
    with pytest.raises(UsageError) as caught:
        catalog_of(tmp_path, MADE_UP.replace(*change, 1))
    assert str(caught.value).count("0.yaml") == 1
