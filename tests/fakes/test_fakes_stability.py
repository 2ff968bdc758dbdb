"""Stability AI on loopback: what a test may rely on when it scripts a fault."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.fakes import StabilityServer, stability_faults
from tests.fakes.answers import opened
from tests.fakes.faults import Fault

Draw = Callable[..., httpx2.Response]
PATH = "/v2beta/stable-image/generate/"


@pytest.fixture(scope="module")
def running() -> Iterator[StabilityServer]:
    with StabilityServer() as server:
        yield server


@pytest.fixture
def server(running: StabilityServer) -> StabilityServer:
    running.faults.clear()
    return running


@pytest.fixture
def draw(server: StabilityServer, http: httpx2.Client) -> Draw:
    def call(service: str = "core", accept: str = "image/*", key: str = server.api_key, **form: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {key}", "accept": accept}
        form = {"prompt": "Sea"} | form
        return http.post(server.base_url + PATH + service, data=form, files={"none": ""}, headers=headers)

    return call


@pytest.mark.parametrize("service", ["core", "ultra", "sd3"])
def test_a_picture_comes_as_bytes_with_its_story_in_the_headers(draw: Draw, service: str) -> None:
    answer = draw(service, aspect_ratio="16:9", output_format="webp", seed=7)
    image = opened(answer.content)
    assert (image.size, image.format) == ((1344, 768), "WEBP")
    assert (answer.headers["content-type"], answer.headers["finish-reason"]) == ("image/webp", "SUCCESS")
    assert answer.headers["seed"] == "7"


def test_a_picture_comes_as_json_where_asked(draw: Draw) -> None:
    answer = draw(accept="application/json", aspect_ratio="9:21").json()
    assert opened(base64.b64decode(answer["image"])).size == (640, 1536)
    assert answer["finish_reason"] == "SUCCESS"


def test_only_a_form_is_taken(server: StabilityServer, http: httpx2.Client) -> None:
    headers = {"authorization": f"Bearer {server.api_key}"}
    answer = http.post(f"{server.base_url}{PATH}core", json={"prompt": "Sea"}, headers=headers)
    assert (answer.status_code, answer.json()["name"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("service", "form", "status"),
    [
        ("core", {"aspect_ratio": "4:3"}, 400),
        ("core", {"prompt": ""}, 400),
        ("core", {"prompt": "x" * 10_001}, 400),
        ("core", {"width": 1024}, 400),
        ("ultra", {"style_preset": "anime"}, 400),
        ("core", {"style_preset": "vivid"}, 400),
        ("core", {"seed": -1}, 400),
        ("core", {"seed": "seven"}, 400),
        ("sd3", {"model": "sd3-large"}, 400),
        ("core", {"prompt": "Море"}, 422),
        ("sdxl", {}, 404),
    ],
)
def test_what_the_service_does_not_take_is_refused(draw: Draw, service: str, form: dict[str, Any], status: int) -> None:
    assert draw(service, **form).status_code == status


def test_a_key_can_be_tried_for_nothing(server: StabilityServer, http: httpx2.Client, draw: Draw) -> None:
    def tried(key: str) -> httpx2.Response:
        return http.get(f"{server.base_url}/v1/user/balance", headers={"authorization": f"Bearer {key}"})

    assert tried(server.api_key).json() == {"credits": 812.5}
    assert (tried("sk-wrong").status_code, draw(key="sk-wrong").status_code) == (401, 401)


@pytest.mark.parametrize(
    ("fault", "status", "name", "words"),
    [
        (stability_faults.bad_key(), 401, "unauthorized", "API key"),
        (stability_faults.no_credit(), 402, "payment_required", "You lack sufficient credits"),
        (stability_faults.rate_limited(60), 429, "rate_limit_exceeded", "timed out for 60 seconds"),
        (stability_faults.policy_refusal(), 403, "content_moderation", "flagged by our content moderation system"),
        (stability_faults.english_only(), 422, "unprocessable_entity", "English is the only supported language"),
        (stability_faults.bad_parameter(), 400, "bad_request", "style_preset: must be one of"),
        (stability_faults.retired_model(), 404, "not_found", "deprecated"),
        (stability_faults.server_error(), 500, "internal_error", "unexpected server error"),
    ],
)
def test_an_error_has_its_status_name_and_words(
    server: StabilityServer, draw: Draw, fault: Fault, status: int, name: str, words: str
) -> None:
    server.faults.always(fault)
    answer = draw()
    assert (answer.status_code, answer.json()["name"]) == (status, name)
    assert words in answer.json()["errors"][0]
    assert "retry-after" not in answer.headers


def test_a_filtered_picture_is_told_by_its_finish_reason_alone(server: StabilityServer, draw: Draw) -> None:
    server.faults.always(stability_faults.content_filtered())
    answer = draw()
    assert (answer.status_code, answer.headers["finish-reason"]) == (200, "CONTENT_FILTERED")
    assert opened(answer.content).getcolors() == [(1024 * 1024, (0, 0, 0))]
    assert draw(accept="application/json").json()["finish_reason"] == "CONTENT_FILTERED"


@pytest.mark.parametrize("accept", ["image/*", "application/json"])
def test_an_answer_can_hold_no_picture_or_no_sense(server: StabilityServer, draw: Draw, accept: str) -> None:
    server.faults.when(bool, stability_faults.without_image(), times=1)
    server.faults.always(stability_faults.garbage())
    empty, garbage = draw(accept=accept), draw(accept=accept)
    assert (empty.status_code, garbage.status_code) == (200, 200)
    if accept == "image/*":
        assert (empty.content, garbage.content[:4]) == (b"", b"I am")
    else:
        assert "image" not in empty.json() | garbage.json()
