"""Prompts in Message Batches: what is handed in, what each line of the results comes to, what is found again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.asking.batches import BatchState
from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting.claude import ClaudeWriter
from pipeline.prompting.claude_batches import batches_of
from pipeline.prompting.offline import OfflineWriter
from pipeline.records import WriterAnswer
from tests.builders import brief
from tests.fakes import anthropic_faults
from tests.fakes.batching import expired
from tests.fakes.faults import fine, hang, html_error_page, malformed_json, reset_in_mid_body
from tests.fakes.wire import Reply
from tests.unit.prompting.asked import CATALOG, choice

BATCH = {"price_share": 0.5}
QUESTIONS = {f"{number:064x}": brief(number) for number in range(1, 7)}
FIRST, SECOND, *_ = QUESTIONS
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def writer(at_anthropic):
    return at_anthropic(batch=BATCH)


@pytest.fixture
def lane(writer):
    return batches_of(writer)


@pytest.fixture
def collected(lane, anthropic_server):
    """All that came of QUESTIONS, by id; what a test changes is changed before."""

    def collect():
        batch = lane.submit(QUESTIONS, 5)
        anthropic_server.batches.finish()
        return dict(lane.results(batch, 5))

    return collect


def test_all_questions_go_out_in_one_call_and_are_asked_as_they_would_be_live(lane, writer, anthropic_server):
    lane.submit(QUESTIONS, 5)
    writer.write(QUESTIONS[FIRST], 5)
    batch, live = anthropic_server.requests
    assert [item["custom_id"] for item in batch.body["requests"]] == list(QUESTIONS)
    assert batch.body["requests"][0]["params"] == live.body
    assert batch.headers["authorization"] == live.headers["authorization"]


def test_the_answers_are_those_of_live_calls_at_half_the_price(collected, writer, anthropic_server):
    found = collected()
    live = writer.write(QUESTIONS[FIRST], 5)
    assert found.keys() == QUESTIONS.keys()
    assert replace(found[FIRST], allowance=None) == replace(live, cost_usd=live.cost_usd / 2, allowance=None)
    assert anthropic_server.batches.worked == dict.fromkeys(QUESTIONS, 1)


def test_the_shipped_catalog_has_it_at_half_the_price(writing, anthropic_server):
    chosen = CATALOG.choose("anthropic", "text", "prompts.model")
    writer = writing(ClaudeWriter, chosen, anthropic_server.base_url, anthropic_server.api_key)
    assert batches_of(writer).price_share == 0.5


def test_who_takes_no_batches_has_none(at_anthropic, at_openai):
    assert [batches_of(each) for each in (at_anthropic(), at_openai(), OfflineWriter())] == [None] * 3


def test_how_it_stands(lane, anthropic_server):
    batch = lane.submit(QUESTIONS, 5)
    standing = lane.standing(batch, 5)
    assert (standing.state, standing.done, standing.total) == (BatchState.UNDER_WAY, 0, 6)
    assert list(lane.results(batch, 5)) == []
    anthropic_server.batches.finish()
    standing = lane.standing(batch, 5)
    assert (standing.state, standing.done, standing.total) == (BatchState.ENDED, 6, 6)


def test_of_one_that_expired_what_was_answered_is_there_and_the_rest_was_not_asked(lane, anthropic_server):
    batch = lane.submit(QUESTIONS, 5)
    anthropic_server.batches.work(2)
    anthropic_server.batches.expire()
    assert lane.standing(batch, 5).state is BatchState.ENDED
    found = dict(lane.results(batch, 5))
    assert sum(isinstance(each, WriterAnswer) for each in found.values()) == 2
    lost = [each for each in found.values() if isinstance(each, ServiceError)]
    assert {(each.kind, each.may_be_charged) for each in lost} == {(FailureKind.TRANSIENT, False)}
    assert "the batch's time was over" in str(lost[0])


def test_one_of_which_nothing_was_done_is_gone(lane, anthropic_server):
    batch = lane.submit(QUESTIONS, 5)
    anthropic_server.batches.expire()
    standing = lane.standing(batch, 5)
    assert (standing.state, standing.failure.kind) == (BatchState.GONE, FailureKind.TRANSIENT)
    assert standing.message == "Anthropic: the batch was not done within its time"
    assert len(list(lane.results(batch, 5))) == 6


def test_one_that_was_cancelled_is_gone_and_nothing_of_it_was_charged(lane, anthropic_server):
    batch = lane.submit(QUESTIONS, 5)
    for each in anthropic_server.batches:
        each.cancelling = each.created
    assert lane.standing(batch, 5).state is BatchState.UNDER_WAY
    anthropic_server.batches.finish()
    assert lane.standing(batch, 5).message == "Anthropic: the batch was cancelled"
    found = dict(lane.results(batch, 5))
    assert {(each.kind, each.may_be_charged) for each in found.values()} == {(FailureKind.TRANSIENT, False)}
    assert "the batch was cancelled before" in str(found[FIRST])


def test_one_that_does_not_say_how_many_were_answered_has_ended(lane, anthropic_server):
    batch = lane.submit(QUESTIONS, 5)
    anthropic_server.batches.finish()
    anthropic_server.fetch_faults.always(
        lambda exchange: Reply.of_json({**exchange.answer().json(), "request_counts": None})
    )
    assert lane.standing(batch, 5).state is BatchState.ENDED


def test_one_the_service_forgot_is_gone_and_brings_nothing(lane, anthropic_server):
    batch = lane.submit(QUESTIONS, 5)
    anthropic_server.batches.finish()
    anthropic_server.batches.archive()
    standing = lane.standing(batch, 5)
    assert (standing.state, standing.failure.may_be_charged) == (BatchState.GONE, True)
    assert list(lane.results(batch, 5)) == []
    standing = lane.standing("msgbatch_unknown", 5)
    assert standing.state is BatchState.GONE
    assert standing.message == (
        "Anthropic: it knows no batch msgbatch_unknown any more; was it handed in with another key?"
    )
    assert list(lane.results("msgbatch_unknown", 5)) == []


def test_a_proxy_that_finds_nothing_is_no_word_of_the_services(lane, anthropic_server):
    batch = lane.submit(QUESTIONS, 5)
    anthropic_server.fetch_faults.always(html_error_page(404))
    with pytest.raises(ServiceError) as caught:
        lane.standing(batch, 5)
    assert caught.value.kind is FailureKind.TRANSIENT


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (anthropic_faults.refusal(), "policy", "refused to answer"),
        (anthropic_faults.cut_off(), "empty", "cut off"),
        (anthropic_faults.answering("no JSON"), "empty", "the form asked for"),
        (anthropic_faults.error(400, "too long"), "bad_parameter", "400 too long"),
        (anthropic_faults.server_error(), "transient", "500"),
        (anthropic_faults.overloaded(), "transient", "529"),
        (anthropic_faults.credit_too_low(), "billing", "no credit"),
        (anthropic_faults.bad_key(), "auth", "401"),
        (expired, "transient", "time was over"),
    ],
)
def test_what_becomes_of_one_question_is_told_as_of_a_live_call(collected, anthropic_server, fault, kind, says):
    anthropic_server.batches.on_item(FIRST, fault)
    found = collected()
    error = found.pop(FIRST)
    assert (error.kind, error.may_be_charged) == (kind, False)
    assert says in str(error)
    assert all(isinstance(each, WriterAnswer) for each in found.values())


def test_an_answer_that_cannot_be_used_costs_half_too(collected, at_anthropic, anthropic_server):
    anthropic_server.batches.on_item(FIRST, anthropic_faults.refusal())
    anthropic_server.faults.on_call(2, anthropic_faults.refusal())
    refused = collected()[FIRST]
    with pytest.raises(ServiceError) as caught:
        at_anthropic().write(QUESTIONS[FIRST], 5)
    assert refused.cost_usd == pytest.approx(caught.value.cost_usd / 2)
    assert refused.cost_usd > 0


@pytest.mark.parametrize(
    "message",
    [None, [], "text", {}, {"content": None}, {"content": "text"}],
)
def test_what_is_no_message_fails_its_question_alone(collected, anthropic_server, message):
    found = _with_first_line(collected, anthropic_server, {"type": "succeeded", "message": message})
    assert found[FIRST].may_be_charged


@pytest.mark.parametrize("result", [None, 7, {}, {"type": "new"}, {"type": "errored"}, {"type": "errored", "error": 1}])
def test_a_result_of_no_known_form_fails_its_question_alone(collected, anthropic_server, result):
    found = _with_first_line(collected, anthropic_server, result)
    assert found[FIRST].kind is FailureKind.TRANSIENT


def test_an_answer_that_lacks_all_it_can_lack_is_read(collected, anthropic_server):
    text = json.dumps({"worth_illustrating": True, "prompt": "A harbour"})
    content = [7, {"type": "new"}, {"type": "text", "text": text}]
    message = {"content": content, "usage": {"input_tokens": "many"}, "stop_details": "none"}
    found = _with_first_line(collected, anthropic_server, {"type": "succeeded", "message": message})
    assert (found[FIRST].prompt, found[FIRST].cost_usd) == ("A harbour", 0.0)


def _with_first_line(collected, server, result):
    """What comes of a batch whose line about the first question is another; the others are as they were."""
    replaced = json.dumps({"custom_id": FIRST, "result": result})

    def changed(exchange):
        reply = exchange.answer()
        lines = [replaced if FIRST in line else line for line in reply.body.decode().splitlines()]
        return replace(reply, body="\n".join(lines).encode())

    server.fetch_faults.on_request(_asks_for_results, changed)
    found = collected()
    assert all(isinstance(answer, WriterAnswer) for name, answer in found.items() if name != FIRST)
    assert found.keys() == QUESTIONS.keys()
    return found


def _asks_for_results(request):
    return request.path.endswith("/results")


def test_what_came_before_the_connection_broke_is_there_and_all_can_be_read_again(lane, anthropic_server):
    batch = lane.submit(QUESTIONS, 5)
    anthropic_server.batches.finish()
    anthropic_server.fetch_faults.on_request(_asks_for_results, reset_in_mid_body, times=1)
    found = {}
    with pytest.raises(ServiceError) as caught:
        found.update(lane.results(batch, 5))
    assert (caught.value.kind, caught.value.may_be_charged) == (FailureKind.TRANSIENT, False)
    assert 0 < len(found) < 6
    assert found.items() <= dict(lane.results(batch, 5)).items()


def test_results_that_cannot_be_had_now_are_told_as_what_they_are(lane, anthropic_server):
    batch = lane.submit(QUESTIONS, 5)
    anthropic_server.batches.finish()
    anthropic_server.fetch_faults.on_request(_asks_for_results, anthropic_faults.rate_limited("7"), times=1)
    with pytest.raises(ServiceError) as caught:
        list(lane.results(batch, 5))
    assert (caught.value.kind, caught.value.retry_after_s) == (FailureKind.RATE, 7)


@pytest.mark.parametrize(
    ("fault", "may_be_charged"),
    [
        (hang(), True),
        (reset_in_mid_body, True),
        (malformed_json, True),
        (html_error_page(200), True),
        (html_error_page(502), False),
        (anthropic_faults.overloaded(), False),
    ],
)
def test_an_order_whose_answer_is_lost_may_be_charged(lane, anthropic_server, fault, may_be_charged):
    anthropic_server.faults.always(fault)
    with pytest.raises(ServiceError) as caught:
        lane.submit(QUESTIONS, 0.3)
    assert (caught.value.kind, caught.value.may_be_charged) == (FailureKind.TRANSIENT, may_be_charged)


def test_one_that_reached_nobody_is_not_charged(writing):
    chosen = choice("anthropic", "claude-haiku-5-5", protocol="anthropic", batch=BATCH)
    lane = batches_of(writing(ClaudeWriter, chosen, "http://127.0.0.1:9", "key"))
    with pytest.raises(ServiceError) as caught:
        lane.submit(QUESTIONS, 5)
    assert (caught.value.kind, caught.value.may_be_charged) == (FailureKind.TRANSIENT, False)


@pytest.mark.parametrize("reply", [Reply.of_json({"detail": "Not Found"}, status=404), Reply(status=405)])
def test_a_gateway_that_knows_no_batches_is_told_in_one_line(lane, anthropic_server, reply):
    anthropic_server.faults.always(lambda _: reply)
    with pytest.raises(ServiceError) as caught:
        lane.submit(QUESTIONS, 5)
    said = " Not Found" if reply.body else ""
    assert str(caught.value) == (
        f"Anthropic: takes no batches at this address ({reply.status}{said}); "
        "leave out --batch, or check ANTHROPIC_BASE_URL"
    )
    assert (caught.value.kind, caught.value.is_final) == (FailureKind.BAD_PARAMETER, True)


def test_one_whose_id_was_never_seen_is_found_again_once_it_ended(lane, anthropic_server):
    anthropic_server.faults.on_call(1, taken_but_not_told)
    with pytest.raises(ServiceError):
        lane.submit(QUESTIONS, 5)
    others = lane.submit({f"{number:064x}": brief(number) for number in range(11, 17)}, 5)
    anthropic_server.batches.finish()
    (lost,) = {batch.id for batch in anthropic_server.batches} - {others}
    assert lane.submitted_since(LONG_AGO, QUESTIONS.keys(), 5) == lost
    assert lane.submitted_since(LONG_AGO, {FIRST}, 5) is None
    assert lane.submitted_since(LONG_AGO, QUESTIONS.keys(), 5, known={lost}) is None
    assert lane.submitted_since(datetime.now(UTC) + timedelta(hours=1), QUESTIONS.keys(), 5) is None


def taken_but_not_told(exchange):
    fine(exchange)


def test_one_under_way_is_found_by_its_number_of_questions_unless_its_id_was_seen(lane, anthropic_server):
    seen = lane.submit(QUESTIONS, 5)
    lane.submit({FIRST: brief(1)}, 5)
    assert lane.submitted_since(LONG_AGO, QUESTIONS.keys(), 5, known={seen}) is None
    anthropic_server.faults.on_call(3, taken_but_not_told)
    with pytest.raises(ServiceError):
        lane.submit(QUESTIONS, 5)
    (lost,) = [batch.id for batch in anthropic_server.batches if len(batch.items) == 6 and batch.id != seen]
    assert lane.submitted_since(LONG_AGO, QUESTIONS.keys(), 5, known={seen}) == lost


def test_the_key_goes_where_the_service_is_and_nowhere_else(writing, anthropic_server):
    """Also where an answer names another address for the results."""
    key = {"header": "X-Api-Key", "value": "{{key}}"}
    chosen = choice("anthropic", "claude-haiku-5-5", protocol="anthropic", batch=BATCH, key=key)
    lane = batches_of(writing(ClaudeWriter, chosen, anthropic_server.base_url, anthropic_server.api_key))
    anthropic_server.fetch_faults.on_request(
        lambda request: not _asks_for_results(request),
        lambda exchange: Reply.of_json(exchange.answer().json() | {"results_url": "http://127.0.0.1:9/results"}),
    )
    batch = lane.submit(QUESTIONS, 5)
    anthropic_server.batches.finish()
    assert len(list(lane.results(batch, 5))) == 6
    calls = (*anthropic_server.requests, *anthropic_server.fetches)
    assert all(call.headers["x-api-key"] == anthropic_server.api_key for call in calls)
    assert not any("authorization" in call.headers for call in calls)
