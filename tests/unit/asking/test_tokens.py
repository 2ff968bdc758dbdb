"""The tokens an answer tells of, in whatever words."""

from __future__ import annotations

import pytest

from pipeline.asking.tokens import tokens_in
from pipeline.records import Tokens


@pytest.mark.parametrize(
    ("content", "tokens"),
    [
        ({"usage": {"input_tokens": 31, "output_tokens": 343}}, Tokens(read=31, written=343)),
        ({"usage": {"prompt_tokens": 12, "completion_tokens": 0}}, Tokens(read=12, written=0)),
        (
            {"usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 1120, "thoughtsTokenCount": 80}},
            Tokens(read=9, written=1200),
        ),
        ({"usage": {"completion_tokens": 5}}, Tokens(read=0, written=5)),
        ({"usage": {"input_tokens": "many", "prompt_tokens": 4.0}}, Tokens(read=4, written=0)),
        ({"usage": {"input_tokens": True, "output_tokens": -1}}, None),
        ({"usage": {"input_tokens": float("nan"), "output_tokens": float("inf")}}, None),
        ({"usage": None}, None),
        ({}, None),
        (None, None),
        ([1], None),
    ],
)
def test_tokens_are_found_where_services_tell_them(content, tokens):
    assert tokens_in(content) == tokens
