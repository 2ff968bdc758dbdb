"""The Kie.ai server, spoken to as the API is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.fakes import KieServer
from tests.fakes import kie_faults as faults
from tests.fakes.answers import opened
from tests.fakes.faults import Fault
from tests.fakes.wire import Json

GPT = "gpt-image-2-5-flare-text-to-image"
Post = Callable[..., Json]
Get = Callable[..., Json]


@pytest.fixture
def server() -> Iterator[KieServer]:
    with KieServer() as kie:
        yield kie


@pytest.fixture
def call(server: KieServer, http: httpx2.Client) -> Callable[..., Json]:
    """One request; HTTP 200 whatever the answer says."""

    def request(method: str, path: str, *, key: str | None = None, **rest: Any) -> Json:
        headers = {"Authorization": f"Bearer {key or server.api_key}", "User-Agent": "Mozilla/5.0 (X11; Linux)"}
        answer = http.request(method, server.base_url + path, headers=headers, **rest)
        assert answer.status_code == 200
        content: Json = answer.json()
        return content

    return request


@pytest.fixture
def create(call: Callable[..., Json]) -> Post:
    def post(model: str = GPT, key: str | None = None, **given: Any) -> Json:
        body = {"model": model, "input": {"prompt": "A harbour"} | given}
        return call("POST", "/jobs/createTask", key=key, json=body)

    return post


@pytest.fixture
def record(server: KieServer, call: Callable[..., Json]) -> Callable[[Json], Json]:
    """The state at the end."""

    def look(created: Json, path: str = "/jobs/recordInfo") -> Json:
        server.polls_needed = 1
        data: Json = call("GET", path, params={"taskId": created["data"]["taskId"]})["data"]
        return data

    return look


def test_a_task_waits_queues_generates_and_succeeds(
    server: KieServer, create: Post, call: Callable[..., Json], http: httpx2.Client
) -> None:
    server.polls_needed = 4
    task = create(aspect_ratio="16:9", resolution="2K")["data"]["taskId"]
    looks = [call("GET", f"/jobs/recordInfo?taskId={task}")["data"] for _ in range(4)]
    assert [look["state"] for look in looks] == ["waiting", "queuing", "generating", "success"]
    assert [look["resultJson"] for look in looks[:3]] == ["", "", ""]
    (link,) = json.loads(looks[3]["resultJson"])["resultUrls"]
    assert opened(http.get(link).content).size == (2736, 1536)
    assert (looks[3]["creditsConsumed"], json.loads(looks[3]["param"])["model"]) == (10, GPT)


@pytest.mark.parametrize(
    ("model", "given", "size", "kind"),
    [
        ("nano-banana-2-1", {"aspect_ratio": "3:2", "output_format": "jpg"}, (1248, 832), "JPEG"),
        ("bytedance/seedream-v4-text-to-image", {"image_size": "landscape_16_9", "max_images": 2}, (1024, 576), "PNG"),
        ("google/nano-banana", {"image_size": "1:1"}, (1024, 1024), "PNG"),
    ],
)
def test_a_picture_comes_as_asked(
    create: Post, record: Get, http: httpx2.Client, model: str, given: Json, size: tuple[int, int], kind: str
) -> None:
    links = json.loads(record(create(model, **given))["resultJson"])["resultUrls"]
    image = opened(http.get(links[0]).content)
    assert (len(links), image.size, image.format) == (given.get("max_images", 1), size, kind)


def test_kontext_has_paths_and_flags_of_its_own(call: Callable[..., Json], record: Get, http: httpx2.Client) -> None:
    body = {"prompt": "A harbour", "aspectRatio": "4:3", "outputFormat": "png", "model": "flux-kontext-max"}
    created = call("POST", "/flux/kontext/generate", json=body)
    first = call("GET", "/flux/kontext/record-info", params={"taskId": created["data"]["taskId"]})["data"]
    last = record(created, "/flux/kontext/record-info")
    assert (first["successFlag"], first["response"], last["successFlag"]) == (0, None, 1)
    assert opened(http.get(last["response"]["resultImageUrl"]).content).size == (1184, 880)
    assert call("GET", f"/jobs/recordInfo?taskId={created['data']['taskId']}")["code"] == 422
    assert call("POST", "/flux/kontext/generate", json=body | {"aspectRatio": "1:9"})["code"] == 422


@pytest.mark.parametrize(
    ("fault", "flag", "message"),
    [(faults.policy_refusal(), 3, "flagged"), (faults.without_image(), 1, None)],
)
def test_kontext_ends_badly_in_its_own_words(
    server: KieServer, call: Callable[..., Json], record: Get, fault: Fault, flag: int, message: str | None
) -> None:
    server.faults.always(fault)
    end = record(call("POST", "/flux/kontext/generate", json={"prompt": "A harbour"}), "/flux/kontext/record-info")
    assert (end["successFlag"], (end["response"] or {}).get("resultImageUrl")) == (flag, None)
    assert message is None or message in end["errorMessage"]


@pytest.mark.parametrize(
    ("model", "given", "message"),
    [
        ("dall-e-3", {}, "The model name you specified is not supported."),
        (GPT, {"prompt": ""}, "prompt is required"),
        (GPT, {"aspect_ratio": "8:1"}, "aspect_ratio is not within the range of allowed options"),
        (GPT, {"prompt": "x" * 20_001}, "The length of prompt cannot exceed the maximum limit of 20000"),
        ("seedream/4.5-text-to-image", {"quality": "basic"}, "aspect_ratio is required"),
        ("bytedance/seedream-v4-text-to-image", {"max_images": 7}, "max_images is invalid"),
    ],
)
def test_what_a_model_does_not_take_is_told_in_the_body(create: Post, model: str, given: Json, message: str) -> None:
    refused = create(model, **given)
    assert (refused["code"], refused["data"], refused["msg"].startswith(message)) == (422, None, True)


def test_an_input_that_a_model_does_not_know_is_noted(server: KieServer, create: Post) -> None:
    assert create(seed=7)["code"] == 200
    assert server.ignored == {f"{GPT}: seed"}


def test_a_script_caller_is_stopped_before_its_key_is_seen(server: KieServer, http: httpx2.Client) -> None:
    headers = {"Authorization": f"Bearer {server.api_key}"}
    answer = http.post(f"{server.base_url}/jobs/createTask", headers=headers, json={})
    assert (answer.status_code, answer.text) == (403, "error code: 1010")


def test_the_key_and_the_path_are_looked_at(call: Callable[..., Json], create: Post) -> None:
    assert create(key="other")["code"] == 401
    assert call("GET", "/chat/credit") == {"code": 200, "msg": "success", "data": 987.5}
    assert call("GET", "/chat/credit", key="other")["code"] == 401
    assert [call("GET", "/jobs/recordInfo?taskId=unknown")["code"], call("POST", "/jobs", json={})["code"]] == [404] * 2


@pytest.mark.parametrize(
    ("fault", "code", "text"),
    [
        (faults.bad_key(), 401, "access permissions"),
        (faults.no_credit(), 402, "Insufficient credits"),
        (faults.rate_limited(10), 429, "frequency"),
        (faults.bad_parameter(), 422, "aspect_ratio"),
        (faults.retired_model(), 422, "not supported"),
        (faults.server_error(), 500, "try again later"),
        (faults.maintenance(), 455, "maintenance"),
    ],
)
def test_a_fault_of_the_request_is_a_code_in_the_body(
    server: KieServer, create: Post, fault: Fault, code: int, text: str
) -> None:
    server.faults.always(fault)
    answer = create()
    assert (answer["code"], text in answer["msg"], server.tasks) == (code, True, ())


def test_garbage_has_no_code_at_all(server: KieServer, create: Post) -> None:
    server.faults.always(faults.garbage())
    assert "code" not in create()


@pytest.mark.parametrize(
    ("fault", "code", "text"),
    [
        (faults.policy_refusal(), "400", "flagged"),
        (faults.sensitive(), "501", "sensitive"),
        (faults.failed_task(), "500", "try again later"),
    ],
)
def test_a_fault_of_the_task_shows_at_its_end(
    server: KieServer, create: Post, record: Get, fault: Fault, code: str, text: str
) -> None:
    server.faults.always(fault)
    end = record(create())
    assert (end["state"], end["failCode"], text in end["failMsg"], end["resultJson"]) == ("fail", code, True, "")


def test_a_task_can_succeed_without_a_picture(server: KieServer, create: Post, record: Get) -> None:
    server.faults.always(faults.without_image())
    end = record(create())
    assert (end["state"], json.loads(end["resultJson"])) == ("success", {"resultUrls": []})
