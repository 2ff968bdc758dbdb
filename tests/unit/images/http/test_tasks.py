"""Tasks are followed until they are done, no longer than the time there is, and never to a place they do not belong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import FailureKind, ServiceError
from pipeline.images.unfinished import ReceiptsInMemory
from tests.fakes.wire import Reply
from tests.unit.images.http.invented import IMAGE, KEY, PICTURE, POLL, Clock, InventedServer, entry, provider, refusal
from tests.unit.images.test_offline import REQUEST

POLLED = entry({"poll": POLL, "result": {"image": "result.urls"}})
TAKEN = {"id": "t/1"}
LOOK = "/tasks/t%2F1"


def done(server):
    return {"state": "done", "result": {"urls": [f"{server.origin}/files/1.png"]}}


def served(*looks, taken=None):
    """A server whose one task answers `looks` in turn, and whose files are there."""
    server = InventedServer(taken or TAKEN)
    server.gets = {LOOK: list(looks) or [done(server)], "/files/1.png": [IMAGE]}
    return server


def generate(server, service=POLLED, clock=None, timeout_s=60.0, tries=1):
    """What each of the tries of the same request brings: a picture's record or an error."""
    drawing = provider(server, service, clock=clock)
    outcomes = []
    for _ in range(tries):
        try:
            outcomes.append(drawing.generate(REQUEST, timeout_s))
        except ServiceError as error:
            outcomes.append(error)
    drawing.close()
    return outcomes[0] if tries == 1 else outcomes


def test_a_task_is_looked_at_in_its_own_time_until_it_is_done_and_unknown_words_mean_waiting():
    clock = Clock()
    with served() as server:
        server.gets[LOOK] = [{"state": "queued"}, {"state": "reasoning"}, {}, {"state": ["?"]}, done(server)]
        image = generate(server, clock=clock)
    assert (image.data, image.cost_usd, len(server.requests)) == (PICTURE, 0.25, 1)
    assert clock.slept == [2.0] * 5
    assert [fetch.path for fetch in server.fetches] == [LOOK] * 5 + ["/files/1.png"]


def test_the_key_goes_to_the_task_but_not_to_the_picture():
    with served() as server:
        generate(server)
    assert [fetch.headers.get("authorization") for fetch in server.fetches] == [f"Bearer {KEY}", None]


def test_what_is_done_at_once_is_not_looked_at():
    with served() as server:
        server.posts = [TAKEN | done(server)]
        assert generate(server).data == PICTURE
    assert [fetch.path for fetch in server.fetches] == ["/files/1.png"]


def test_words_that_are_numbers_are_told_as_json():
    service = entry({"poll": POLL | {"done": ["1"], "failed": ["2", "true"]}, "result": {"image": "url"}})
    with served() as server:
        server.gets[LOOK] = [{"state": 0}, {"state": 1, "url": f"{server.origin}/files/1.png"}]
        assert generate(server, service).data == PICTURE
    with served({"state": True, "why": "bad luck"}) as server:
        assert "bad luck" in str(generate(server, service))


def test_a_task_that_never_ends_is_left_when_the_time_is_up_and_gone_on_with_later():
    clock = Clock()
    with served({"state": "queued"}) as server:
        drawing = provider(server, POLLED, clock=clock)
        with pytest.raises(ServiceError, match="no answer within 7 s") as caught:
            drawing.generate(REQUEST, 7.0)
        assert (caught.value.kind, clock.seconds) == (FailureKind.TRANSIENT, 7.0)
        server.gets[LOOK] = [done(server)]
        assert drawing.generate(REQUEST, 7.0).cost_usd == 0.25
        drawing.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "trouble",
    [None, refusal(503, "overloaded"), refusal(429, "slow down"), Reply(status=502, body=b"<html>"), refusal(404, "?")],
    ids=["reset", "503", "429", "502", "404"],
)
def test_an_image_is_never_paid_twice_because_looking_broke_off(trouble):
    with served() as server:
        server.gets[LOOK] = [{"state": "queued"}, trouble, done(server)]
        first, second = generate(server, tries=2)
    assert first.kind in (FailureKind.TRANSIENT, FailureKind.RATE)
    assert (second.data, len(server.requests)) == (PICTURE, 1)


def test_a_word_for_waiting_means_waiting_whatever_the_status():
    unknown_yet = Reply.of_json({"state": "queued"}, status=404)
    with served() as server:
        server.gets[LOOK] = [unknown_yet, unknown_yet, unknown_yet, done(server)]
        assert generate(server).data == PICTURE
    assert len(server.requests) == 1


@pytest.mark.parametrize(("receipt", "usd"), [({}, 0.25), ({"usd": 0.5}, 0.5)])
def test_what_an_order_costs_is_told_when_its_picture_comes_and_until_then_it_may_be_charged(receipt, usd):
    with served(taken=TAKEN | receipt) as server:
        server.gets[LOOK] = [{"state": "queued"}, None, done(server)]
        first, second = generate(server, tries=2)
    assert (first.cost_usd, first.may_be_charged) == (0.0, True)
    assert (second.cost_usd, second.continues, len(server.requests)) == (usd, True, 1)


@pytest.mark.parametrize(("receipt", "told"), [({}, (0.0, True)), ({"usd": 0.5}, (0.5, False))])
def test_an_order_whose_task_is_gone_may_be_charged_unless_it_says_what_it_costs(receipt, told):
    with served(refusal(404, "no such task"), taken=TAKEN | receipt) as server:
        _, lost = generate(server, tries=2)
    assert (lost.cost_usd, lost.may_be_charged) == told


def test_an_order_is_no_continuation():
    with served() as server:
        assert not generate(server).continues


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254/1.png", "https://localhost/1.png", "file:///etc/passwd", "FTP://x/1.png", "//x/1.png"],
)
def test_a_picture_at_an_address_nobody_should_follow_is_not_worth_another_order(address):
    with served({"state": "done", "result": {"urls": [address]}}) as server:
        error = generate(server)
    assert (error.kind, error.is_final) == (FailureKind.EMPTY, True)


def test_a_task_that_is_not_found_twice_is_ordered_anew():
    with served(refusal(404, "no such task")) as server:
        outcomes = generate(server, tries=3)
    assert [outcome.kind for outcome in outcomes] == [FailureKind.TRANSIENT] * 3
    assert len(server.requests) == 2


@pytest.mark.parametrize("rules", [[], [{"kind": "transient", "when": "state == 'failed'"}]])
def test_a_failed_task_is_over(rules):
    service = entry({"poll": POLL, "result": {"image": "url"}}, errors={"rules": rules, "message": "why"})
    with served({"state": "failed", "why": "out of luck"}) as server:
        first, second = generate(server, service, tries=2)
    assert first.kind is second.kind is FailureKind.TRANSIENT
    assert "out of luck" in str(first)
    assert len(server.requests) == 2


def test_a_failed_task_is_judged_by_its_words_and_costs_what_it_says():
    service = entry({"poll": POLL, "result": {"image": "u"}}, errors={"rules": [{"kind": "policy", "text": "nsfw"}]})
    with served({"state": "failed", "why": "NSFW content", "usd": 0.1}) as server:
        error = generate(server, service)
    assert (error.kind, error.cost_usd) == (FailureKind.POLICY, 0.1)


FETCHED = entry({"poll": POLL, "result": {"fetch": "response_url", "image": "picture"}})


def test_the_answer_with_the_picture_may_lie_elsewhere_on_the_service():
    with served() as server:
        server.posts = [TAKEN | {"response_url": f"{server.origin}/answers/1"}]
        server.gets[LOOK] = [{"state": "done"}]
        server.gets["/answers/1"] = [{"picture": f"{server.origin}/files/1.png"}]
        assert generate(server, FETCHED).data == PICTURE
    assert server.fetches[1].headers["authorization"] == f"Bearer {KEY}"


def test_a_run_that_failed_behind_its_result_is_ordered_anew_after_a_second_look():
    with served() as server:
        server.gets[LOOK] = [{"state": "done", "response_url": f"{server.origin}/answers/1"}]
        server.gets["/answers/1"] = [refusal(500, "downstream")]
        outcomes = generate(server, FETCHED, tries=3)
    assert {outcome.kind for outcome in outcomes} == {FailureKind.TRANSIENT}
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/t",
        "http://invented.example/t",
        "https://invented.example.evil.example/t",
        "//x/t",
        "ftp://x",
        "http://127.0.0.1:1/t",
        "https://user:pw@polls.example/t",
        "\ud800",
        "https://xpolls.example/t",
    ],
)
@pytest.mark.parametrize("where", ["poll", "fetch"])
def test_the_key_is_sent_nowhere_an_answer_likes_to_have_it(where, address):
    poll = POLL | {"hosts": [".polls.example"], "url": "status_url"}
    service = entry({"poll": poll, "result": {"fetch": "response_url", "image": "picture"}})
    taken = {"status_url": address} if where == "poll" else {"state": "done", "response_url": address}
    with served(taken=taken) as server:
        error = generate(server, service)
    assert error.kind is FailureKind.EMPTY
    assert server.fetches == ()


@pytest.mark.parametrize("name", [None, True, [], {}, 1.5])
def test_an_answer_that_names_no_task_is_empty(name):
    with served(taken={"id": name, "state": "queued"}) as server:
        error = generate(server)
    assert (error.kind, server.fetches) == (FailureKind.EMPTY, ())


def test_a_task_whose_id_tries_to_be_a_path_stays_an_id():
    with served(taken={"id": "../../admin"}) as server:
        server.gets["/tasks/..%2F..%2Fadmin"] = [done(server)]
        assert generate(server).data == PICTURE


GONE = Reply(status=410, body=b"gone")


def test_an_expired_address_is_asked_for_again_once():
    with served() as server:
        fresh = {"state": "done", "result": {"urls": [f"{server.origin}/files/2.png"]}}
        server.gets |= {LOOK: [done(server), fresh], "/files/1.png": [GONE], "/files/2.png": [IMAGE]}
        image = generate(server)
    assert (image.data, image.cost_usd, len(server.requests)) == (PICTURE, 0.25, 1)


def test_an_address_that_has_expired_for_good_is_said_to_have_and_was_paid_for():
    with served() as server:
        server.gets["/files/1.png"] = [GONE]
        error = generate(server)
    assert (error.kind, error.cost_usd) == (FailureKind.EXPIRED_URL, 0.25)
    assert [fetch.path for fetch in server.fetches] == [LOOK, "/files/1.png"] * 2


def test_a_picture_that_could_not_be_fetched_is_fetched_by_the_next_try_and_paid_for_once():
    with served() as server:
        server.gets["/files/1.png"] = [Reply(status=500), IMAGE]
        first, second = generate(server, tries=2)
    assert (first.kind, first.cost_usd, first.may_be_charged) == (FailureKind.TRANSIENT, 0.0, True)
    assert (second.data, second.cost_usd, len(server.requests)) == (PICTURE, 0.25, 1)


# --- the next process ---


def test_the_next_process_goes_on_with_the_task_until_it_is_settled():
    receipts = ReceiptsInMemory()
    with served() as server:
        for orders in (1, 1):
            drawing = provider(server, POLLED, receipts=receipts)
            assert drawing.generate(REQUEST, 60.0).data == PICTURE
            drawing.close()
            assert len(server.requests) == orders
        drawing = provider(server, POLLED, receipts=receipts)
        drawing.settled(REQUEST)
        assert not drawing.generate(REQUEST, 60.0).continues
        drawing.close()
    assert len(server.requests) == 2


def test_another_variant_of_the_picture_is_an_order_of_its_own():
    with served() as server:
        drawing = provider(server, POLLED)
        for variant in (0, 1, 2):
            drawing.generate(replace(REQUEST, variant=variant), 60.0)
        drawing.close()
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [401, 402], ids=["a refused key", "an empty account"])
def test_an_order_outlasts_a_key_or_an_account_that_must_be_mended_first(status):
    with served() as server:
        server.gets[LOOK] = [
            refusal(status, "not now"),
            refusal(status, "not now"),
            refusal(status, "no"),
            done(server),
        ]
        *refused, image = generate(server, tries=4)
    assert {error.kind for error in refused} <= {FailureKind.AUTH, FailureKind.BILLING}
    assert (image.data, len(server.requests)) == (PICTURE, 1)


def test_a_result_whose_place_refuses_the_key_for_good_is_ordered_anew():
    with served() as server:
        server.gets[LOOK] = [{"state": "done", "response_url": f"{server.origin}/answers/1"}]
        server.gets["/answers/1"] = [refusal(403, "forbidden")]
        outcomes = generate(server, FETCHED, tries=3)
    assert {outcome.kind for outcome in outcomes} == {FailureKind.AUTH}
    assert len(server.requests) == 2


def test_a_rate_limit_on_results_loses_none():
    with served() as server:
        server.gets[LOOK] = [{"state": "done", "response_url": f"{server.origin}/answers/1"}]
        limits = [refusal(429, "slow down")] * 4
        server.gets["/answers/1"] = [*limits, {"picture": f"{server.origin}/files/1.png"}]
        *_, image = generate(server, FETCHED, tries=5)
    assert (image.data, len(server.requests)) == (PICTURE, 1)


def test_what_a_task_was_missed_before_counts_in_the_next_process():
    receipts = ReceiptsInMemory()
    with served(refusal(404, "no such task")) as server:
        for orders in (1, 1, 2):
            drawing = provider(server, POLLED, receipts=receipts)
            with pytest.raises(ServiceError):
                drawing.generate(REQUEST, 60.0)
            drawing.close()
            assert len(server.requests) == orders


def test_an_order_of_yesterday_is_ordered_anew():
    clock = Clock()
    with served({"state": "queued"}) as server:
        drawing = provider(server, POLLED, clock=clock)
        for days, orders in ((0.0, 1), (0.9, 1), (0.2, 2)):
            clock.days += days
            with pytest.raises(ServiceError):
                drawing.generate(REQUEST, 7.0)
            assert len(server.requests) == orders
        drawing.close()


def test_an_address_with_the_key_in_it_is_followed_by_the_next_process_and_not_written_down():
    service = entry({"poll": POLL | {"url": "look"}, "result": {"image": "result.urls"}})
    receipts = ReceiptsInMemory()
    with served() as server:
        server.posts = [{"look": f"{server.origin}/look?token={KEY}"}]
        server.gets[f"/look?token={KEY}"] = [None, done(server)]
        for is_second in (False, True):
            drawing = provider(server, service, receipts=receipts)
            receipt = receipts.find_receipt(drawing.request(REQUEST).key)
            assert (receipt is not None) == is_second
            if receipt is None:
                with pytest.raises(ServiceError):
                    drawing.generate(REQUEST, 60.0)
            else:
                assert KEY.encode() not in receipt
                assert drawing.generate(REQUEST, 60.0).continues
            drawing.close()
    assert len(server.requests) == 1
