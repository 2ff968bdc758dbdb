"""What is kept, as a table and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from pipeline.records.kept import KeptEntry
from pipeline.records.requests import CallKind
from pipeline.reporting.cache_table import (
    Amount,
    describe_entries,
    describe_removed,
    describe_size,
    entries_json,
    removed_json,
    size_json,
)
from pipeline.reporting.cells import moment
from tests.unit.reporting.past import BEGAN

STORE = Path("/data/store")
PICTURE = KeptEntry(
    kind=CallKind.IMAGE,
    key="ab" * 32,
    service="openai",
    model="gpt-image-2",
    prompt="A red kite above a wide green valley in the morning, and more",
    bytes=1_234_567,
    cost_usd=0.047,
    created=BEGAN,
    last_used=BEGAN,
    path=STORE / "pictures" / "x.png",
)
ANSWER = replace(
    PICTURE, kind=CallKind.PROMPT, service="offline", model="", prompt="", bytes=900, cost_usd=None, path=None
)


def test_an_entry_is_a_line():
    _, picture, answer, _, total = describe_entries([PICTURE, ANSWER], STORE, has_more=False).splitlines()
    assert picture.split()[:8] == [*moment(BEGAN).split(), "image", "openai/gpt-image-2", "$0.047", "1.2", "MB", "A"]
    assert picture.endswith("…")
    assert answer.split()[2:] == ["prompt", "offline", "?", "900", "B", "abababababab"]
    assert total == f"2 entries, in {STORE}."
    assert max(len(picture), len(answer)) <= 120


def test_more_than_is_shown_is_said_and_nothing_too():
    assert "unused for longer (--limit N shows more)" in describe_entries([PICTURE], STORE, has_more=True)
    assert describe_entries([], STORE, has_more=False) == f"Nothing is kept in {STORE}."


def test_entries_as_json_are_whole():
    found = json.loads(entries_json([PICTURE, ANSWER], STORE))
    picture, answer = found["entries"]
    assert found["folder"] == str(STORE)
    assert picture == {
        "kind": "image",
        "key": "ab" * 32,
        "service": "openai",
        "model": "gpt-image-2",
        "prompt": PICTURE.prompt,
        "bytes": 1_234_567,
        "cost_usd": 0.047,
        "created": "2026-11-08T02:14:03+00:00",
        "last_used": "2026-11-08T02:14:03+00:00",
        "path": str(PICTURE.path),
    }
    assert (answer["cost_usd"], answer["path"]) == (None, None)


def test_how_much_there_is_and_how_much_went():
    assert describe_size(312, 1, 1_200_000_000, STORE) == f"312 pictures and 1 prompt, 1.2 GB, in {STORE}."
    assert json.loads(size_json(312, 1, 5, STORE)) == {"folder": str(STORE), "pictures": 312, "answers": 1, "bytes": 5}
    went, left = Amount(entries=2, bytes=2000), Amount(entries=1, bytes=5)
    assert describe_removed(went, left, STORE) == f"Removed 2 entries, 2.0 kB, from {STORE}. Left: 1 entry, 5 B."
    assert json.loads(removed_json(went, left, STORE)) == {
        "folder": str(STORE),
        "removed_entries": 2,
        "removed_bytes": 2000,
        "left_entries": 1,
        "left_bytes": 5,
    }
