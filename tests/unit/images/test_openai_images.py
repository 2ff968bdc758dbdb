"""What is asked of OpenAI's models for a subject on nothing; the rest is tested with the whole program."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image
from pydantic import SecretStr

from pipeline.config.credentials import Service
from pipeline.images.openai_images import OpenAIImages
from pipeline.records import Ground
from tests.fakes import OpenAIServer
from tests.unit.images.test_offline import REQUEST


@pytest.fixture
def server():
    with OpenAIServer() as running:
        yield running


def draw(server, model, ground):
    service = Service(key=SecretStr(server.api_key), key_variable="OPENAI_API_KEY", base_url=server.base_url)
    provider = OpenAIImages(service, model, "low", lambda: datetime.now(UTC))
    try:
        data = provider.generate(replace(REQUEST, ground=ground), 10.0).data
    finally:
        provider.close()
    return Image.open(BytesIO(data)), server.requests[-1].body


def test_a_subject_on_nothing_is_asked_for_and_comes(server):
    image, body = draw(server, "gpt-image-2.5-flare", Ground.TRANSPARENT)
    assert body["background"] == "transparent"
    assert image.convert("RGBA").getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("ground", [Ground.SCENE, Ground.PLAIN])
def test_otherwise_the_parameter_is_left_out(server, ground):
    """Compatible servers refuse parameters they do not know."""
    _, body = draw(server, "gpt-image-2.6-flare", ground)
    assert "background" not in body
