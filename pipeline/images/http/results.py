"""The picture in an answer: base64, a data: address, an address to fetch it from, a list of these, or the body."""

from __future__ import annotations

import base64
import re
from typing import Any

from pipeline.asking.answers import Answer
from pipeline.asking.errors import Judge
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.addresses import Trust
from pipeline.images.download import fetch_picture
from pipeline.services.wire import Result

_TO_BE_FETCHED = ("https://", "http://")
_ADDRESSES = (*_TO_BE_FETCHED, "data:")
# Base64 has no colon, and two slashes at its beginning are no picture's.
_OTHER_ADDRESS = re.compile(r"(?!https?://)(?:[a-z][a-z0-9+.-]{0,20}:)?//", re.IGNORECASE)


def is_to_be_fetched(answer: Answer, result: Result) -> bool:
    """Whether the picture is yet to be fetched: from an address in `answer`, or from the answer behind one."""
    if result.fetch is not None:
        return True
    text = None if result.bytes else _first_text(answer.find(result.image))
    return text is not None and text.strip()[:8].lower().startswith(_TO_BE_FETCHED)


def picture_in(answer: Answer, result: Result, trust: Trust, timeout_s: float, judge: Judge) -> bytes:
    """The first picture of an answer that is no failure. No key goes along to wherever it lies.

    Raises ServiceError: empty where there is none or what there is cannot be one, else of the kinds of `fetch_picture`.
    It may be charged where the answer cannot be read, or what it holds or leads to is no picture.
    """
    is_unreadable = answer.content is None
    if result.bytes:
        if not answer.is_picture or not answer.body:
            kind = answer.headers.get("content-type", "no type")
            raise judge.failure(FailureKind.EMPTY, f"the answer is no image but {kind}", may_be_charged=is_unreadable)
        return answer.body
    text = _first_text(answer.find(result.image))
    if not text:
        raise judge.failure(FailureKind.EMPTY, "the answer holds no image", may_be_charged=is_unreadable)
    return picture_of(text, trust, timeout_s, judge)


def picture_of(text: str, trust: Trust, timeout_s: float, judge: Judge) -> bytes:
    """The picture that `text` is, in base64, or is the address of. Raises ServiceError."""
    text = "".join(text.split())  # some servers break it into lines
    if _OTHER_ADDRESS.match(text):
        message = "the service gave an address of neither http nor https"
        raise judge.failure(FailureKind.EMPTY, message, is_final=True, may_be_charged=True)
    if text[:8].lower().startswith(_ADDRESSES):
        try:
            return fetch_picture(text, trust, timeout_s)
        except ServiceError as error:
            raise judge.failure(error.kind, str(error), is_final=error.is_final, may_be_charged=True) from error
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise judge.failure(FailureKind.EMPTY, "the image is not valid base64", may_be_charged=True) from error


def _first_text(found: Any) -> str | None:
    while isinstance(found, list):
        found = next(filter(None, found), None)
    return found if isinstance(found, str) else None
