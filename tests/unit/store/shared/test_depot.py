"""Bytes by name at a path, and what is said of places that cannot be reached."""

from __future__ import annotations

import os
import stat
import sys

import pytest

pytest.importorskip("fsspec")

from pipeline.errors import FileAccessError, UsageError
from pipeline.store.shared.depot import Depot, download, listing, upload


@pytest.fixture(params=["path", "file://"])
def depot(request, tmp_path):
    prefix = "" if request.param == "path" else request.param
    return Depot(f"{prefix}{tmp_path / 'our depot'}")


def test_what_was_put_is_there_until_it_is_deleted(tmp_path, depot):
    assert depot.get("pictures/a.png") is None
    depot.delete("pictures/a.png")
    assert not list(tmp_path.iterdir())
    depot.put("pictures/a.png", b"old")
    depot.put("pictures/a.png", b"new")
    assert depot.get("pictures/a.png") == b"new"
    assert [path.name for path in (tmp_path / "our depot" / "pictures").iterdir()] == ["a.png"]
    depot.delete("pictures/a.png")
    assert depot.get("pictures/a.png") is None


def test_a_path_is_told_from_where_it_was_named(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    depot = Depot("depot")
    monkeypatch.chdir(tmp_path / "elsewhere")
    depot.put("a", b"1")
    assert (tmp_path / "depot" / "a").read_bytes() == b"1"


def test_who_else_may_read_it_is_the_folders_matter(tmp_path):
    umask = os.umask(0o027)
    try:
        Depot(str(tmp_path / "depot")).put("a", b"1")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "depot" / "a").stat().st_mode) == 0o640


def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    depot = Depot(str(tmp_path))
    depot.put("a", b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(FileAccessError, match=r"/a: cannot be written \(No space left on device\)"):
            depot.put("a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert depot.get("a") == b"old"
    with pytest.raises(FileAccessError, match=r"a/b: cannot be written \(File exists\)"):
        depot.put("a/b", b"new")


@pytest.mark.parametrize("url", ["ftp://somewhere/x", "s4://bucket", "https://u:s3cret@host/x?sig=s3cret"])
def test_a_place_of_no_kind_we_know_is_a_usage_error(url):
    with pytest.raises(UsageError, match=r"no place that can be reached; write a path, or one of file://") as told:
        Depot(url)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(("url", "package"), [("gs://bucket/x", "gcsfs"), ("az://container/x", "adlfs")])
def test_a_driver_that_is_not_installed_is_named_with_its_extra(monkeypatch, url, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        UsageError, match=rf"{url}/a: needs {package}: pip install 'deck-illustrator\[fleet\]' {package}"
    ):
        Depot(url).get("a")


def test_a_deck_goes_there_and_comes_back_whole(tmp_path):
    deck, url = tmp_path / "a deck.pptx", f"file://{tmp_path}/out/ä deck.pptx"
    deck.write_bytes(os.urandom(100_000))
    upload(deck, url)
    download(url, tmp_path / "back" / "deck.pptx")
    assert (tmp_path / "back" / "deck.pptx").read_bytes() == deck.read_bytes()
    assert len(list((tmp_path / "back").iterdir())) == 1


def test_decks_that_are_not_there_are_told(tmp_path):
    with pytest.raises(FileAccessError, match=r"none\.pptx: there is no such file"):
        download(f"file://{tmp_path}/none.pptx", tmp_path / "deck.pptx")
    with pytest.raises(FileAccessError, match=r"none\.pptx: cannot be read"):
        upload(tmp_path / "none.pptx", f"file://{tmp_path}/deck.pptx")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileAccessError, match=r"file/deck\.pptx: cannot be written"):
        download(f"file://{tmp_path}/file", tmp_path / "file" / "deck.pptx")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_files_are_listed_by_their_names_from_there(tmp_path):
    for name in ("b.pptx", "a.pptx", "a.txt", "sub/c.pptx", "sub/deep/d.pptx", "[x]/e::f.pptx"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    url = f"file://{tmp_path}/"
    assert listing(url, "*.pptx") == [f"{url}a.pptx", f"{url}b.pptx"]
    assert listing(url, "*/*.pptx") == [f"{url}[x]/e::f.pptx", f"{url}sub/c.pptx"]
    assert len(listing(url, "**/*.pptx")) == 5
    assert listing(f"{tmp_path}/[x]", "*") == [f"{tmp_path}/[x]/e::f.pptx"]
    assert listing(url, "*.doc") == []
    assert listing(f"{url}none", "*") == []
