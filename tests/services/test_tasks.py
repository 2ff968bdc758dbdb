"""Pictures that must be waited for and fetched: no second order, no second picture, an end in time."""

from __future__ import annotations

import pytest

from pipeline.errors import FailureKind
from tests.fakes.wire import Reply
from tests.services.asking import failure, paint, request_of
from tests.services.table import LINKED, TASKS


@TASKS
def test_a_slow_task_is_waited_for(watch, painter_of, clock, row):
    watched = watch(row)
    watched.server.faults.always(row.faults.slow_task(6))
    paint(painter_of(row, watched.server))
    assert len(watched.posts) == 1
    assert len(clock.slept) == 6
    assert all(0.5 <= seconds <= 5 for seconds in clock.slept), "looks as far apart as the service asks for"


@TASKS
def test_a_status_nobody_has_heard_of_means_waiting(watch, painter_of, row):
    watched = watch(row)
    watched.server.polls_needed, watched.server.unknown_status = 4, "Daydreaming"
    assert paint(painter_of(row, watched.server)).provider == row.service
    assert len(watched.posts) == 1


@TASKS
def test_a_task_without_end_ends_in_time(watch, painter_of, clock, row):
    watched = watch(row)
    watched.server.faults.always(row.faults.endless_task())
    began = clock.monotonic()
    error = failure(painter_of(row, watched.server), timeout_s=25.0)
    assert error.kind is FailureKind.TRANSIENT
    assert "25 s" in str(error)
    assert clock.monotonic() - began == pytest.approx(25.0, abs=0.5)


@TASKS
def test_a_task_that_took_too_long_is_gone_on_with_and_not_ordered_again(watch, painter_of, row):
    watched = watch(row)
    watched.server.faults.when(lambda _: True, row.faults.slow_task(12), times=1)
    painter = painter_of(row, watched.server)
    late = failure(painter, timeout_s=6.0)
    assert len(watched.posts) == 1
    image = paint(painter)
    assert len(watched.posts) == 1
    if row.choice.model.price is not None:
        told = (late.cost_usd, image.cost_usd)
        assert any(told), "told with the order by a service that says it there, else with the picture"
        assert not all(told), "told once"
    paint(painter)
    assert len(watched.posts) == 2, "a second picture is a second order"


@TASKS
def test_another_request_is_another_order(watch, painter_of, row):
    watched = watch(row)
    watched.server.faults.when(lambda _: True, row.faults.endless_task(), times=1)
    painter = painter_of(row, watched.server)
    failure(painter, timeout_s=5.0)
    paint(painter, request_of(prompt="Another picture altogether."))
    assert len(watched.posts) == 2


@TASKS
def test_looks_that_fail_in_passing_do_not_lose_the_task(watch, painter_of, row):
    watched = watch(row)
    for number, status in enumerate((500, 502, 429), 1):
        body = {"code": status, "msg": "busy", "detail": "busy", "error": "busy"}
        reply = Reply.of_json(body, status=status, headers={"retry-after": "3"})
        watched.server.faults.when(lambda _: True, row.faults.interrupted_task(reply), times=1)
        painter = painter_of(row, watched.server)
        assert failure(painter).kind in {FailureKind.TRANSIENT, FailureKind.RATE}
        paint(painter)
        assert len(watched.posts) == number


@TASKS
def test_a_task_that_failed_is_ordered_anew(watch, painter_of, row):
    watched = watch(row)
    watched.server.faults.when(lambda _: True, row.faults.failed_task(), times=1)
    painter = painter_of(row, watched.server)
    assert failure(painter).kind is FailureKind.TRANSIENT
    paint(painter)
    assert len(watched.posts) == 2


# --- pictures behind an address ---


@LINKED
def test_an_address_whose_time_is_over_is_told_as_such(watch, painter_of, row):
    watched = watch(row)
    watched.server.faults.when(lambda _: True, row.faults.expired_url(), times=1)
    painter = painter_of(row, watched.server)
    assert failure(painter).kind is FailureKind.EXPIRED_URL
    paint(painter)
    assert len(watched.posts) == 2, "the picture is gone, so it is made again"


@TASKS
def test_an_address_whose_time_is_over_is_asked_for_anew_before_the_picture_is(watch, painter_of, monkeypatch, row):
    watched = watch(row)
    good, troubles = watched.server.file, [watched.server.gone]
    monkeypatch.setattr(watched.server, "file", lambda path: troubles.pop() if troubles else good(path))
    paint(painter_of(row, watched.server))
    assert not troubles
    assert len(watched.posts) == 1


@LINKED
def test_a_picture_that_could_not_be_fetched_is_fetched_again_not_made_again(watch, painter_of, monkeypatch, row):
    watched = watch(row)
    good, troubles = watched.server.file, [Reply(status=503)]
    monkeypatch.setattr(watched.server, "file", lambda path: troubles.pop() if troubles else good(path))
    painter = painter_of(row, watched.server)
    assert failure(painter).kind is FailureKind.TRANSIENT
    assert not troubles
    paint(painter)
    assert len(watched.posts) == 1
