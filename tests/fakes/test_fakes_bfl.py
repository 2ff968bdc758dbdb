"""The Black Forest Labs server, spoken to as the API is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.fakes import BflServer
from tests.fakes import bfl_faults as faults
from tests.fakes.answers import opened
from tests.fakes.faults import Fault
from tests.fakes.wire import Json

Post = Callable[..., httpx2.Response]


@pytest.fixture
def server() -> Iterator[BflServer]:
    with BflServer() as bfl:
        yield bfl


@pytest.fixture
def post(server: BflServer, http: httpx2.Client) -> Post:
    def call(endpoint: str = "flux-2-pro", key: str | None = None, **body: Any) -> httpx2.Response:
        headers = {"x-key": server.api_key if key is None else key}
        return http.post(f"{server.base_url}/v1/{endpoint}", headers=headers, json={"prompt": "A harbour"} | body)

    return call


@pytest.fixture
def finish(server: BflServer, http: httpx2.Client) -> Callable[[httpx2.Response], Json]:
    """The state at the second look."""

    def call(answer: httpx2.Response) -> Json:
        states = [http.get(answer.json()["polling_url"], headers={"x-key": server.api_key}) for _ in range(2)]
        assert [state.status_code for state in states] == [200, 200]
        state: Json = states[-1].json()
        return state

    return call


@pytest.mark.parametrize(
    ("endpoint", "body", "size", "kind", "cost"),
    [
        ("flux-2-pro", {"width": 1344, "height": 768, "output_format": "png", "seed": 7}, (1344, 768), "PNG", 3),
        ("flux-2-max", {"width": 1920, "height": 1088}, (1920, 1088), "JPEG", 10),
        ("flux-3-image", {"aspect_ratio": "16:9", "resolution": "2k", "grounding": False}, (2736, 1536), "JPEG", 10),
        ("flux-pro-1.1", {"width": 1440, "height": 800}, (1440, 800), "JPEG", 4),
        ("flux-pro-1.1-ultra", {"aspect_ratio": "21:9", "raw": True}, (1568, 672), "JPEG", 6),
    ],
)
def test_a_picture_comes_as_asked(
    post: Post,
    finish: Callable[[httpx2.Response], Json],
    http: httpx2.Client,
    endpoint: str,
    body: Json,
    size: tuple[int, int],
    kind: str,
    cost: float,
) -> None:
    answer = post(endpoint, **body)
    state = finish(answer)
    image = opened(http.get(state["result"]["sample"]).content)
    assert (answer.json()["cost"], state["status"], image.size, image.format) == (cost, "Ready", size, kind)


def test_flux_3_tells_more_of_its_way(server: BflServer, post: Post, http: httpx2.Client) -> None:
    server.polls_needed = 4
    address = post("flux-3-image").json()["polling_url"]
    states = [http.get(address, headers={"x-key": server.api_key}).json()["status"] for _ in range(4)]
    assert states == ["Pending", "Reasoning", "Generating", "Ready"]


@pytest.mark.parametrize(
    ("endpoint", "body", "kind", "field"),
    [
        ("flux-3-image", {"seed": 1}, "extra_forbidden", "seed"),
        ("flux-3-image", {"safety_tolerance": 5}, "less_than_equal", "safety_tolerance"),
        ("flux-3-image", {"resolution": "8k"}, "literal_error", "resolution"),
        ("flux-2-pro", {"height": 1080}, "multiple_of", "height"),
        ("flux-2-pro", {"width": 2048, "height": 2048}, "value_error", "width"),
        ("flux-pro-1.1", {"width": 1536}, "less_than_equal", "width"),
        ("flux-pro-1.1", {"width": 1040}, "multiple_of", "width"),
        ("flux-pro-1.1-ultra", {"aspect_ratio": "3:1"}, "less_than_equal", "aspect_ratio"),
        ("flux-dev", {"prompt": None}, "missing", "prompt"),
        ("flux-dev", {"steps": "many"}, "int_type", "steps"),
    ],
)
def test_what_an_endpoint_does_not_take_is_told_by_field(
    post: Post, endpoint: str, body: Json, kind: str, field: str
) -> None:
    answer = post(endpoint, **body)
    (wrong,) = answer.json()["detail"]
    assert (answer.status_code, wrong["type"], wrong["loc"]) == (422, kind, ["body", field])


def test_what_an_endpoint_that_is_not_strict_does_not_know_is_noted(server: BflServer, post: Post) -> None:
    assert post("flux-2-pro", aspect_ratio="16:9").status_code == 200
    assert server.ignored == {"flux-2-pro: aspect_ratio"}


def test_the_key_and_the_path_are_looked_at(server: BflServer, post: Post, http: httpx2.Client) -> None:
    polling_url = post().json()["polling_url"]
    assert http.get(polling_url).status_code == 403
    assert (post(key="other").status_code, post("dall-e").status_code) == (403, 404)
    assert http.get(f"{server.base_url}/v1/credits", headers={"x-key": server.api_key}).json() == {"credits": 1234.5}
    assert http.get(f"{server.base_url}/v1/credits", headers={"x-key": "other"}).status_code == 403


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        (faults.bad_key(), 403, "Not authenticated"),
        (faults.no_credit(), 402, "Insufficient credits"),
        (faults.rate_limited(7), 429, '"retry_after": 7'),
        (faults.rate_limited_in_words(), 429, '"detail": "Rate limit'),
        (faults.bad_parameter(), 422, "multiple_of"),
        (faults.retired_model(), 404, "Not Found"),
        (faults.server_error(503), 503, "Internal Server Error"),
        (faults.garbage(), 200, "weather"),
    ],
)
def test_a_fault_of_the_request_answers_the_post(
    server: BflServer, post: Post, fault: Fault, status: int, text: str
) -> None:
    server.faults.always(fault)
    answer = post()
    assert (answer.status_code, text in answer.text) == (status, True)
    assert not server.tasks


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (faults.policy_refusal(), "Content Moderated"),
        (faults.request_moderated(), "Request Moderated"),
        (faults.failed_task(), "Error"),
        (faults.lost_task(), "Task not found"),
    ],
)
def test_a_fault_of_the_task_shows_at_its_end(
    server: BflServer, post: Post, finish: Callable[[httpx2.Response], Json], fault: Fault, status: str
) -> None:
    server.faults.always(fault)
    answer = post()
    state = finish(answer)
    assert (answer.status_code, state["status"], state["result"]) == (200, status, None)
    assert bool(state["details"]) == ("Moderated" in status)


def test_a_task_can_be_ready_without_a_picture(
    server: BflServer, post: Post, finish: Callable[[httpx2.Response], Json]
) -> None:
    server.faults.always(faults.without_image())
    state = finish(post())
    assert state["status"] == "Ready"
    assert "sample" not in state["result"]


def test_a_task_may_not_be_found_right_after_the_post(server: BflServer, post: Post, http: httpx2.Client) -> None:
    server.faults.always(faults.late_to_appear())
    address = post().json()["polling_url"]
    states = [http.get(address, headers={"x-key": server.api_key}).json()["status"] for _ in range(3)]
    assert states == ["Task not found", "Pending", "Ready"]
