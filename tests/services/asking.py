"""What the tests here ask a provider for, and how they look at what it brought."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from pipeline.errors import FailureKind, ServiceError
from pipeline.images.checking import checked
from pipeline.images.provider import ImageProvider
from pipeline.records import GeneratedImage, ImageRequest, Theme

# What leaves a service for good, or has a prompt rewritten, must have been said: it is never guessed.
SAID_ONLY = {FailureKind.AUTH, FailureKind.BILLING, FailureKind.POLICY, FailureKind.UNKNOWN_MODEL}
PROMPT = "A quiet harbour at dawn, drawn in flat colours, no text."
TIMEOUT_S = 30.0

_REQUEST = ImageRequest(
    prompt=PROMPT,
    subject="A quiet harbour at dawn",
    aspect_ratio=1.0,
    width_px=512,
    style="flat",
    theme=Theme(background="FFFFFF", text="000000", accents=("4472C4",)),
    seed=1,
)


def request_of(**changes: object) -> ImageRequest:
    return replace(_REQUEST, **changes)  # type: ignore[arg-type]


def paint(painter: ImageProvider, request: ImageRequest = _REQUEST, timeout_s: float = TIMEOUT_S) -> GeneratedImage:
    """A picture as a run takes it: made, kept, and looked at."""
    image = painter.generate(request, timeout_s)
    painter.settled(request)
    checked(image.data)
    return image


def failure(painter: ImageProvider, request: ImageRequest = _REQUEST, timeout_s: float = TIMEOUT_S) -> ServiceError:
    """How a picture fails to come."""
    with pytest.raises(ServiceError) as caught:
        paint(painter, request, timeout_s)
    return caught.value


def size_of(image: GeneratedImage) -> tuple[int, int]:
    with Image.open(BytesIO(image.data)) as picture:
        return picture.size
