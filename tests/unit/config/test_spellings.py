"""However a service quotes a key back, one of its spellings stands in the text."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.spellings import spellings

KEY = "sk-Quokka+Zephyr/0123456789=="


def taken_out(text, *secrets):
    for spelling in spellings(secrets):
        text = text.replace(spelling, "***")
    return text


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@given(before=st.binary(max_size=9), after=st.binary(max_size=9), key=st.binary(min_size=8, max_size=40))
def test_a_key_inside_longer_base64_is_taken_out(encode, before, after, key):
    key = key.hex()
    text = encode(before + key.encode() + after).decode()
    assert "***" in taken_out(text, key)


def test_of_basic_access_no_more_than_the_last_letter_is_left():
    text = f"Basic {b64encode(b'me:' + KEY.encode()).decode()}"
    assert taken_out(text, KEY) == "Basic bWU6***0="


@pytest.mark.parametrize("text", [KEY, quote(KEY, safe=""), quote(KEY), urlencode({"key": KEY}), f"Bearer {KEY}."])
def test_plain_and_percent_encoded(text):
    left = taken_out(text, KEY)
    assert "***" in left
    assert "Zephyr" not in left


def test_either_half_of_an_id_and_its_secret():
    assert taken_out("id 0a1b2c3d4e, secret 9f8e7d6c5b", "0a1b2c3d4e:9f8e7d6c5b") == "id ***, secret ***"


def test_a_half_too_short_to_be_secret_stays():
    assert taken_out("the key of 12 is 12:9f8e7d6c5b", "12:9f8e7d6c5b") == "the key of 12 is ***"


def test_a_key_that_begins_like_another_leaves_no_rest():
    assert taken_out("sk-abc and sk-abc-def", "sk-abc", "sk-abc-def") == "*** and ***"


def test_a_short_key_is_taken_out_as_it_is():
    assert spellings(["k", ""]) == ("k",)


QUOTED = 'Wombat"+Narwhal\\Obelisk/98765'


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"key": QUOTED}),
        json.dumps({"key": QUOTED}).replace("/", "\\/"),
        json.dumps({"key": QUOTED}).replace("+", "\\u002B"),
        json.dumps(f"me:{QUOTED}"),
    ],
    ids=["plain", "as PHP writes it", "as .NET writes it", "behind a name"],
)
def test_in_json(text):
    left = taken_out(text, QUOTED)
    assert "***" in left
    assert not {"Wombat", "Narwhal", "Obelisk", "98765"} & set(left.replace('"', " ").replace("\\", " ").split())


def test_a_key_with_a_slash_as_php_writes_it():
    assert taken_out(json.dumps({"key": KEY}).replace("/", "\\/"), KEY) == '{"key": "***"}'


def test_bytes_of_the_environment_that_are_no_text_are_no_reason_to_fall_over():
    assert "sk-0123456789\udcff" in spellings(["sk-0123456789\udcff"])


@given(key=st.text(st.characters(codec="utf-8"), min_size=8, max_size=40))
def test_any_key_is_taken_out_of_json_and_of_addresses(key):
    escaped, percent = json.dumps(key)[1:-1], quote(key)
    lower = re.sub("%..", lambda letters: letters[0].lower(), percent)
    for text in (escaped, escaped.replace("/", "\\/"), percent, lower, quote(key, safe="")):
        assert taken_out(text, key) == "***"
