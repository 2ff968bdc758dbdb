"""fal's queue, spoken to as the HTTP API is."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.fakes import FalServer
from tests.fakes import fal_faults as faults
from tests.fakes.answers import opened
from tests.fakes.faults import Fault
from tests.fakes.wire import Json

Post = Callable[..., httpx2.Response]
Get = Callable[[str], httpx2.Response]


@pytest.fixture
def server() -> Iterator[FalServer]:
    with FalServer() as fal:
        yield fal


@pytest.fixture
def post(server: FalServer, http: httpx2.Client) -> Post:
    def call(app: str = "fal-ai/flux/dev", key: str | None = None, **given: Any) -> httpx2.Response:
        headers = {"Authorization": f"Key {key or server.api_key}"}
        return http.post(f"{server.base_url}/{app}", headers=headers, json={"prompt": "A harbour"} | given)

    return call


@pytest.fixture
def get(server: FalServer, http: httpx2.Client) -> Get:
    return lambda url: http.get(url, headers={"Authorization": f"Key {server.api_key}"})


def result(server: FalServer, get: Get, answer: httpx2.Response) -> tuple[Json, httpx2.Response]:
    """The last status and what the result's address then says."""
    server.polls_needed = 1
    return get(answer.json()["status_url"]).json(), get(answer.json()["response_url"])


def test_a_request_waits_in_the_queue_runs_and_completes(server: FalServer, post: Post, get: Get) -> None:
    server.polls_needed = 3
    answer = post().json()
    path = answer["status_url"].removeprefix(server.origin)
    assert path == f"/fal-ai/flux/requests/{answer['request_id']}/status"  # the sub-path is dropped
    assert get(answer["response_url"]).status_code == 400
    looks = [get(f"{answer['status_url']}?logs=0") for _ in range(3)]
    seen = [(look.status_code, look.json()["status"]) for look in looks]
    assert seen == [(202, "IN_QUEUE"), (202, "IN_PROGRESS"), (200, "COMPLETED")]
    assert get(answer["response_url"]).json()["has_nsfw_concepts"] == [False]


@pytest.mark.parametrize(
    ("app", "given", "size", "kind"),
    [
        ("fal-ai/flux/dev", {"image_size": {"width": 1344, "height": 768}}, (1344, 768), "JPEG"),
        ("fal-ai/flux/schnell", {"image_size": "portrait_16_9", "output_format": "png"}, (576, 1024), "PNG"),
        ("fal-ai/nano-banana-2", {"aspect_ratio": "16:9", "resolution": "1K"}, (1360, 768), "PNG"),
        (
            "openai/gpt-image-2.5/flare/text-to-image",
            {"image_size": {"width": 1536, "height": 864}},
            (1536, 864),
            "PNG",
        ),
        ("fal-ai/recraft/v3/text-to-image", {"image_size": "square"}, (512, 512), "WEBP"),
    ],
)
def test_a_picture_comes_as_asked(
    server: FalServer,
    post: Post,
    get: Get,
    http: httpx2.Client,
    app: str,
    given: Json,
    size: tuple[int, int],
    kind: str,
) -> None:
    (found,) = result(server, get, post(app, **given))[1].json()["images"]
    image = opened(http.get(found["url"]).content)
    assert (image.size, image.format, (found["width"], found["height"])) == (size, kind, size)


def test_a_picture_can_come_inside_the_link(server: FalServer, post: Post, get: Get) -> None:
    images = result(server, get, post(sync_mode=True, num_images=2))[1].json()["images"]
    heads, data = zip(*(image["url"].split(",") for image in images), strict=True)
    assert set(heads) == {"data:image/jpeg;base64"}
    assert [opened(base64.b64decode(encoded)).size for encoded in data] == [(1024, 768)] * 2


@pytest.mark.parametrize(
    ("app", "given", "field"),
    [
        ("fal-ai/flux/dev", {"prompt": ""}, "prompt"),
        ("fal-ai/flux/dev", {"num_images": 5}, "num_images"),
        ("fal-ai/flux/dev", {"image_size": "huge"}, "image_size"),
        ("fal-ai/flux/dev", {"image_size": {"width": 1024}}, "image_size"),
        ("openai/gpt-image-2.5/sunburst/text-to-image", {"image_size": {"width": 1920, "height": 1080}}, "image_size"),
        ("blackforestlabs/flux-3/text-to-image", {"aspect_ratio": "8:1"}, "aspect_ratio"),
    ],
)
def test_the_queue_takes_what_the_model_then_refuses(
    server: FalServer, post: Post, get: Get, app: str, given: Json, field: str
) -> None:
    answer = post(app, **given)
    status, refused = result(server, get, answer)
    assert (answer.status_code, status["status"], refused.status_code) == (200, "COMPLETED", 422)
    assert refused.json()["detail"][0]["loc"] == ["body", field]
    assert status["error_type"] == refused.json()["detail"][0]["type"]


def test_an_input_that_a_model_does_not_know_is_noted(server: FalServer, post: Post) -> None:
    post("fal-ai/nano-banana-2", image_size="square", seed=1)
    assert server.ignored == {"fal-ai/nano-banana-2: image_size", "fal-ai/nano-banana-2: seed"}


def test_the_key_and_the_app_are_looked_at(server: FalServer, post: Post, get: Get, http: httpx2.Client) -> None:
    assert (post(key="other").status_code, post("fal-ai/nothing").status_code) == (401, 404)
    bearer = {"Authorization": f"Bearer {server.api_key}"}
    assert http.post(f"{server.base_url}/fal-ai/flux/dev", headers=bearer, json={"prompt": "x"}).status_code == 401
    assert get(f"{server.base_url}/fal-ai/flux/requests/unknown/status").status_code == 404


@pytest.mark.parametrize(
    ("fault", "status", "text", "is_retryable"),
    [
        (faults.bad_key(), 401, "Cannot access application", "false"),
        (faults.app_forbidden(), 403, "Access denied", "false"),
        (faults.no_credit(), 403, "User is locked. Reason: Exhausted balance.", "false"),
        (faults.rate_limited(3), 429, "Too many requests", "true"),
        (faults.policy_at_once(), 422, "content_policy_violation", "false"),
        (faults.retired_model(), 404, "not found", "false"),
        (faults.server_error(), 500, "internal_server_error", "true"),
        (faults.garbage(), 200, "weather", None),
    ],
)
def test_a_fault_of_the_request_answers_the_post(
    server: FalServer, post: Post, fault: Fault, status: int, text: str, is_retryable: str | None
) -> None:
    server.faults.always(fault)
    answer = post()
    assert (answer.status_code, text in answer.text) == (status, True)
    assert answer.headers.get("X-Fal-Retryable") == is_retryable
    assert answer.headers.get("retry-after") == ("3" if status == 429 else None)
    assert not server.tasks


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (faults.policy_refusal(), 422, "content_policy_violation"),
        (faults.bad_parameter(), 422, "less_than_equal"),
        (faults.no_media(), 422, "no_media_generated"),
        (faults.failed_task(), 500, "downstream_service_unavailable"),
        (faults.runner_timeout(), 504, "request_timeout"),
    ],
)
def test_a_fault_of_the_task_shows_in_status_and_result(
    server: FalServer, post: Post, get: Get, fault: Fault, status: int, kind: str
) -> None:
    server.faults.always(fault)
    last, response = result(server, get, post())
    assert (last["status"], last["error_type"], response.status_code) == ("COMPLETED", kind, status)
    assert kind in response.text
    assert response.headers["x-fal-retryable"] == str(status >= 500).lower()


def test_a_result_can_lack_its_pictures(server: FalServer, post: Post, get: Get) -> None:
    server.faults.always(faults.without_image())
    status, response = result(server, get, post())
    assert (response.status_code, response.json()["images"], "error" in status) == (200, [], False)


def test_an_unsafe_picture_is_black_and_flagged(server: FalServer, post: Post, get: Get, http: httpx2.Client) -> None:
    server.faults.always(faults.nsfw_black_image())
    _, response = result(server, get, post())
    image = opened(http.get(response.json()["images"][0]["url"]).content)
    assert (response.json()["has_nsfw_concepts"], image.convert("L").getextrema()) == ([True], (0, 0))
