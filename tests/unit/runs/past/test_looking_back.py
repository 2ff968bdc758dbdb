"""Ages and sizes as people write them, what may go where they say nothing, pictures by their digests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.config.loader import configuration_of
from pipeline.config.settings import Settings
from pipeline.errors import UsageError
from pipeline.records import CallKind, GeneratedImage, Request
from pipeline.runs.past.looking_back import given_age, given_size, pictures_kept, prune_store
from pipeline.store.keeping import Store

NOW = datetime(2026, 11, 8, 2, 14, tzinfo=UTC)
REQUEST = Request(kind=CallKind.IMAGE, service="openai", model="gpt-image-2", prompt="A red kite")
IMAGE = GeneratedImage(data=b"\x89PNG kite", provider="openai", model="gpt-image-2", cost_usd=0.1)


def configured(tmp_path, **store):
    return configuration_of(Settings.model_validate({"store": {"folder": tmp_path / "store", **store}}), {})


@pytest.fixture
def kept(tmp_path):
    store = Store(tmp_path / "store", owner="x", now=lambda: NOW - timedelta(days=10))
    return store.keep_picture(REQUEST, IMAGE)


def test_what_is_no_age_or_size_says_how_to_write_one():
    assert given_age("4w") == timedelta(days=28)
    assert given_size("1.5kb") == 1500
    with pytest.raises(UsageError, match="'7 days' is no age; write an age like 90d"):
        given_age("7 days")
    with pytest.raises(UsageError, match="'lots' is no size; write a size like 5GB"):
        given_size("lots")


@pytest.mark.parametrize(
    ("given", "settings", "removed"),
    [
        (("9d", None), {}, 1),
        (("11d", None), {}, 0),
        ((None, "1"), {}, 1),
        (("11d", "1MB"), {"retention": "1d", "max_size": "0"}, 0),
        ((None, None), {"retention": "9d"}, 1),
        ((None, None), {"max_size": "0"}, 1),
        ((None, None), {"max_size": "1MB"}, 0),
    ],
)
def test_what_is_given_stands_in_place_of_the_settings(tmp_path, kept, given, settings, removed):
    assert prune_store(configured(tmp_path, **settings), *given, NOW).entries == removed
    assert kept.path.exists() is (removed == 0)


def test_where_nobody_says_what_may_go_nothing_does(tmp_path, kept):
    with pytest.raises(UsageError, match="say what may go"):
        prune_store(configured(tmp_path), None, None, NOW)
    assert kept.path.exists()


def test_pictures_are_found_by_what_is_in_them(tmp_path, kept):
    assert pictures_kept(tmp_path / "store", ["", kept.hash, "0" * 64, kept.hash]) == {kept.hash: kept.path}
    assert pictures_kept(tmp_path / "nowhere", [kept.hash]) == {}
