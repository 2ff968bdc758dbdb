"""Tasks are followed until they are done, no longer than the time there is, and never to a place they do not belong."""

from __future__ import annotations

import pytest

from pipeline.errors import FailureKind, ServiceError
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


def test_an_order_that_says_what_it_costs_is_charged_even_if_its_picture_never_comes():
    with served({"state": "queued"}, taken=TAKEN | {"usd": 0.5}) as server:
        first, second = generate(server, timeout_s=7.0, tries=2)
    assert (first.cost_usd, second.cost_usd, len(server.requests)) == (0.5, 0.0, 1)


def test_an_order_that_says_no_price_is_charged_when_its_picture_comes():
    with served() as server:
        server.gets[LOOK] = [{"state": "queued"}, None, done(server)]
        first, second = generate(server, tries=2)
    assert (first.cost_usd, second.cost_usd) == (0.0, 0.25)


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
    assert (first.kind, first.cost_usd) == (FailureKind.TRANSIENT, 0.25)
    assert (second.data, second.cost_usd, len(server.requests)) == (PICTURE, 0.0, 1)


def test_two_tries_at_the_same_time_do_not_share_a_task():
    """`generate --n 3` asks the same thing several times; one task that broke off helps one of them."""
    with served() as server:
        server.gets[LOOK] = [None, done(server)]
        drawing = provider(server, POLLED)
        with pytest.raises(ServiceError):
            drawing.generate(REQUEST, 60.0)
        drawing.generate(REQUEST, 60.0)
        drawing.generate(REQUEST, 60.0)
        drawing.close()
    assert len(server.requests) == 2
