"""The Replicate server, spoken to as the HTTP API is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.fakes import ReplicateServer
from tests.fakes import replicate_faults as faults
from tests.fakes.answers import opened
from tests.fakes.faults import Fault
from tests.fakes.replicate_models import MODELS
from tests.fakes.wire import Json

SCHNELL, PRO, SDXL = "black-forest-labs/flux-schnell", "black-forest-labs/flux-1.1-pro", "stability-ai/sdxl"
Post = Callable[..., httpx2.Response]
Get = Callable[[str], httpx2.Response]


@pytest.fixture
def server() -> Iterator[ReplicateServer]:
    with ReplicateServer() as replicate:
        yield replicate


@pytest.fixture
def post(server: ReplicateServer, http: httpx2.Client) -> Post:
    def call(model: str = PRO, *, prefer: str = "", key: str | None = None, **given: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {key or server.api_key}"} | ({"Prefer": prefer} if prefer else {})
        body = {"input": {"prompt": "A harbour"} | given}
        return http.post(f"{server.base_url}/models/{model}/predictions", headers=headers, json=body)

    return call


@pytest.fixture
def get(server: ReplicateServer, http: httpx2.Client) -> Get:
    return lambda url: http.get(url, headers={"Authorization": f"Bearer {server.api_key}"})


def test_a_prediction_starts_goes_on_and_succeeds(post: Post, get: Get, http: httpx2.Client) -> None:
    answer = post(aspect_ratio="16:9", output_format="png")
    states = [get(answer.json()["urls"]["get"]).json() for _ in range(2)]
    assert (answer.status_code, answer.json()["status"]) == (201, "starting")
    assert [(state["status"], bool(state["output"])) for state in states] == [("starting", False), ("succeeded", True)]
    image = opened(http.get(states[1]["output"]).content)
    assert (image.size, image.format) == ((1360, 768), "PNG")


def test_some_models_give_a_list_and_webp(post: Post, http: httpx2.Client) -> None:
    output = post(SCHNELL, prefer="wait", num_outputs=2).json()["output"]
    assert [opened(http.get(link).content).format for link in output] == ["WEBP", "WEBP"]


@pytest.mark.parametrize(("polls", "status", "word"), [(2, 201, "succeeded"), (3, 202, "processing")])
def test_a_wait_sits_out_a_quick_task_only(
    server: ReplicateServer, post: Post, get: Get, polls: int, status: int, word: str
) -> None:
    server.polls_needed = polls
    answer = post(prefer="wait=60")
    assert (answer.status_code, answer.json()["status"]) == (status, word)
    assert get(answer.json()["urls"]["get"]).json()["status"] == "succeeded"


def test_a_slow_task_outlasts_the_wait(server: ReplicateServer, post: Post) -> None:
    server.faults.always(faults.slow_task())
    answer = post(prefer="wait")
    assert (answer.status_code, answer.json()["output"]) == (202, None)


def test_a_community_model_is_called_by_its_version(server: ReplicateServer, get: Get, http: httpx2.Client) -> None:
    version = get(f"{server.base_url}/models/{SDXL}").json()["latest_version"]["id"]
    headers = {"Authorization": f"Bearer {server.api_key}", "Prefer": "wait"}
    body = {"version": version, "input": {"prompt": "A harbour", "width": 768, "height": 512}}
    answer = http.post(f"{server.base_url}/predictions", headers=headers, json=body)
    assert version == MODELS[SDXL].version
    assert opened(http.get(answer.json()["output"][0]).content).size == (768, 512)
    unknown = http.post(f"{server.base_url}/predictions", headers=headers, json=body | {"version": "0" * 64})
    assert (unknown.status_code, "does not exist" in unknown.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("model", "given", "invalid"),
    [
        (SCHNELL, {"prompt": ""}, ("required", "input", "prompt is required")),
        (SCHNELL, {"num_inference_steps": 9}, ("number_lte", "input.num_inference_steps", "Must be less than")),
        (PRO, {"aspect_ratio": "7:1"}, ("enum", "input.aspect_ratio", "aspect_ratio must be one of the following")),
        (PRO, {"seed": "x"}, ("invalid_type", "input.seed", "Invalid type. Expected: whole")),
    ],
)
def test_what_a_model_does_not_take_is_told_by_field(
    post: Post, model: str, given: Json, invalid: tuple[str, str, str]
) -> None:
    answer = post(model, **given)
    (problem,) = answer.json()["invalid_fields"]
    assert (answer.status_code, answer.json()["title"]) == (422, "Input validation failed")
    assert (problem["type"], problem["field"]) == invalid[:2]
    assert problem["description"].startswith(invalid[2])
    assert problem["description"] in answer.json()["detail"]


def test_nothing_unknown_stands_beside_the_input(server: ReplicateServer, http: httpx2.Client) -> None:
    headers = {"Authorization": f"Bearer {server.api_key}"}
    answer = http.post(f"{server.base_url}/models/{PRO}/predictions", headers=headers, json={"prompt": "A harbour"})
    assert [problem["description"] for problem in answer.json()["invalid_fields"]] == [
        "input is required",
        "Additional property prompt is not allowed",
    ]


def test_an_input_that_a_model_does_not_know_is_noted(server: ReplicateServer, post: Post) -> None:
    assert post(negative_prompt="text").status_code == 201
    assert server.ignored == {f"{PRO}: negative_prompt"}


def test_the_key_and_the_model_are_looked_at(
    server: ReplicateServer, post: Post, get: Get, http: httpx2.Client
) -> None:
    refused = post(key="other")
    assert (refused.status_code, refused.json()["title"]) == (401, "Unauthenticated")
    assert [post(model).status_code for model in ("nobody/nothing", SDXL)] == [404, 404]
    assert get(f"{server.base_url}/account").json()["username"] == "fake"
    assert http.get(f"{server.base_url}/account").status_code == 401
    assert get(f"{server.base_url}/predictions/unknown").status_code == 404


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        (faults.bad_key(), 401, "Unauthenticated"),
        (faults.no_credit(), 402, "insufficient credit"),
        (faults.rate_limited(12), 429, "Your rate limit resets in ~12s."),
        (faults.bad_parameter(), 422, "invalid_fields"),
        (faults.retired_model(), 404, "could not be found"),
        (faults.server_error(503), 503, "unexpected error"),
        (faults.garbage(), 200, "weather"),
    ],
)
def test_a_fault_of_the_request_answers_the_post(
    server: ReplicateServer, post: Post, fault: Fault, status: int, text: str
) -> None:
    server.faults.always(fault)
    answer = post()
    assert (answer.status_code, text in answer.text) == (status, True)
    assert not server.tasks


@pytest.mark.parametrize("prefer", ["", "wait"])
@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        (faults.policy_refusal(), "failed", "NSFW content detected"),
        (faults.sensitive(), "failed", "(E005)"),
        (faults.failed_task(), "failed", "please retry"),
        (faults.without_image(), "succeeded", "None"),
        (faults.canceled(), "canceled", "None"),
    ],
)
def test_a_fault_of_the_task_shows_at_its_end(
    server: ReplicateServer, post: Post, get: Get, fault: Fault, status: str, text: str, prefer: str
) -> None:
    server.faults.always(fault)
    server.polls_needed = 1
    answer = post(prefer=prefer)
    state = answer.json() if prefer else get(answer.json()["urls"]["get"]).json()
    assert (answer.status_code, state["status"], state["output"]) == (201, status, None)
    assert text in str(state["error"])


def test_files_are_gone_after_their_hour(server: ReplicateServer, post: Post, http: httpx2.Client) -> None:
    server.faults.always(faults.expired_url())
    assert http.get(post(prefer="wait").json()["output"]).status_code == 410
