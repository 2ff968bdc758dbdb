"""What goes with every call: the service's headers and the key, their values put in."""

from __future__ import annotations

from pipeline.asking.headers import headers_of
from tests.unit.images.http.invented import KEY, access, entry


def test_headers_are_rendered_and_the_key_stands_where_the_catalog_says():
    service = entry(
        headers={"X-Title": "deck", "X-Trace": "t {{key}}"},
        key={"variables": ["INVENTED_API_KEY"], "header": "x-api-key", "value": "{{key}}"},
    )
    assert headers_of(access(service)) == {"X-Title": "deck", "X-Trace": f"t {KEY}", "x-api-key": KEY}


def test_without_a_key_no_header_speaks_of_one():
    service = entry(headers={"X-Title": "deck", "X-Trace": "t {{key}}"})
    assert headers_of(access(service, key=None)) == {"X-Title": "deck"}
