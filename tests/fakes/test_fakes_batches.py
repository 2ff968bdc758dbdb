"""The real `anthropic` SDK sends Message Batches and reads what came of them: what a test may rely on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic.types.messages import MessageBatch

from tests.fakes import AnthropicServer, anthropic_faults
from tests.fakes.answers import FORMAT, Answer, text_of
from tests.fakes.batching import expired
from tests.fakes.faults import reset_in_mid_body

SLIDES = [f"slide-{number}" for number in range(6)]
Send = Callable[..., MessageBatch]


def params(text: str, **changes: Any) -> Any:
    given = {
        "model": "claude-haiku-5-5",
        "max_tokens": 2000,
        "thinking": {"type": "disabled"},
        "messages": [{"role": "user", "content": text}],
        "output_config": {"format": FORMAT},
    }
    return given | changes


@pytest.fixture
def send(claude: anthropic.Anthropic) -> Send:
    def call(*ids: str, **changes: Any) -> MessageBatch:
        requests = [{"custom_id": name, "params": params(name, **changes)} for name in ids or SLIDES]
        return claude.messages.batches.create(requests=requests)  # type: ignore[arg-type]

    return call


def results(claude: anthropic.Anthropic, batch: str) -> dict[str, Any]:
    return {line.custom_id: line.result for line in claude.messages.batches.results(batch)}


def test_a_message_batch_is_under_way_until_it_is_finished(
    claude: anthropic.Anthropic, writer: AnthropicServer, send: Send
) -> None:
    batch = send()
    writer.batches.work(2)
    looked = claude.messages.batches.retrieve(batch.id)
    assert (looked.processing_status, looked.results_url, looked.ended_at) == ("in_progress", None, None)
    assert (looked.request_counts.processing, looked.request_counts.succeeded) == (6, 0)  # tallied at the end only
    assert looked.expires_at - looked.created_at == timedelta(hours=24)
    with pytest.raises(anthropic.AnthropicError, match="finished processing"):
        claude.messages.batches.results(batch.id)
    writer.batches.finish()
    looked = claude.messages.batches.retrieve(batch.id)
    assert (looked.processing_status, looked.request_counts.succeeded) == ("ended", 6)
    assert looked.results_url == f"{writer.origin}/v1/messages/batches/{batch.id}/results"


def test_the_results_come_in_another_order_and_satisfy_their_schemas(
    claude: anthropic.Anthropic, writer: AnthropicServer, send: Send
) -> None:
    batch = send()
    writer.batches.finish(batch.id)
    found = results(claude, batch.id)
    assert list(found) != SLIDES
    assert sorted(found) == SLIDES
    prompts = {Answer.model_validate_json(text_of(result.message)).prompt for result in found.values()}
    assert len(prompts) == 6
    assert {result.message.usage.service_tier for result in found.values()} == {"batch"}


def test_an_item_errs_is_refused_by_the_model_or_expires_by_itself(
    claude: anthropic.Anthropic, writer: AnthropicServer, send: Send
) -> None:
    batch = send()
    writer.batches.on_item("slide-1", anthropic_faults.server_error())
    writer.batches.on_item("slide-2", anthropic_faults.refusal())
    writer.batches.faults.on_call(4, expired)
    writer.batches.finish()
    found = results(claude, batch.id)
    assert (found["slide-1"].type, found["slide-1"].error.error.type) == ("errored", "api_error")
    assert (found["slide-2"].type, found["slide-2"].message.stop_reason) == ("succeeded", "refusal")
    assert found["slide-3"].type == "expired"
    counts = claude.messages.batches.retrieve(batch.id).request_counts
    assert (counts.succeeded, counts.errored, counts.expired, counts.canceled) == (4, 1, 1, 0)


def test_wrong_params_are_found_only_when_their_turn_comes(
    claude: anthropic.Anthropic, writer: AnthropicServer, send: Send
) -> None:
    batch = send("one", temperature=1)
    writer.batches.finish()
    result = results(claude, batch.id)["one"]
    assert (result.type, result.error.error.type) == ("errored", "invalid_request_error")
    assert "Extra inputs" in result.error.error.message


@pytest.mark.parametrize(
    ("requests", "complaint"),
    [
        ([], "requests: Field required"),
        ([{"custom_id": "a b", "params": {}}], "should match pattern"),
        ([{"custom_id": "x" * 65, "params": {}}], "should match pattern"),
        ([{"custom_id": "a"}], "params: Field required"),
        ([{"custom_id": "a", "params": {}}] * 2, "must be unique"),
        ([{"custom_id": "a", "params": {}, "method": "POST"}], "method: Extra inputs"),
    ],
)
def test_a_wrong_envelope_is_refused_at_once(claude: anthropic.Anthropic, requests: Any, complaint: str) -> None:
    with pytest.raises(anthropic.BadRequestError, match=complaint):
        claude.messages.batches.create(requests=requests)


def test_more_items_than_a_batch_takes_are_refused(writer: AnthropicServer, send: Send) -> None:
    writer.batches.max_items = 5
    with pytest.raises(anthropic.BadRequestError, match="at most 5"):
        send()
    assert not writer.batches.submitted


def test_what_was_worked_off_when_the_time_runs_out_is_kept(
    claude: anthropic.Anthropic, writer: AnthropicServer, send: Send
) -> None:
    batch = send()
    writer.batches.work(2)
    writer.batches.expire()
    assert sorted(result.type for result in results(claude, batch.id).values()) == ["expired"] * 4 + ["succeeded"] * 2
    assert writer.batches.worked == {"slide-0": 1, "slide-1": 1}


def test_a_batch_is_cancelled_and_then_deleted(
    claude: anthropic.Anthropic, writer: AnthropicServer, send: Send
) -> None:
    batch = send()
    with pytest.raises(anthropic.BadRequestError, match="in progress"):
        claude.messages.batches.delete(batch.id)
    assert claude.messages.batches.cancel(batch.id).processing_status == "canceling"
    writer.batches.finish()
    assert {result.type for result in results(claude, batch.id).values()} == {"canceled"}
    claude.messages.batches.delete(batch.id)
    assert {request.path for request in writer.deletions} == {f"/v1/messages/batches/{batch.id}"}
    with pytest.raises(anthropic.NotFoundError):
        claude.messages.batches.retrieve(batch.id)


def test_archived_results_are_gone(claude: anthropic.Anthropic, writer: AnthropicServer, send: Send) -> None:
    batch = send()
    writer.batches.finish()
    writer.batches.archive()
    assert claude.messages.batches.retrieve(batch.id).archived_at is not None
    with pytest.raises(anthropic.AnthropicError, match="results_url"):
        claude.messages.batches.results(batch.id)


def test_batches_are_listed_newest_first_page_by_page(claude: anthropic.Anthropic, send: Send) -> None:
    ids = [send(name).id for name in SLIDES]
    assert [batch.id for batch in claude.messages.batches.list(limit=4)] == ids[::-1]
    assert [batch.id for batch in claude.messages.batches.list(limit=4, before_id=ids[0]).data] == ids[4:0:-1]


def test_a_batch_can_end_by_itself_and_counts_how_often_an_id_was_sent(http: httpx2.Client) -> None:
    with AnthropicServer(batch_latency_s=0.0) as server:
        client = anthropic.Anthropic(base_url=server.base_url, api_key=server.api_key, max_retries=0, http_client=http)
        for _ in range(2):
            batch = client.messages.batches.create(requests=[{"custom_id": "a", "params": params("x")}])
        assert client.messages.batches.retrieve(batch.id).processing_status == "ended"
        assert [each.ending for each in server.batches] == [None, "completed"]  # one nobody looked at has not ended
        assert (server.batches.submitted["a"], server.batches.worked["a"]) == (2, 1)


def test_results_can_break_off_in_the_middle(claude: anthropic.Anthropic, writer: AnthropicServer, send: Send) -> None:
    batch = send()
    writer.batches.finish()
    writer.fetch_faults.on_request(lambda request: request.path.endswith("/results"), reset_in_mid_body, times=1)
    with pytest.raises((httpx2.TransportError, anthropic.APIConnectionError, json.JSONDecodeError)):
        results(claude, batch.id)
    assert len(results(claude, batch.id)) == 6


def test_a_batch_needs_the_key_and_its_creation_can_fail(
    claude: anthropic.Anthropic, writer: AnthropicServer, send: Send
) -> None:
    with pytest.raises(anthropic.AuthenticationError):
        claude.with_options(api_key="wrong").messages.batches.list()
    writer.faults.on_call(1, anthropic_faults.overloaded())
    with pytest.raises(anthropic.InternalServerError):
        send()
