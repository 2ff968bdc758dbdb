"""The request is an exact copy of the service's own JSON: types kept, what has no value gone without a trace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.asking.templates import ABSENT, rendered, rendered_path, rendered_texts

VALUES = {"prompt": "a cat", "width": 1024, "guidance": 3.5, "raw": True, "images": ["a", "b"], "none": None}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{width}}", 1024),
        ("{{ guidance }}", 3.5),
        ("{{raw}}", True),
        ("{{images}}", ["a", "b"]),
        ("{{width}}x{{width}}", "1024x1024"),
        ("say {{prompt}}, {{raw}}", "say a cat, true"),
        ("no braces", "no braces"),
        ({"a": 1, "b": None, "c": [], "d": {}}, {"a": 1, "b": None, "c": [], "d": {}}),
        ({"{{prompt}}": 1}, {"a cat": 1}),
    ],
)
def test_values_are_put_in_with_their_types(template, expected):
    assert rendered(template, VALUES) == expected
    assert type(rendered(template, VALUES)) is type(expected)


@pytest.mark.parametrize(
    "template", ["{{seed}}", "{{none}}", "{{prompt}} and {{seed}}", ["{{seed}}"], {"a": ["{{seed}}"]}]
)
def test_what_stands_for_no_value_is_absent_with_all_it_leaves_empty(template):
    assert rendered(template, VALUES) is ABSENT


def test_the_rest_of_a_container_stays():
    template = {"input": {"prompt": "{{prompt}}", "seed": "{{seed}}", "size": {"w": "{{w}}"}}, "tags": ["{{x}}", "y"]}
    assert rendered(template, VALUES) == {"input": {"prompt": "a cat"}, "tags": ["y"]}


def test_a_prompt_that_looks_like_a_template_is_left_alone():
    assert rendered({"p": "{{prompt}}!"}, {"prompt": "{{key}}", "key": "secret"}) == {"p": "{{key}}!"}


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab:{ "), st.lists)
)
def test_what_holds_no_name_comes_out_as_it_went_in(data):
    assert rendered(data, VALUES) == data


def test_headers_and_queries_are_texts():
    assert rendered_texts({"x-raw": "{{raw}}", "x-seed": "{{seed}}", "x": "y"}, VALUES) == {"x-raw": "true", "x": "y"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/models/{{route}}/run", "/models/owner/some%20model:v1/run"),
        ("/tasks?id={{id}}", "/tasks?id=..%2F..%2Fadmin%3Fx%3D1%26y"),
        ("/n/{{number}}", "/n/7"),
        ("/half/{{half}}", "/half/%3F"),
        ("/none/{{nothing}}", "/none/"),
    ],
)
def test_values_in_paths_cannot_lead_elsewhere(path, expected):
    values = {"route": "owner/some model:v1", "id": "../../admin?x=1&y", "number": 7, "half": "\ud800"}
    assert rendered_path(path, values) == expected
