"""What was learned is there for the next run, and gone when it is of no use."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, date, datetime

import pytest
from filelock import FileLock

from pipeline.errors import FileAccessError
from pipeline.records.listings import ListedModel, Listing
from pipeline.store.listings import clear_listings, keep_listing, read_listings

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALPHA = Listing(
    base_url="https://alpha.example/v1",
    fetched=NOON,
    models=(ListedModel(id="maker/one", retires=date(2026, 12, 1), usd=0.25), ListedModel(id="two")),
)
BETA = Listing(base_url="https://ann:hush@beta.example", fetched=NOON, models=())


def read(home, **addresses):
    return read_listings(home, addresses)


def test_what_is_kept_is_read_again(tmp_path):
    keep_listing(tmp_path / "home", "alpha", ALPHA)
    keep_listing(tmp_path / "home", "beta", BETA)
    found = read(tmp_path / "home", alpha=ALPHA.base_url, beta=BETA.base_url, gamma="https://gamma.example")
    assert found == {"alpha": ALPHA, "beta": BETA}
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_a_password_in_an_address_is_not_kept(tmp_path):
    keep_listing(tmp_path, "beta", BETA)
    assert not any(b"hush" in path.read_bytes() for path in tmp_path.iterdir())


def test_what_another_server_listed_is_not_this_ones(tmp_path):
    keep_listing(tmp_path, "alpha", ALPHA)
    assert read(tmp_path, alpha="http://localhost:8080/v1") == {}
    assert read(tmp_path, alpha=None) == {}


def test_it_can_be_forgotten_and_need_not_be_there(tmp_path):
    keep_listing(tmp_path, "alpha", ALPHA)
    clear_listings(tmp_path)
    clear_listings(tmp_path)
    assert read(tmp_path, alpha=ALPHA.base_url) == {}


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"\xff\xfe", json.dumps({"services": {"alpha": {"address": 7}}}).encode()]
)
def test_a_damaged_file_holds_nothing_and_is_written_anew(tmp_path, damage):
    (tmp_path / "listings.json").write_bytes(damage)
    assert read(tmp_path, alpha=ALPHA.base_url) == {}
    keep_listing(tmp_path, "alpha", ALPHA)
    assert read(tmp_path, alpha=ALPHA.base_url) == {"alpha": ALPHA}


def test_where_nothing_can_be_kept_it_is_said(tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(FileAccessError, match=r"listings\.json"):
        keep_listing(tmp_path / "home", "alpha", ALPHA)
    (tmp_path / "listings.json").mkdir()
    with pytest.raises(FileAccessError, match="remove it by hand"):
        clear_listings(tmp_path)


def test_another_process_that_never_lets_go_is_not_waited_for(tmp_path):
    with FileLock(tmp_path / "listings.json.lock"), pytest.raises(FileAccessError, match="another process"):
        keep_listing(tmp_path, "alpha", ALPHA, lock_timeout_s=0.05)
