"""The Images server as the many that copy the API: LocalAI, Ollama and their like."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import partial

import httpx2
import pytest

from tests.fakes import OpenAIServer, openai_faults
from tests.fakes.answers import Draw, bytes_of, opened, url_of


@pytest.fixture
def compatible() -> Iterator[OpenAIServer]:
    with OpenAIServer(compatible=True) as server:
        yield server


@pytest.fixture
def draw_locally(compatible: OpenAIServer, draw_on: Callable[[OpenAIServer], Draw]) -> Draw:
    return partial(draw_on(compatible), model="x/z-image-turbo", size="512x500", style="vivid")


def test_a_compatible_server_takes_any_model_and_size_and_serves_its_pictures(draw_locally: Draw) -> None:
    answer = draw_locally()
    assert answer.usage is None
    file = httpx2.get(url_of(answer))
    assert file.headers["content-type"] == "image/png"
    assert opened(file.content).size == (512, 500)


def test_a_compatible_server_answers_in_base64_where_asked(draw_locally: Draw) -> None:
    assert opened(bytes_of(draw_locally(response_format="b64_json"))).size == (512, 500)


def test_a_link_can_have_expired(compatible: OpenAIServer, draw_locally: Draw) -> None:
    compatible.faults.always(openai_faults.expired_url)
    file = httpx2.get(url_of(draw_locally()))
    assert file.status_code == 403
    assert "expired" in file.text


def test_a_link_can_hold_the_picture_itself(compatible: OpenAIServer, draw_locally: Draw) -> None:
    compatible.faults.always(openai_faults.data_url)
    head, _, data = url_of(draw_locally()).partition(",")
    assert head == "data:image/png;base64"
    assert opened(base64.b64decode(data)).size == (512, 500)
