"""Pictures in OpenAI's batches: what is handed in, what each line of the results comes to, what is found again."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from pydantic import SecretStr

from pipeline.asking.batches import BatchState
from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.offline import OfflineImages
from pipeline.images.openai_batches import batches_of
from pipeline.images.openai_images import OpenAIImages
from pipeline.images.parameters import Wishes
from pipeline.images.unfinished import ReceiptsInMemory
from pipeline.records import GeneratedImage
from pipeline.services.catalog import load_catalog
from tests.fakes import OpenAIServer, openai_faults
from tests.fakes.batching import expired
from tests.fakes.faults import fine, hang, html_error_page, malformed_json, reset_in_mid_body
from tests.fakes.wire import Reply
from tests.unit.images.test_offline import REQUEST

TIMING = Timing(now=lambda: datetime.now(UTC), monotonic=time.monotonic, sleep=time.sleep)
FLARE = "openai/gpt-image-2.6-flare"
SMALL = Wishes(size="1024x640", quality="low")
QUESTIONS = {f"{number:064x}": replace(REQUEST, prompt=f"Harbour {number}") for number in range(1, 4)}
FIRST, SECOND, THIRD = QUESTIONS
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def server():
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def asking():
    """Makes providers, and closes them."""
    made = []

    def make(base_url, key, name=FLARE, wishes=SMALL):
        choice = load_catalog().choose(name, "image", "images.model")
        access = Access(service=choice.service, base_url=base_url, key=SecretStr(key))
        made.append(OpenAIImages(choice, access, wishes, TIMING, ReceiptsInMemory()))
        return made[-1]

    yield make
    for provider in made:
        provider.close()


@pytest.fixture
def provider(asking, server):
    return asking(server.base_url, server.api_key)


@pytest.fixture
def lane(provider):
    return batches_of(provider)


@pytest.fixture
def collected(lane, server):
    """All that came of QUESTIONS, by id; what a test changes is changed before."""

    def collect():
        batch = lane.submit(QUESTIONS, 5)
        server.batches.finish()
        return dict(lane.results(batch, 5))

    return collect


def posts(server, path):
    return [request for request in server.requests if request.path == path]


def test_all_questions_go_out_as_one_file_and_are_asked_as_they_would_be_live(lane, provider, server):
    lane.submit(QUESTIONS, 5)
    provider.generate(QUESTIONS[FIRST], 5)
    (upload,), (batch,) = posts(server, "/v1/files"), posts(server, "/v1/batches")
    (live,) = posts(server, "/v1/images/generations")
    lines = [json.loads(line) for line in upload.files["file"].data.splitlines()]
    assert [line["custom_id"] for line in lines] == list(QUESTIONS)
    assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/images/generations")}
    assert lines[0]["body"] == live.body
    assert upload.body["purpose"] == "batch"
    assert (batch.body["endpoint"], batch.body["completion_window"]) == ("/v1/images/generations", "24h")


def test_the_pictures_are_those_of_live_calls_at_half_the_price(collected, provider, server):
    found = collected()
    live = provider.generate(QUESTIONS[FIRST], 5)
    assert found.keys() == QUESTIONS.keys()
    assert replace(found[FIRST], allowance=None) == replace(live, cost_usd=live.cost_usd / 2, allowance=None)
    assert Image.open(BytesIO(found[SECOND].data)).size == (1024, 640)
    assert server.batches.worked == dict.fromkeys(QUESTIONS, 1)


def test_a_price_the_answer_does_not_say_is_not_made_up(asking, server):
    lane = batches_of(asking(server.base_url, server.api_key, "openai/gpt-image-1.5", Wishes(quality="low")))
    batch = lane.submit({FIRST: REQUEST}, 5)
    server.batches.finish()
    ((_, image),) = lane.results(batch, 5)
    assert image.cost_usd is None


def test_who_takes_no_batches_has_none(asking, server):
    at_home = asking(server.base_url, "none", "localai/x", Wishes())
    assert [batches_of(at_home), batches_of(OfflineImages())] == [None, None]


def test_how_it_stands(lane, server):
    batch = lane.submit(QUESTIONS, 5)
    assert lane.standing(batch, 5).state is BatchState.UNDER_WAY
    server.batches.work(2)
    standing = lane.standing(batch, 5)
    assert (standing.state, standing.done, standing.total) == (BatchState.UNDER_WAY, 2, 3)
    server.batches.finalize()
    assert lane.standing(batch, 5).state is BatchState.UNDER_WAY
    assert list(lane.results(batch, 5)) == []
    server.batches.finish()
    standing = lane.standing(batch, 5)
    assert (standing.state, standing.done, standing.total) == (BatchState.ENDED, 3, 3)


def test_one_that_expired_is_gone_and_what_was_drawn_is_there(lane, server):
    batch = lane.submit(QUESTIONS, 5)
    server.batches.work(1)
    server.batches.expire()
    standing = lane.standing(batch, 5)
    assert (standing.state, standing.failure.kind) == (BatchState.GONE, FailureKind.TRANSIENT)
    assert standing.message == "OpenAI: the batch was not done within its 24 hours"
    found = dict(lane.results(batch, 5))
    assert isinstance(found.pop(FIRST), GeneratedImage)
    assert {(each.kind, each.may_be_charged) for each in found.values()} == {(FailureKind.TRANSIENT, False)}
    assert len(found) == 2


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("billing_hard_limit_reached", "Billing hard limit has been reached.", "billing"),
        ("token_limit_exceeded", "Enqueued token limit reached. Try again once some batches are done.", "rate"),
        ("model_not_found", "The model 'x' does not exist.", "unknown_model"),
        ("invalid_json_line", "This line is not parseable as valid JSON.", "bad_parameter"),
    ],
)
def test_one_that_failed_is_gone_for_the_reason_the_service_gives(lane, server, code, message, kind):
    batch = lane.submit(QUESTIONS, 5)
    server.batches.fail(code, message)
    standing = lane.standing(batch, 5)
    assert (standing.state, standing.failure.kind) == (BatchState.GONE, kind)
    assert standing.message.startswith(f"OpenAI: the batch failed: {message.rstrip('.')}")
    assert list(lane.results(batch, 5)) == []


def test_one_the_service_forgot_is_gone_and_brings_nothing(lane, server):
    standing = lane.standing("batch_unknown", 5)
    assert (standing.state, standing.failure.may_be_charged) == (BatchState.GONE, True)
    assert standing.message == "OpenAI: it knows no batch batch_unknown any more; was it handed in with another key?"
    assert list(lane.results("batch_unknown", 5)) == []
    batch = lane.submit(QUESTIONS, 5)
    server.batches.finish()
    server.batches.archive()
    assert list(lane.results(batch, 5)) == []


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (openai_faults.moderation_blocked(), "policy", "safety system"),
        (openai_faults.bad_parameter(), "bad_parameter", "400"),
        (openai_faults.retired_model(), "unknown_model", "models --service openai"),
        (openai_faults.server_error(), "transient", "500"),
        (openai_faults.rate_limited(5), "rate", "429"),
        (openai_faults.no_credit(), "billing", "no credit"),
        (openai_faults.without_image(), "empty", "holds no image"),
        (openai_faults.garbage(), "empty", "holds no image"),
        (expired, "transient", "completion window expired"),
    ],
)
def test_what_becomes_of_one_question_is_told_as_of_a_live_call(collected, server, fault, kind, says):
    server.batches.on_item(FIRST, fault)
    found = collected()
    error = found.pop(FIRST)
    assert (error.kind, error.may_be_charged) == (kind, False)
    assert says in str(error)
    assert all(isinstance(each, GeneratedImage) for each in found.values())


def test_an_answer_without_a_picture_costs_half_of_what_it_says_was_used(collected, provider, server):
    server.batches.on_item(FIRST, openai_faults.without_image())
    found = collected()
    assert found[FIRST].cost_usd == pytest.approx(found[SECOND].cost_usd, rel=0.2)
    assert 0 < found[FIRST].cost_usd < provider.estimate_usd(1.6, 1024)


@pytest.mark.parametrize(
    "rest",
    [
        b'"response": {"status_code": 200, "body": {"data": [{"b64_json": "iVBOR',
        b'"response": {"status_code": 200, "body": {"data": [{"b64_json": "iVBOR"}]}}}',
        b'"response": {"status_code": "200", "body": {}}}',
        b'"response": null, "error": null}',
        b'"response": 7}',
        b'"response": {"status_code": 200, "body": {"data": 7}}}',
        b'"response": {"status_code": 500, "body": {}}}',
        b'"error": {"code": 7}}',
    ],
)
def test_a_damaged_line_fails_its_question_alone(collected, server, rest):
    name = FIRST.encode()

    def changed(exchange):
        reply = exchange.answer()
        lines = reply.body.splitlines()
        damaged = b'{"id": "x", "custom_id": "' + name + b'", ' + rest
        return replace(reply, body=b"\n".join(damaged if name in line else line for line in lines))

    server.fetch_faults.on_request(_asks_for_results, changed)
    found = collected()
    assert isinstance(found.pop(FIRST), ServiceError)
    assert found.keys() == {SECOND, THIRD}
    assert all(isinstance(each, GeneratedImage) for each in found.values())


def test_a_refusal_without_a_message_is_told_in_its_own_words(collected, server):
    server.batches.on_item(FIRST, lambda _: Reply.of_json({"why": "the canvas tore"}, status=500))
    assert "500" in str(collected()[FIRST])
    assert "the canvas tore" in str(collected()[FIRST])


def _asks_for_results(request):
    return request.path.endswith("/content")


def test_what_came_before_the_connection_broke_is_there_and_all_can_be_read_again(lane, server):
    batch = lane.submit(QUESTIONS, 5)
    server.batches.finish()
    server.fetch_faults.on_request(_asks_for_results, reset_in_mid_body, times=1)
    found = {}
    with pytest.raises(ServiceError) as caught:
        found.update(lane.results(batch, 5))
    assert (caught.value.kind, caught.value.may_be_charged) == (FailureKind.TRANSIENT, False)
    assert len(found) == 1
    assert found.items() <= dict(lane.results(batch, 5)).items()


def test_who_stops_reading_leaves_no_connection_open(lane, server):
    batch = lane.submit(QUESTIONS, 5)
    server.batches.finish()
    results = lane.results(batch, 5)
    next(results)
    results.close()
    assert len(list(lane.results(batch, 5))) == 3


@pytest.mark.parametrize("path", ["/v1/files", "/v1/batches"])
@pytest.mark.parametrize(
    ("fault", "is_lost"),
    [
        (hang(), True),
        (reset_in_mid_body, True),
        (malformed_json, True),
        (html_error_page(200), True),
        (html_error_page(502), False),
        (openai_faults.overloaded(), False),
    ],
)
def test_only_an_order_whose_answer_is_lost_may_be_charged(lane, server, path, fault, is_lost):
    """Nothing is ordered before the file is there."""
    server.faults.on_request(lambda request: request.path == path, fault)
    with pytest.raises(ServiceError) as caught:
        lane.submit(QUESTIONS, 0.3)
    may_be_charged = is_lost and path == "/v1/batches"
    assert (caught.value.kind, caught.value.may_be_charged) == (FailureKind.TRANSIENT, may_be_charged)


def test_one_that_reached_nobody_is_not_charged(asking):
    lane = batches_of(asking("http://127.0.0.1:9/v1", "key"))
    with pytest.raises(ServiceError) as caught:
        lane.submit(QUESTIONS, 5)
    assert (caught.value.kind, caught.value.may_be_charged) == (FailureKind.TRANSIENT, False)


def test_a_gateway_that_knows_no_batches_is_told_in_one_line(asking):
    with OpenAIServer(compatible=True) as gateway:
        lane = batches_of(asking(gateway.base_url, gateway.api_key))
        with pytest.raises(ServiceError) as caught:
            lane.submit(QUESTIONS, 5)
    assert str(caught.value) == (
        "OpenAI: takes no batches at this address (404 Invalid URL (POST /v1/files)); "
        "leave out --batch, or check OPENAI_BASE_URL"
    )
    assert (caught.value.kind, caught.value.is_final) == (FailureKind.BAD_PARAMETER, True)


def taken_but_not_told(exchange):
    fine(exchange)


def test_one_whose_id_was_never_seen_is_found_again(lane, server):
    server.faults.on_request(lambda request: request.path == "/v1/batches", taken_but_not_told, times=1)
    with pytest.raises(ServiceError):
        lane.submit(QUESTIONS, 5)
    (lost,) = [batch.id for batch in server.batches]
    others = dict(list(QUESTIONS.items())[:2])
    lane.submit(others, 5)
    assert lane.submitted_since(LONG_AGO, QUESTIONS.keys(), 5) == lost
    server.batches.finish()
    assert lane.submitted_since(datetime.now(UTC), QUESTIONS.keys(), 5) == lost
    assert lane.submitted_since(LONG_AGO, QUESTIONS.keys(), 5, known={lost}) is None
    assert lane.submitted_since(datetime.now(UTC) + timedelta(hours=1), QUESTIONS.keys(), 5) is None
    assert lane.submitted_since(LONG_AGO, {FIRST}, 5) is None


def test_a_refused_key_is_told_as_such(asking, server):
    lane = batches_of(asking(server.base_url, "sk-wrong"))
    for ask in (lambda: lane.submit(QUESTIONS, 5), lambda: lane.standing("batch_1", 5)):
        with pytest.raises(ServiceError) as caught:
            ask()
        assert caught.value.kind is FailureKind.AUTH
        assert "sk-wrong" not in str(caught.value)
