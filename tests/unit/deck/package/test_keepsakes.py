"""What a picture keeps comes back as it was; what a stranger puts in its place comes to nothing."""

from __future__ import annotations

import base64
import json
import zlib

import pytest

from pipeline.deck.ooxml import NAMESPACES
from pipeline.deck.package.keepsakes import Keepsake
from pipeline.deck.package.splicing import Document

OURS = Keepsake(uri="{9B1E4C62-7A35-4D0B-8E57-2C6F0D93B8A1}", name="kept", most_bytes=1000)
CONTENT = {"xml": "<p:sp/> & é \U0001f600", "number": 7}


def read(extension, keepsake=OURS):
    document = Document(b'<a xmlns:a="' + NAMESPACES["a"].encode() + b'"><b>' + extension + b"</b></a>")
    return keepsake.read(document.root.children[0], document)


def packed(data):
    return base64.b64encode(zlib.compress(data))


def holding(inside):
    return b'<di:kept xmlns:di="urn:deck-illustrator:kept">' + inside + b"</di:kept>"


def test_what_is_kept_comes_back():
    assert read(OURS.written(CONTENT)) == CONTENT
    assert read(holding(packed(json.dumps(CONTENT).encode()))) == CONTENT


@pytest.mark.parametrize(
    "extension",
    [
        b"",
        Keepsake(uri=OURS.uri, name="other", most_bytes=1000).written(CONTENT),
        holding(b""),
        holding(b"no base 64"),
        holding(base64.b64encode(b"not packed")),
        holding(packed(b"no JSON")),
        holding(packed(b'"' + bytes(10**6) + b'"')),
    ],
)
def test_what_is_not_ours_or_was_spoilt_is_nothing(extension):
    assert read(extension) is None


def test_no_more_is_unpacked_than_could_be_ours():
    assert read(OURS.written("x" * 998)) == "x" * 998
    assert read(OURS.written("x" * 999)) is None
