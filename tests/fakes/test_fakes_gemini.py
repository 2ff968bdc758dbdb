"""The Gemini API on loopback: what a test may rely on when it scripts a fault."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.fakes import GeminiServer, gemini_faults
from tests.fakes.answers import opened
from tests.fakes.faults import Fault

Draw = Callable[..., httpx2.Response]


@pytest.fixture(scope="module")
def running() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        yield server


@pytest.fixture
def server(running: GeminiServer) -> GeminiServer:
    running.faults.clear()
    return running


@pytest.fixture
def draw(server: GeminiServer, http: httpx2.Client) -> Draw:
    def call(
        model: str = "gemini-nano-banana-2.1",
        version: str = "v1",
        key: str = server.api_key,
        image: dict[str, Any] | None = None,
        **config: Any,
    ) -> httpx2.Response:
        config = {"responseModalities": ["IMAGE"], "imageConfig": image or {}} | config
        body = {"contents": [{"role": "user", "parts": [{"text": "Sea"}]}], "generationConfig": config}
        url = f"{server.base_url}/{version}/models/{model}:generateContent"
        return http.post(url, json=body, headers={"x-goog-api-key": key})

    return call


def parts(answer: httpx2.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json()["candidates"][0]["content"]["parts"]
    return found


@pytest.mark.parametrize(
    ("model", "image", "size"),
    [
        ("gemini-nano-banana-2.1", {"aspectRatio": "16:9", "imageSize": "1K"}, (1376, 768)),
        ("gemini-nano-banana-2.1", {"aspectRatio": "8:1"}, (2928, 352)),
        ("gemini-3-pro-image", {"aspectRatio": "4:3", "imageSize": "2K"}, (2400, 1792)),
        ("gemini-2.5-flash-image", {"aspectRatio": "16:9"}, (1344, 768)),
        ("gemini-3.1-flash-lite-image", {}, (1024, 1024)),
    ],
)
@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_the_picture_has_the_shape_and_size_asked_for(
    draw: Draw, version: str, model: str, image: dict[str, str], size: tuple[int, int]
) -> None:
    [part] = parts(draw(model, version, image=image))
    assert part["inlineData"]["mimeType"] == "image/png"
    assert opened(base64.b64decode(part["inlineData"]["data"])).size == size


def test_usage_costs_what_the_price_table_says(draw: Draw) -> None:
    usage = draw(image={"imageSize": "1K"}).json()["usageMetadata"]
    assert usage["candidatesTokenCount"] * 30 / 1e6 == pytest.approx(0.0336)


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        ("gemini-nano-banana-2.1", {"image": {"imageSize": "512"}}),
        ("gemini-nano-banana-2.1", {"image": {"aspectRatio": "7:5"}}),
        ("gemini-3-pro-image", {"image": {"aspectRatio": "8:1"}}),
        ("gemini-3.1-flash-lite-image", {"image": {"imageSize": "2K"}}),
        ("gemini-2.5-flash-image", {"image": {"imageSize": "1K"}}),
        ("gemini-nano-banana-2.1", {"seed": 7}),
        ("gemini-nano-banana-2.1", {"image": {"size": "1K"}}),
        ("gemini-nano-banana-2.1", {"candidateCount": 2}),
        ("gemini-nano-banana-2.1", {"responseModalities": ["PICTURE"]}),
        ("gemini-2.5-flash-image", {"thinkingConfig": {"thinkingLevel": "high"}}),
    ],
)
def test_what_the_model_does_not_take_is_an_invalid_argument(draw: Draw, model: str, changes: dict[str, Any]) -> None:
    answer = draw(model, **changes)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "API_KEY_INVALID" not in answer.text


@pytest.mark.parametrize("model", ["gemini-3.1-flash-image", "imagen-4", "gemini-3-pro-image-preview"])
def test_a_retired_model_is_not_found(draw: Draw, model: str) -> None:
    answer = draw(model)
    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_a_key_can_be_tried_for_nothing(server: GeminiServer, http: httpx2.Client, draw: Draw, version: str) -> None:
    url = f"{server.base_url}/{version}/models"
    listed = http.get(url, headers={"x-goog-api-key": server.api_key}).json()["models"]
    assert "models/gemini-nano-banana-2.1" in [model["name"] for model in listed]
    for refused in (http.get(url, headers={"x-goog-api-key": "AIza-wrong"}), draw(key="AIza-wrong")):
        assert refused.status_code == 400
        assert refused.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert http.get(url, headers={"authorization": f"Bearer {server.api_key}"}).status_code == 403


def test_thoughts_come_first_where_asked_for_or_scripted(server: GeminiServer, draw: Draw) -> None:
    asked = parts(draw(thinkingConfig={"includeThoughts": True}))
    server.faults.always(gemini_faults.thought_first())
    for said in (asked, parts(draw())):
        assert [part.get("thought", False) for part in said] == [True, True, False]
        assert opened(base64.b64decode(said[-1]["inlineData"]["data"])).size == (1024, 1024)


def test_names_may_be_spelt_as_the_sdk_does(draw: Draw) -> None:
    """google-genai 3.4 sends `include_thoughts` among camel-cased names."""
    assert len(parts(draw(thinkingConfig={"include_thoughts": True}))) == 3
    assert draw(thinkingConfig={"show_thoughts": True}).status_code == 400


def test_text_alone_is_what_text_alone_was_asked_for(draw: Draw) -> None:
    assert "inlineData" not in parts(draw(responseModalities=["TEXT"]))[0]


@pytest.mark.parametrize(
    ("fault", "code", "status", "words"),
    [
        (gemini_faults.bad_key(), 400, "INVALID_ARGUMENT", "API_KEY_INVALID"),
        (gemini_faults.forbidden(), 403, "PERMISSION_DENIED", "Permission denied"),
        (gemini_faults.no_credit(), 429, "RESOURCE_EXHAUSTED", "limit: 0"),
        (gemini_faults.billing_not_enabled(), 400, "FAILED_PRECONDITION", "billing"),
        (gemini_faults.rate_limited(33), 429, "RESOURCE_EXHAUSTED", '"retryDelay": "33s"'),
        (gemini_faults.daily_quota_spent(), 429, "RESOURCE_EXHAUSTED", "PerDay"),
        (gemini_faults.bad_parameter(), 400, "INVALID_ARGUMENT", "aspect_ratio"),
        (gemini_faults.retired_model(), 404, "NOT_FOUND", "is not found for API version"),
        (gemini_faults.server_error(), 500, "INTERNAL", "internal error"),
        (gemini_faults.overloaded(), 503, "UNAVAILABLE", "overloaded"),
    ],
)
def test_an_error_has_its_code_status_and_words(
    server: GeminiServer, draw: Draw, fault: Fault, code: int, status: str, words: str
) -> None:
    server.faults.always(fault)
    answer = draw()
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (code, code, status)
    assert words in answer.text


def test_a_blocked_prompt_has_a_reason_and_no_candidates(server: GeminiServer, draw: Draw) -> None:
    server.faults.always(gemini_faults.prompt_blocked("SAFETY"))
    answer = draw()
    assert (answer.status_code, answer.json()["promptFeedback"]["blockReason"]) == (200, "SAFETY")
    assert "candidates" not in answer.json()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (gemini_faults.policy_refusal(), "IMAGE_SAFETY"),
        (gemini_faults.without_image(), "NO_IMAGE"),
        (gemini_faults.finished("IMAGE_RECITATION"), "IMAGE_RECITATION"),
    ],
)
def test_a_candidate_without_a_picture_says_why(server: GeminiServer, draw: Draw, fault: Fault, reason: str) -> None:
    server.faults.always(fault)
    answer = draw()
    [candidate] = answer.json()["candidates"]
    assert (answer.status_code, candidate["finishReason"]) == (200, reason)
    assert "content" not in candidate


def test_an_answer_can_be_words_or_no_sense(server: GeminiServer, draw: Draw) -> None:
    server.faults.when(bool, gemini_faults.text_only("Which style?"), times=1)
    server.faults.always(gemini_faults.garbage())
    words = draw()
    assert (parts(words), words.json()["candidates"][0]["finishReason"]) == ([{"text": "Which style?"}], "STOP")
    garbage = draw()
    assert (garbage.status_code, garbage.json()["candidates"][0]["finishReason"]) == (200, 7)
