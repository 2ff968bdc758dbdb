"""What was ordered is remembered until it has arrived."""

from __future__ import annotations

import os
import stat

import pytest

from pipeline.errors import FileAccessError
from tests.unit.store.stores import files_in, full, picture, store_in

KEY = picture().key
RECEIPT = b'{"address": "https://example.org/task?secret=1"}'


@pytest.fixture
def store(tmp_path):
    return store_in(tmp_path / "store")


def test_another_process_finds_it_until_it_is_dropped(tmp_path, store):
    assert store.find_receipt(KEY) is None
    store.drop_receipt(KEY)
    assert not list(tmp_path.iterdir())
    store.keep_receipt(KEY, RECEIPT)
    store.keep_receipt(KEY, RECEIPT + b" ")
    assert store_in(tmp_path / "store", owner="run-2").find_receipt(KEY) == RECEIPT + b" "
    store.drop_receipt(KEY)
    assert store.find_receipt(KEY) is None
    assert files_in(tmp_path) == []


def test_it_is_private_for_there_may_be_a_secret_in_it(tmp_path, store):
    store.keep_receipt(KEY, RECEIPT)
    (path,) = (tmp_path / "store" / "receipts").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_disk_that_fails_is_told(store, monkeypatch):
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileAccessError, match="cannot be written"):
        store.keep_receipt(KEY, RECEIPT)
