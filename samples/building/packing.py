"""Saving so that the same deck is the same file: fixed dates in the archive and in embedded workbooks."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pptx.opc.constants import CONTENT_TYPE
from pptx.presentation import Presentation as Deck

STAMP = (1980, 1, 1, 0, 0, 0)
DATES = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def packed(deck: Deck) -> bytes:
    """Save the deck as the bytes of a .pptx file."""
    for part in deck.part.package.iter_parts():
        if part.content_type == CONTENT_TYPE.SML_SHEET:
            # XlsxWriter writes the present moment into the workbook behind each chart.
            part.blob = _restamped(part.blob)
    buffer = BytesIO()
    deck.save(buffer)
    return _restamped(buffer.getvalue(), keep="docProps/core.xml")


def _restamped(archive: bytes, keep: str = "") -> bytes:
    """Fix the dates of the archive's files, and those inside its core.xml unless that is to be kept."""
    buffer = BytesIO()
    with ZipFile(BytesIO(archive)) as source, ZipFile(buffer, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml" != keep:
                content = DATES.sub(b"2026-11-20T09:00:00Z", content)
            target.writestr(ZipInfo(name, STAMP), content, ZIP_DEFLATED)
    return buffer.getvalue()
