"""JMESPath as the catalog says where something stands."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from pipeline.services.expressions import Expression, look_up

CHECKED = TypeAdapter(Expression)


def test_what_stands_deep_inside_is_found():
    assert look_up("candidates[0].parts[?!thought].data", {"candidates": [{"parts": [{"data": "x"}]}]}) == ["x"]


@pytest.mark.parametrize("answer", [None, 7, "text", [], {}, {"a": 7}, {"a": [1]}])
def test_what_is_not_there_is_nothing_whatever_the_answer_is(answer):
    assert look_up("a.b.c", answer) is None


def test_a_value_of_the_wrong_type_is_nothing():
    assert look_up("sum(a)", {"a": "seven"}) is None


def test_json_inside_a_text_is_read():
    assert look_up("from_json(a).urls", {"a": '{"urls": ["https://x"]}'}) == ["https://x"]


@pytest.mark.parametrize("text", ["", "{", None])
def test_a_text_that_is_no_json_is_nothing(text):
    assert look_up("from_json(a)", {"a": text}) is None


def test_words_are_found_whatever_their_case():
    assert look_up("matches(error, 'nsfw|flagged')", {"error": "NSFW content"}) is True


@pytest.mark.parametrize("answer", [{"error": "fine"}, {"error": ""}, {"error": None}, {}, {"error": {"code": 1}}])
def test_words_that_are_not_there_are_not_found(answer):
    assert not look_up("matches(error, 'nsfw|flagged')", answer)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("data[", "not a JMESPath expression: .*Incomplete"),
        ("", "not a JMESPath expression: .*empty"),
        ("from_jsn(data)", r"there is no function from_jsn\(\)"),
        ("data && [nope(a)]", r"there is no function nope\(\)"),
        ("contains(img)", r"contains\(\) takes 2 arguments, not 1"),
        ("a || [length(b, c)]", r"length\(\) takes 1 argument, not 2"),
        ("matches()", r"matches\(\) takes 2 arguments, not 0"),
        ("merge()", r"merge\(\) takes 1 argument or more, not 0"),
        ("matches(error, '(')", "not a regular expression: missing \\)"),
    ],
)
def test_an_expression_that_could_never_find_anything_is_refused(expression, problem):
    with pytest.raises(ValidationError, match=problem):
        CHECKED.validate_python(expression)


@pytest.mark.parametrize(
    "expression", ["merge(a, b, c)", "not_null(a)", "sort_by(a, &b)", "join(', ', a)", "from_json(a)"]
)
def test_the_right_number_of_arguments_is_no_mistake(expression):
    assert CHECKED.validate_python(expression) == expression
