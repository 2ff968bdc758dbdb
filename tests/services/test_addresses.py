"""The key goes to the service itself and nowhere else, wherever the service says that something lies."""

from __future__ import annotations

import json
from dataclasses import replace

from pipeline.errors import FailureKind
from tests.fakes.faults import Fault
from tests.fakes.wire import Exchange, Reply
from tests.services.asking import SAID_ONLY, failure, paint
from tests.services.table import EVERY, LINKED, ROWS, TASKS, every


@LINKED
def test_the_key_does_not_go_along_to_where_the_picture_lies(watch, painter_of, row):
    watched = watch(row)
    paint(painter_of(row, watched.server))
    fetched = [request for request in watched.gets if request.path.startswith("/files/")]
    assert fetched
    for request in fetched:
        told = "\n".join([request.path, *request.headers, *request.headers.values()])
        assert watched.server.api_key not in told
        assert not {"authorization", "x-key", "api-key", "x-goog-api-key", "cookie"} & request.headers.keys()


def leading_to(stranger: str, own: str) -> Fault:
    """The service's answer with another host in each of its addresses."""

    def strike(exchange: Exchange) -> Reply:
        reply = exchange.answer()
        return replace(reply, body=reply.body.replace(own.encode(), stranger.encode()))

    return strike


# Kie.ai names no address before the picture's own, which a test below leads astray.
ADDRESSED = every(row for row in ROWS.values() if row.is_linked and row.service != "kie")


@ADDRESSED
def test_an_address_of_another_host_is_not_followed_and_learns_no_key(watch, painter_of, row):
    watched, stranger = watch(row), watch("openrouter" if row.service != "openrouter" else "openai")
    watched.server.faults.always(leading_to(stranger.server.origin, watched.server.origin))
    error = failure(painter_of(row, watched.server))
    assert error.kind is FailureKind.EMPTY
    assert (stranger.gets, stranger.posts) == ((), ())


ELSEWHERE = (
    *("https://elsewhere.example", "https://api.bfl.ai.elsewhere.example", "https://elsewherebfl.ai"),
    *("http://api.bfl.ai", "https://api.bfl.ai:8443", "https://api.bfl.ai@elsewhere.example"),
)


@every(row for row in ROWS.values() if row.has_tasks and row.service != "kie")
def test_no_task_is_followed_with_the_key_to_a_host_that_is_not_the_services_own(watch, painter_of, row):
    watched = watch(row)
    for origin in ELSEWHERE:
        watched.server.faults.clear()
        watched.server.faults.always(leading_to(origin, watched.server.origin))
        error = failure(painter_of(row, watched.server))
        assert error.kind is FailureKind.EMPTY, f"{origin}: {error}"


@TASKS
def test_a_picture_said_to_lie_on_this_machine_or_in_this_network_is_not_fetched(watch, painter_of, row):
    watched, stranger = watch(row), watch("openrouter")
    for origin in (stranger.server.origin, "http://169.254.169.254", "https://localhost", "https://10.0.0.1"):
        watched.server.image_origin = origin
        assert failure(painter_of(row, watched.server)).kind is FailureKind.EMPTY
    assert stranger.gets == ()


@EVERY
def test_a_redirect_is_not_followed(watch, painter_of, row):
    watched, stranger = watch(row), watch("openrouter" if row.service != "openrouter" else "openai")
    there = {"location": f"{stranger.server.origin}/v1/images/generations"}
    for status in (301, 302, 303, 307, 308):
        reply = Reply(status=status, headers=there)
        watched.server.faults.clear()
        watched.server.faults.always(lambda _, reply=reply: reply)
        assert failure(painter_of(row, watched.server)).kind not in SAID_ONLY
        assert (stranger.gets, stranger.posts) == ((), ())


@TASKS
def test_a_redirect_on_the_way_to_a_task_is_not_followed(watch, painter_of, row):
    watched, stranger = watch(row), watch("openrouter")
    reply = Reply(status=302, headers={"location": stranger.server.origin})
    watched.server.faults.always(row.faults.interrupted_task(reply))
    failure(painter_of(row, watched.server))
    assert stranger.gets == ()


@EVERY
def test_the_key_is_sent_in_a_header_of_every_call_and_nowhere_else(watch, painter_of, row):
    watched = watch(row)
    paint(painter_of(row, watched.server))
    for request in [*watched.posts, *watched.gets]:
        assert watched.server.api_key not in request.path
        assert watched.server.api_key not in json.dumps(request.body)
    for request in watched.posts:
        assert sum(watched.server.api_key in value for value in request.headers.values()) == 1
