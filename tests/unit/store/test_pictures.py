"""A picture that was paid for is found again, whole, for the same request only."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import FileAccessError
from tests.unit.store.stores import NOW, PNG, digest, files_in, image, picture, store_in


@pytest.fixture
def store(tmp_path):
    return store_in(tmp_path / "store")


def record_of(request, tmp_path):
    return tmp_path / "store" / "pictures" / f"{request.key}.json"


def test_nothing_is_made_by_looking(tmp_path, store):
    assert store.find_picture(picture()) is None
    store.discard_picture(picture())
    store.sweep("run-0")
    assert not list(tmp_path.iterdir())


def test_it_is_found_again_by_another_run_with_what_it_cost(tmp_path, store):
    kept = store.keep_picture(picture(), image())
    found = store_in(tmp_path / "store", owner="run-2").find_picture(picture())
    assert found == kept
    assert (kept.data, kept.hash, kept.cost_usd) == (PNG, digest(PNG), 0.04)
    assert (kept.provider, kept.model) == ("openai", "gpt-image-1")
    assert kept.path == tmp_path / "store" / "pictures" / f"{digest(PNG)}.png"
    assert kept.path.read_bytes() == PNG
    assert "PNG" not in repr(kept)


def test_a_price_that_is_not_known_stays_so(store):
    store.keep_picture(picture(), image(cost_usd=None))
    assert store.find_picture(picture()).cost_usd is None


@pytest.mark.parametrize(
    "changes",
    [{"service": "azure"}, {"model": "m"}, {"prompt": "A fox"}, {"parameters": {}}, {"context": {"variant": 2}}],
    ids=str,
)
def test_another_request_finds_nothing(store, changes):
    store.keep_picture(picture(), image())
    assert store.find_picture(replace(picture(), **changes)) is None


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"\x89PNG\r\n", ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"GIF89a", ".gif"),
        (b"RIFF\0\0\0\0WEBP", ".webp"),
        (b"<html>", ".bin"),
        (b"", ".bin"),
    ],
)
def test_it_is_kept_as_it_came_and_named_by_its_bytes(store, data, suffix):
    assert store.keep_picture(picture(), image(data)).path.name == digest(data) + suffix
    assert store.find_picture(picture()).data == data


def test_files_are_for_their_owner_alone_and_no_other_is_left(tmp_path, store):
    store.keep_picture(picture(), image())
    assert set(files_in(tmp_path / "store")) == {f"pictures/{digest(PNG)}.png", f"pictures/{picture().key}.json"}
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "store", *tmp_path.rglob("*")]}
    assert modes == {True: 0o700, False: 0o600}


def test_the_record_says_what_was_asked_but_not_what_slides_say(tmp_path, store):
    store.keep_picture(picture(), image())
    text = record_of(picture(), tmp_path).read_text(encoding="utf-8")
    assert json.loads(text)["request"] == {
        "service": "openai",
        "model": "gpt-image-1",
        "prompt": "A red fox, number 1",
        "parameters": {"size": "1024x1024", "n": 1},
    }
    assert "what the slide says" not in text


def test_pictures_of_the_same_content_are_one_file(tmp_path, store):
    store.keep_picture(picture(1), image())
    store.keep_picture(picture(2), image(cost_usd=0.5))
    assert len(list((tmp_path / "store" / "pictures").glob("*.png"))) == 1
    assert [store.find_picture(picture(number)).cost_usd for number in (1, 2)] == [0.04, 0.5]


@pytest.mark.parametrize("change", [b"", PNG[:-1], PNG + b"\0", b"x" * len(PNG), None], ids=str)
def test_a_picture_that_is_gone_or_changed_is_none_until_it_is_kept_anew(store, change):
    path = store.keep_picture(picture(), image()).path
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change)
    assert store.find_picture(picture()) is None
    store.keep_picture(picture(), image())
    assert store.find_picture(picture()).data == PNG


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b"3", b'{"hash": "x"}', b"\xff\xfe", b'"text"', b"\0" * 500]
)
def test_a_damaged_record_counts_as_none(tmp_path, store, damage):
    store.keep_picture(picture(), image())
    record_of(picture(), tmp_path).write_bytes(damage)
    assert store.find_picture(picture()) is None


@pytest.mark.parametrize("evil", ["../" * 10 + "etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_a_record_cannot_name_a_file_elsewhere(tmp_path, store, evil):
    store.keep_picture(picture(), image())
    path = record_of(picture(), tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"hash": evil}))
    assert store.find_picture(picture()) is None


def test_what_cannot_be_read_is_told_and_not_paid_for_twice(tmp_path, store):
    record_of(picture(), tmp_path).mkdir(parents=True)
    with pytest.raises(FileAccessError, match=r"\.json: cannot be read .* store\.folder"):
        store.find_picture(picture())
    store.keep_picture(picture(2), image()).path.unlink()
    (tmp_path / "store" / "pictures" / f"{digest(PNG)}.png").mkdir()
    with pytest.raises(FileAccessError, match=r"\.png: cannot be read"):
        store.find_picture(picture(2))


def test_a_discarded_picture_is_gone_and_may_be_discarded_twice(tmp_path, store):
    store.keep_picture(picture(), image(b"<html>"))
    store.discard_picture(picture())
    store.discard_picture(picture())
    assert store.find_picture(picture()) is None
    assert files_in(tmp_path / "store") == []


def test_it_is_used_when_it_is_kept_and_when_it_is_found(tmp_path, store):
    store.keep_picture(picture(), image())
    record = record_of(picture(), tmp_path)
    assert record.stat().st_mtime == NOW.timestamp()
    later = NOW + timedelta(days=3)
    store_in(tmp_path / "store", later).find_picture(picture())
    assert record.stat().st_mtime == later.timestamp()


def test_a_store_one_may_only_read_is_still_read(store, monkeypatch):
    store.keep_picture(picture(), image())

    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "utime", refuse)
    assert store.find_picture(picture()).data == PNG


@pytest.mark.parametrize("full_at", range(1, 4))
def test_a_disk_that_fails_is_told_and_leaves_no_temporary_file(tmp_path, store, monkeypatch, full_at):
    """The syncs of a picture: its file, its record, their folder. What got there can be used, or told from whole."""
    store.keep_picture(picture(2), image(b"other"))
    calls, fsync = [], os.fsync

    def fail(descriptor):
        calls.append(descriptor)
        if len(calls) == full_at:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileAccessError, match=r"No space left on device\); free space"):
        store.keep_picture(picture(), image())
    assert store.find_picture(picture()).data == PNG
    assert not [name for name in files_in(tmp_path / "store") if name.endswith((".tmp", ".lock"))]
    assert len(files_in(tmp_path / "store" / "pictures")) == 4


def test_folders_that_vanish_in_between_are_made_anew(tmp_path, store, monkeypatch):
    fsync, moved = os.fsync, []

    def vanish(descriptor):
        fsync(descriptor)
        if not moved:
            moved.append((tmp_path / "store" / "pictures").rename(tmp_path / "elsewhere"))

    store.keep_picture(picture(1), image())
    monkeypatch.setattr(os, "fsync", vanish)
    store.keep_picture(picture(2), image(b"second"))
    assert moved
    assert store.find_picture(picture(2)).data == b"second"


def test_what_is_no_text_can_be_kept(store):
    odd = replace(picture(), prompt="a\ud800b", parameters={"style": "\udcff"})
    store.keep_picture(odd, image())
    assert store.find_picture(odd).data == PNG


def test_nothing_is_kept_while_another_process_removes_the_same_content(tmp_path, store, monkeypatch):
    monkeypatch.setattr("pipeline.store.pictures._PATIENCE_S", 0.02)
    with store._locks.if_free(digest(PNG)):
        with pytest.raises(FileAccessError, match="another process holds it"):
            store.keep_picture(picture(), image())
        assert not list((tmp_path / "store").glob("pictures/*"))
    store.keep_picture(picture(), image())
    assert store.find_picture(picture()) is not None
