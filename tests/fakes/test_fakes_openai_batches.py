"""The real `openai` SDK uploads files, orders batches of pictures and reads them: what a test may rely on."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai
import pytest

from tests.fakes import OpenAIServer, openai_faults
from tests.fakes.batching import expired

SLIDES = [f"slide-{number}" for number in range(6)]


@pytest.fixture
def sdk(painter: OpenAIServer, http: httpx2.Client) -> openai.OpenAI:
    return openai.OpenAI(base_url=painter.base_url, api_key=painter.api_key, max_retries=0, timeout=5, http_client=http)


def line(name: str, **changes: Any) -> dict[str, Any]:
    body = {"model": "gpt-image-2.6-flare", "prompt": f"Sea {name}", "size": "1024x640", "quality": "low"}
    return {"custom_id": name, "method": "POST", "url": "/v1/images/generations", "body": body} | changes


def order(client: openai.OpenAI, lines: list[Any] | None = None, **changes: Any) -> Any:
    """The batch made of these lines, or of six good ones; a line that is a text is sent as it is."""
    texts = [item if isinstance(item, str) else json.dumps(item) for item in lines or [line(name) for name in SLIDES]]
    file = client.files.create(file=("batch.jsonl", ("\n".join(texts) + "\n").encode()), purpose="batch")
    given = {"endpoint": "/v1/images/generations", "completion_window": "24h", "input_file_id": file.id} | changes
    return client.batches.create(**given)


def look(client: openai.OpenAI, batch: str) -> Any:
    return client.batches.retrieve(batch)


def read(client: openai.OpenAI, file: str | None) -> dict[str, Any]:
    assert file is not None
    return {found["custom_id"]: found for found in map(json.loads, client.files.content(file).text.splitlines())}


def test_an_uploaded_file_comes_back_as_it_was_and_can_be_deleted(sdk: openai.OpenAI, painter: OpenAIServer) -> None:
    data = '{"a": "Ωя\\r"}\n\n{"b": 2}\n'.encode() + bytes(range(128, 256))
    file = sdk.files.create(file=("batch.jsonl", data), purpose="batch")
    assert (file.bytes, file.purpose, file.filename) == (len(data), "batch", "batch.jsonl")
    assert file.expires_at == file.created_at + 30 * 24 * 3600
    assert sdk.files.content(file.id).read() == data
    assert painter.requests[0].files["file"].data == data
    assert [listed.id for listed in sdk.files.list(purpose="batch")] == [file.id]
    assert sdk.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        sdk.files.retrieve(file.id)


@pytest.mark.parametrize(("name", "purpose"), [("batch.txt", "batch"), ("batch.jsonl", "poetry")])
def test_a_file_of_another_kind_is_refused(sdk: openai.OpenAI, name: str, purpose: Any) -> None:
    with pytest.raises(openai.BadRequestError):
        sdk.files.create(file=(name, b"{}"), purpose=purpose)


def test_an_image_batch_goes_through_its_states(sdk: openai.OpenAI, painter: OpenAIServer) -> None:
    batch = order(sdk, metadata={"run": "7"})
    assert (batch.status, batch.metadata, batch.request_counts.total) == ("validating", {"run": "7"}, 0)
    painter.batches.work(2)
    looked = look(sdk, batch.id)
    assert (looked.status, looked.request_counts.completed, looked.request_counts.total) == ("in_progress", 2, 6)
    painter.batches.finalize()
    assert look(sdk, batch.id).status == "finalizing"
    painter.batches.finish()
    looked = look(sdk, batch.id)
    assert (looked.status, looked.error_file_id, looked.request_counts.completed) == ("completed", None, 6)
    found = read(sdk, looked.output_file_id)
    assert list(found) != SLIDES
    assert sorted(found) == SLIDES
    assert looked.usage.output_tokens == sum(
        one["response"]["body"]["usage"]["output_tokens"] for one in found.values()
    )


def test_a_picture_of_a_batch_is_the_one_that_is_drawn_when_asked_alone(
    sdk: openai.OpenAI, painter: OpenAIServer
) -> None:
    batch = order(sdk)
    painter.batches.finish()
    found = read(sdk, look(sdk, batch.id).output_file_id)["slide-3"]["response"]
    alone = sdk.images.generate(**line("slide-3")["body"])
    assert alone.data is not None
    assert (found["status_code"], found["body"]["data"][0]["b64_json"]) == (200, alone.data[0].b64_json)


def test_bad_items_lie_in_the_error_file(sdk: openai.OpenAI, painter: OpenAIServer) -> None:
    batch = order(sdk)
    painter.batches.on_item("slide-1", openai_faults.moderation_blocked())
    painter.batches.on_item("slide-2", openai_faults.server_error())
    painter.batches.on_item("slide-3", expired)
    painter.batches.finish()
    looked = look(sdk, batch.id)
    assert (looked.request_counts.completed, looked.request_counts.failed) == (3, 3)
    found = read(sdk, looked.error_file_id)
    assert found["slide-1"]["response"]["body"]["error"]["code"] == "moderation_blocked"
    assert (found["slide-2"]["response"]["status_code"], found["slide-2"]["error"]) == (500, None)
    assert (found["slide-3"]["response"], found["slide-3"]["error"]["code"]) == (None, "batch_expired")
    assert sorted(read(sdk, looked.output_file_id)) == ["slide-0", "slide-4", "slide-5"]


def test_a_batch_with_no_good_answer_has_no_output_file(sdk: openai.OpenAI, painter: OpenAIServer) -> None:
    batch = order(sdk, [line("a", body={"model": "gpt-image-2.6-flare", "prompt": "x", "size": "wide"})])
    painter.batches.finish()
    looked = look(sdk, batch.id)
    assert (looked.status, looked.output_file_id, looked.request_counts.failed) == ("completed", None, 1)
    assert read(sdk, looked.error_file_id)["a"]["response"]["body"]["error"]["param"] == "size"


@pytest.mark.parametrize(
    ("lines", "code", "number"),
    [
        ([line("a"), "{oops"], "invalid_json_line", 2),
        ([line("a"), line("b"), line("a")], "duplicate_custom_id", 3),
        ([line("a", url="/v1/chat/completions")], "url_mismatch", 1),
        ([line("a"), line("b", body={"model": "gpt-image-2"})], "model_mismatch", 2),
        ([line("a", method="GET")], "invalid_method", 1),
        ([{"custom_id": "a"}], "missing_required_parameter", 1),
        (["", ""], "empty_file", None),
    ],
)
def test_one_bad_line_fails_the_batch_after_its_creation(
    sdk: openai.OpenAI, painter: OpenAIServer, lines: list[Any], code: str, number: int | None
) -> None:
    batch = order(sdk, lines)
    assert batch.status == "validating"
    looked = look(sdk, batch.id)
    assert (looked.status, looked.output_file_id) == ("failed", None)
    assert (looked.errors.data[0].code, looked.errors.data[0].line) == (code, number)
    assert not painter.batches.submitted


def test_a_batch_fails_as_a_whole_where_a_test_says_so(sdk: openai.OpenAI, painter: OpenAIServer) -> None:
    batch = order(sdk)
    painter.batches.fail("billing_hard_limit_reached", "Billing hard limit has been reached.")
    looked = look(sdk, batch.id)
    assert (looked.status, looked.failed_at is not None) == ("failed", True)
    assert looked.errors.data[0].code == "billing_hard_limit_reached"


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "/v1/embeddings"},
        {"completion_window": "1h"},
        {"metadata": {"run": "x" * 513}},
        {"input_file_id": ""},
    ],
)
def test_a_wrong_order_is_refused_at_once(sdk: openai.OpenAI, changes: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError):
        order(sdk, **changes)


def test_what_a_batch_had_done_when_it_expired_can_be_read(sdk: openai.OpenAI, painter: OpenAIServer) -> None:
    batch = order(sdk)
    painter.batches.work(2)
    painter.batches.expire()
    looked = look(sdk, batch.id)
    assert (looked.status, looked.expired_at is not None) == ("expired", True)
    assert sorted(read(sdk, looked.output_file_id)) == SLIDES[:2]
    assert {found["error"]["code"] for found in read(sdk, looked.error_file_id).values()} == {"batch_expired"}
    painter.batches.archive()
    with pytest.raises(openai.NotFoundError):
        read(sdk, looked.output_file_id)


def test_an_image_batch_is_cancelled(sdk: openai.OpenAI, painter: OpenAIServer) -> None:
    batch = order(sdk)
    assert sdk.batches.cancel(batch.id).status == "cancelling"
    painter.batches.finish()
    looked = look(sdk, batch.id)
    assert (looked.status, len(read(sdk, looked.error_file_id))) == ("cancelled", 6)
    with pytest.raises(openai.BadRequestError):
        sdk.batches.cancel(batch.id)


def test_image_batches_are_listed_newest_first_page_by_page(sdk: openai.OpenAI) -> None:
    ids = [order(sdk).id for _ in range(3)]
    assert [batch.id for batch in sdk.batches.list(limit=2)] == ids[::-1]
    with pytest.raises(openai.NotFoundError):
        sdk.batches.retrieve("batch_of_nobody")


def test_a_server_that_copies_this_api_has_no_batches(http: httpx2.Client) -> None:
    with OpenAIServer(compatible=True) as server:
        client = openai.OpenAI(base_url=server.base_url, api_key="any", max_retries=0, http_client=http)
        with pytest.raises(openai.NotFoundError):
            order(client)
