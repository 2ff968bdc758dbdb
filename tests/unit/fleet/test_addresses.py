"""Sources and targets as every machine means them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.fleet.addresses import below, beside, digest_at, is_url, name_of, placed, put_bytes


@pytest.mark.parametrize(
    ("target", "ending", "found"),
    [
        ("s3://b/out/a.pptx", ".json", "s3://b/out/a.json"),
        ("/out.d/a.b.pptx", ".partial.pptx", "/out.d/a.b.partial.pptx"),
        ("/out.d/deck", ".json", "/out.d/deck.json"),
    ],
)
def test_what_lies_beside_a_target(target, ending, found):
    assert beside(target, ending) == found


def test_paths_are_told_from_the_root_and_urls_as_they_are(tmp_path):
    assert placed("decks/a.pptx") == str(tmp_path / "decks/a.pptx")
    assert placed(f"file://{tmp_path}/a.pptx") == str(tmp_path / "a.pptx")
    assert placed("s3://b/a.pptx") == "s3://b/a.pptx"
    assert [is_url(one) for one in ("s3://b/a", "/a", "file:///a")] == [True, False, False]


def test_an_address_with_a_password_is_refused_without_repeating_it():
    assert placed("sftp://ann@host/decks") == "sftp://ann@host/decks"
    with pytest.raises(UsageError, match=r"^host: an address with a password") as refused:
        placed("sftp://ann:hush@host/decks")
    assert "hush" not in str(refused.value)


def test_names_below_and_of():
    assert below("s3://b/out/", "x/a.pptx") == "s3://b/out/x/a.pptx"
    assert name_of("s3://b/out/x/a.pptx") == "a.pptx"


def test_bytes_are_put_and_known_by_their_digest(tmp_path):
    url = str(Path(tmp_path) / "new" / "a.json")
    assert digest_at(url) == ""
    put_bytes(b"{}", url)
    assert digest_at(url) == hashlib.sha256(b"{}").hexdigest()
