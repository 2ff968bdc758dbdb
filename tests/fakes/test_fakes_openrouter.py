"""OpenRouter on loopback: what a test may rely on when it scripts a fault."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.fakes import OpenRouterServer, chat_faults, openrouter_faults
from tests.fakes.answers import opened
from tests.fakes.faults import Fault

Post = Callable[..., httpx2.Response]
MODEL = "openai/gpt-image-2.6-flare"
SCHEMA = {
    "type": "object",
    "properties": {"prompt": {"type": "string"}, "worth": {"type": "boolean"}},
    "required": ["prompt", "worth"],
    "additionalProperties": False,
}
CHAT = {
    "model": "anthropic/claude-haiku-5.5",
    "messages": [{"role": "user", "content": "Slide 3"}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}},
}


@pytest.fixture(scope="module")
def running() -> Iterator[OpenRouterServer]:
    with OpenRouterServer() as server:
        yield server


@pytest.fixture
def server(running: OpenRouterServer) -> OpenRouterServer:
    running.faults.clear()
    return running


@pytest.fixture
def post(server: OpenRouterServer, http: httpx2.Client) -> Post:
    def call(path: str = "/images", key: str = server.api_key, **body: Any) -> httpx2.Response:
        body = body or {"model": MODEL, "prompt": "Sea", "aspect_ratio": "16:9", "resolution": "1K"}
        return http.post(server.base_url + path, json=body, headers={"authorization": f"Bearer {key}"})

    return call


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ({"aspect_ratio": "16:9", "resolution": "1K"}, (1360, 768)),
        ({"aspect_ratio": "2.35:1"}, (1568, 672)),
        ({"size": "2K", "aspect_ratio": "1:1"}, (2048, 2048)),
        ({"size": "640x320"}, (640, 320)),
        ({}, (1024, 1024)),
    ],
)
def test_the_picture_has_the_shape_asked_for(post: Post, wanted: dict[str, str], size: tuple[int, int]) -> None:
    item = post(model=MODEL, prompt="Sea", **wanted).json()["data"][0]
    assert opened(base64.b64decode(item["b64_json"])).size == size
    assert item["media_type"] == "image/png"


@pytest.mark.parametrize(
    ("model", "resolution", "usd"),
    [
        ("black-forest-labs/flux-3-image", "1K", 0.048),
        ("google/gemini-nano-banana-2.1", "1K", 0.0336),
        ("google/gemini-3-pro-image", "4K", 0.24),
        ("krea/krea-2-large", "2K", 0.125829),
    ],
)
def test_the_answer_names_its_cost(post: Post, model: str, resolution: str, usd: float) -> None:
    usage = post(model=model, prompt="Sea", resolution=resolution, n=2).json()["usage"]
    assert usage["cost"] == pytest.approx(2 * usd, abs=1e-5)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"size": "1024x1024", "aspect_ratio": "1:1"}, 400),
        ({"size": "1024x1024", "resolution": "1K"}, 400),
        ({"size": "huge"}, 400),
        ({"aspect_ratio": "17:9"}, 400),
        ({"resolution": "8K"}, 400),
        ({"style": "vivid"}, 400),
        ({"n": 11}, 400),
        ({"prompt": ""}, 400),
        ({"background": "transparent", "output_format": "jpeg"}, 400),
        ({"model": "google/gemini-9"}, 404),
    ],
)
def test_what_the_service_does_not_take_is_refused(post: Post, changes: dict[str, Any], status: int) -> None:
    answer = post(**{"model": MODEL, "prompt": "Sea"} | changes)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)


def test_the_discovery_lists_models_with_their_prices_without_a_key(
    server: OpenRouterServer, http: httpx2.Client
) -> None:
    listed = {item["id"]: item for item in http.get(f"{server.base_url}/images/models").json()["data"]}
    entry = listed["black-forest-labs/flux-3-image"]
    assert entry["supported_parameters"]["resolution"]["values"] == ["768", "1K", "1.5K", "2K", "4K"]
    pricing = http.get(server.origin + entry["endpoints"]).json()["endpoints"][0]["pricing"]
    assert {"billable": "output_image", "unit": "image", "cost_usd": 0.048, "variant": "1K"} in pricing


def test_a_key_can_be_tried_for_nothing(server: OpenRouterServer, http: httpx2.Client, post: Post) -> None:
    def tried(key: str) -> int:
        return http.get(f"{server.base_url}/key", headers={"authorization": f"Bearer {key}"}).status_code

    assert (tried(server.api_key), tried("sk-or-wrong"), post(key="sk-or-wrong").status_code) == (200, 401, 401)
    assert http.get(f"{server.base_url}/credits").json()["error"]["message"] == "Missing Authentication header"
    assert [fetch.path for fetch in server.fetches[-3:]] == ["/api/v1/key", "/api/v1/key", "/api/v1/credits"]


def test_a_chat_completion_satisfies_the_schema_and_has_a_cost(post: Post) -> None:
    answer = post("/chat/completions", **CHAT).json()
    assert set(json.loads(answer["choices"][0]["message"]["content"])) == {"prompt", "worth"}
    assert answer["usage"]["cost"] > 0


def test_an_image_only_model_does_not_chat(post: Post) -> None:
    assert post("/chat/completions", **CHAT | {"model": MODEL}).status_code == 500


def test_an_error_of_the_provider_can_stand_inside_a_good_status(server: OpenRouterServer, post: Post) -> None:
    server.faults.always(chat_faults.upstream_error(429, "Upstream is busy"))
    answer = post("/chat/completions", **CHAT)
    assert (answer.status_code, answer.json()["choices"][0]["error"]["code"]) == (200, 429)


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (openrouter_faults.bad_key(), 401, "User not found."),
        (openrouter_faults.no_credit(), 402, "Insufficient credits. Add more using https://openrouter.ai/credits"),
        (openrouter_faults.rate_limited_upstream(), 429, "Provider returned error"),
        (openrouter_faults.policy_refusal(), 403, "Your chosen model requires moderation and your input was flagged"),
        (openrouter_faults.bad_parameter(), 400, "Invalid input at quality: expected one of low, high"),
        (openrouter_faults.retired_model(), 404, "No endpoints found for this model."),
        (openrouter_faults.server_error(529), 529, "Provider returned error"),
    ],
)
def test_an_error_has_its_status_and_words(
    server: OpenRouterServer, post: Post, fault: Fault, status: int, words: str
) -> None:
    server.faults.always(fault)
    answer = post()
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)
    assert answer.json()["error"]["message"] == words


def test_a_refusal_names_its_reasons(server: OpenRouterServer, post: Post) -> None:
    server.faults.always(openrouter_faults.policy_refusal())
    assert post().json()["error"]["metadata"]["reasons"] == ["violence"]


@pytest.mark.parametrize(
    ("fault", "has_header"),
    [(openrouter_faults.rate_limited(7), True), (openrouter_faults.rate_limited_in_body(7), False)],
)
def test_a_rate_limit_names_the_moment_it_resets(
    server: OpenRouterServer, post: Post, fault: Fault, has_header: bool
) -> None:
    server.faults.always(fault)
    answer = post()
    hint = answer.json()["error"]["metadata"]["headers"]["X-RateLimit-Reset"]
    assert 5 < int(hint) / 1000 - time.time() <= 7
    assert (answer.headers.get("x-ratelimit-reset") == hint) == has_header


def test_an_answer_can_hold_no_picture_or_no_sense(server: OpenRouterServer, post: Post) -> None:
    server.faults.when(bool, openrouter_faults.without_image(), times=1)
    server.faults.always(openrouter_faults.garbage())
    assert post().json()["data"] == []
    garbage = post()
    assert (garbage.status_code, garbage.json()["data"]) == (200, {"b64_json": 7})
