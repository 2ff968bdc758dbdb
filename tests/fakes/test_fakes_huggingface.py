"""Hugging Face's router on loopback: what a test may rely on when it scripts a fault."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.fakes import HuggingFaceServer, huggingface_faults
from tests.fakes.answers import opened
from tests.fakes.faults import Fault

Post = Callable[..., httpx2.Response]
FAL = "/fal-ai/fal-ai/flux/dev"
INFERENCE = "/hf-inference/models/black-forest-labs/FLUX.1-schnell"
TOGETHER = "/together/v1/images/generations"
NSCALE = "/nscale/v1/images/generations"
MODEL = "black-forest-labs/FLUX.1-schnell"
BODIES: dict[str, dict[str, Any]] = {
    FAL: {"prompt": "Sea", "image_size": {"width": 1344, "height": 768}, "num_inference_steps": 28},
    INFERENCE: {"inputs": "Sea", "parameters": {"width": 1344, "height": 768, "seed": 7}},
    TOGETHER: {"prompt": "Sea", "model": MODEL, "response_format": "base64", "width": 1344, "height": 768},
    NSCALE: {"prompt": "Sea", "model": MODEL, "size": "1344x768", "response_format": "b64_json"},
}


@pytest.fixture(scope="module")
def running() -> Iterator[HuggingFaceServer]:
    with HuggingFaceServer() as server:
        yield server


@pytest.fixture
def server(running: HuggingFaceServer) -> HuggingFaceServer:
    running.faults.clear()
    return running


@pytest.fixture
def post(server: HuggingFaceServer, http: httpx2.Client) -> Post:
    def call(path: str, key: str = server.api_key, **changes: Any) -> httpx2.Response:
        body = BODIES.get(path, {"prompt": "Sea"}) | changes
        return http.post(server.base_url + path, json=body, headers={"authorization": f"Bearer {key}"})

    return call


def test_fal_gives_the_picture_by_address_without_a_key(post: Post, http: httpx2.Client) -> None:
    answer = post(FAL).json()
    [item] = answer["images"]
    assert (item["width"], item["height"], answer["has_nsfw_concepts"]) == (1344, 768, [False])
    file = http.get(item["url"])
    assert file.headers["content-type"] == item["content_type"] == "image/jpeg"
    assert opened(file.content).size == (1344, 768)


def test_fal_gives_the_picture_inside_the_link_where_asked(post: Post) -> None:
    head, _, data = post(FAL, sync_mode=True, image_size="square_hd").json()["images"][0]["url"].partition(",")
    assert head == "data:image/jpeg;base64"
    assert opened(base64.b64decode(data)).size == (1024, 1024)


def test_hf_inference_gives_the_bytes(post: Post) -> None:
    answer = post(INFERENCE)
    assert answer.headers["content-type"] == "image/jpeg"
    assert opened(answer.content).size == (1344, 768)


@pytest.mark.parametrize("path", [TOGETHER, NSCALE])
def test_together_and_nscale_give_base64(post: Post, path: str) -> None:
    assert opened(base64.b64decode(post(path).json()["data"][0]["b64_json"])).size == (1344, 768)


@pytest.mark.parametrize(
    ("path", "changes", "words"),
    [
        (FAL, {"size": "1344x768"}, "extra fields"),
        (FAL, {"image_size": "wide"}, "image_size"),
        (FAL, {"image_size": {"width": 9000, "height": 64}}, "width"),
        (FAL, {"prompt": ""}, "prompt"),
        (INFERENCE, {"prompt": "Sea"}, "extra fields"),
        (INFERENCE, {"inputs": ""}, "inputs"),
        (INFERENCE, {"parameters": {"steps": 4}}, "extra fields"),
        (TOGETHER, {"response_format": "b64_json"}, "response_format"),
        (TOGETHER, {"size": "1344x768"}, "extra fields"),
        (NSCALE, {"size": "wide"}, "size"),
        (NSCALE, {"width": 1344}, "extra fields"),
    ],
)
def test_what_a_provider_does_not_take_is_unprocessable(
    post: Post, path: str, changes: dict[str, Any], words: str
) -> None:
    answer = post(path, **changes)
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("/fal-ai/fal-ai/flux/pro", {}),
        ("/hf-inference/models/nobody/nothing", {}),
        (TOGETHER, {"model": "nobody/nothing"}),
        ("/nebius/v1/images/generations", {}),
    ],
)
def test_a_model_or_provider_that_is_not_served_is_not_found(post: Post, path: str, changes: dict[str, Any]) -> None:
    assert post(path, **changes).status_code == 404


def test_a_test_can_name_the_models_that_are_served(http: httpx2.Client) -> None:
    with HuggingFaceServer(models={"fal-ai": ["mine"]}) as server:
        headers = {"authorization": f"Bearer {server.api_key}"}
        answers = [
            http.post(server.base_url + path, json=BODIES[FAL], headers=headers) for path in ("/fal-ai/mine", FAL)
        ]
    assert [answer.status_code for answer in answers] == [200, 404]


def test_a_key_can_be_tried_for_nothing(server: HuggingFaceServer, http: httpx2.Client, post: Post) -> None:
    def tried(key: str) -> int:
        return http.get(f"{server.base_url}/api/whoami-v2", headers={"authorization": f"Bearer {key}"}).status_code

    assert (tried(server.api_key), tried("hf_wrong"), post(FAL, key="hf_wrong").status_code) == (200, 401, 401)


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (huggingface_faults.bad_key(), 401, "Invalid username or password."),
        (huggingface_faults.forbidden(), 403, "sufficient permissions"),
        (huggingface_faults.no_credit(), 402, "exceeded your monthly included credits for Inference Providers"),
        (huggingface_faults.retired_model(), 404, "not supported"),
        (huggingface_faults.loading(20), 503, '"estimated_time": 20'),
        (huggingface_faults.server_error(), 500, "Internal Server Error"),
    ],
)
def test_an_error_of_the_router_has_its_status_and_words(
    server: HuggingFaceServer, post: Post, fault: Fault, status: int, words: str
) -> None:
    server.faults.always(fault)
    answer = post(FAL)
    assert (answer.status_code, words in answer.text) == (status, True)


@pytest.mark.parametrize(
    ("fault", "path", "words"),
    [
        (huggingface_faults.policy_refusal(), FAL, '"type": "content_policy_violation"'),
        (huggingface_faults.policy_refusal(), TOGETHER, '"param": "prompt"'),
        (huggingface_faults.policy_refusal(), INFERENCE, "NSFW"),
        (huggingface_faults.bad_parameter(), FAL, '"loc": ["body", "guidance_scale"]'),
        (huggingface_faults.bad_parameter(), NSCALE, '"param": "guidance_scale"'),
    ],
)
def test_an_error_of_a_provider_comes_through_in_its_own_words(
    server: HuggingFaceServer, post: Post, fault: Fault, path: str, words: str
) -> None:
    server.faults.always(fault)
    answer = post(path)
    assert (answer.status_code, words in answer.text) == (422, True)


def test_a_rate_limit_names_its_wait(server: HuggingFaceServer, post: Post) -> None:
    server.faults.when(bool, huggingface_faults.rate_limited(6.5), times=1)
    server.faults.always(huggingface_faults.rate_limited_by_hub(7))
    both, hub = post(FAL), post(FAL)
    assert (both.status_code, both.headers["retry-after"], both.headers["ratelimit"]) == (429, "7", '"api";r=0;t=7')
    assert (hub.headers["ratelimit"], "retry-after" in hub.headers) == ('"api";r=0;t=7', False)


@pytest.mark.parametrize("path", [FAL, INFERENCE, TOGETHER, NSCALE])
def test_an_answer_can_hold_no_picture_or_no_sense(server: HuggingFaceServer, post: Post, path: str) -> None:
    server.faults.when(bool, huggingface_faults.without_image(), times=1)
    server.faults.always(huggingface_faults.garbage())
    empty, garbage = post(path), post(path)
    assert (empty.status_code, garbage.status_code) == (200, 200)
    if path == INFERENCE:
        assert (empty.content, garbage.content[:4]) == (b"", b"I am")
    else:
        name = "images" if path == FAL else "data"
        assert (empty.json()[name], garbage.json()[name]) == ([], "soon")


def test_an_unsafe_picture_is_black_and_flagged(server: HuggingFaceServer, post: Post) -> None:
    server.faults.always(huggingface_faults.black_image())
    answer = post(FAL).json()
    data = base64.b64decode(answer["images"][0]["url"].partition(",")[2])
    assert answer["has_nsfw_concepts"] == [True]
    assert opened(data).getcolors() == [(1344 * 768, (0, 0, 0))]


def test_a_link_can_have_expired(server: HuggingFaceServer, post: Post, http: httpx2.Client) -> None:
    server.faults.always(huggingface_faults.expired_url())
    file = http.get(post(FAL).json()["images"][0]["url"])
    assert (file.status_code, "expired" in file.text) == (403, True)
