"""Many things at once: each once, so many at a time, begun as they are listed, stopped in order."""

from __future__ import annotations

import threading
from contextlib import closing
from queue import SimpleQueue

import pytest

from pipeline.engine.clock import StopCause
from pipeline.engine.many import Ended, Listed, Many
from pipeline.engine.messages import StopRequested, Told

WAIT_S = 10.0


def many_of(things, work, at_once=2):
    return Many(things, work, at_once=at_once, mailbox=SimpleQueue())


def results(happenings):
    return {one.number: one.result for one in happenings if isinstance(one, Ended)}


def signal(mailbox, cause=StopCause.INTERRUPTED):
    mailbox.put(StopRequested(cause=cause))


def test_each_is_done_once_and_numbered_as_it_was_begun():
    happenings = list(many_of(range(50), lambda thing, _own: thing * 10, at_once=4))
    assert sorted(results(happenings).values()) == list(range(0, 500, 10))
    assert {one.number for one in happenings if isinstance(one, Ended)} == set(range(50))
    assert all(one.result == one.thing * 10 for one in happenings if isinstance(one, Ended))
    assert [one.total for one in happenings if isinstance(one, Listed)] == [50]


def test_one_at_a_time_keeps_the_order():
    happenings = [one for one in many_of("abc", lambda thing, _own: thing, at_once=1) if isinstance(one, Ended)]
    assert [(one.number, one.result) for one in happenings] == [(0, "a"), (1, "b"), (2, "c")]


def test_of_nothing_comes_nothing():
    assert list(many_of([], lambda thing, _own: thing)) == [Listed(total=0)]


def test_so_many_are_at_work_at_once_and_no_more():
    lock, at_work, most = threading.Lock(), 0, 0
    together = threading.Barrier(3)

    def work(_thing, _own):
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        together.wait(WAIT_S)  # all places are taken, four times over
        with lock:
            at_work -= 1

    list(many_of(range(12), work, at_once=3))
    assert most == 3


def test_the_first_is_begun_before_the_last_is_listed():
    first_is_done = threading.Event()

    def things():
        yield "first"
        assert first_is_done.wait(WAIT_S)
        yield "last"

    def work(thing, _own):
        first_is_done.set()
        return thing

    assert sorted(results(many_of(things(), work)).values()) == ["first", "last"]


def test_what_work_tells_comes_out_where_results_do():
    many = many_of(["a"], lambda thing, _own: many_mailbox.put(Told(text=f"{thing} goes well")))
    many_mailbox = many._mailbox
    assert [one.text for one in many if isinstance(one, Told)] == ["a goes well"]


@pytest.mark.parametrize("cause", [StopCause.INTERRUPTED, StopCause.TERMINATED])
def test_a_signal_is_passed_to_all_that_are_under_way_and_nothing_else_begins(cause):
    mailbox, begun = SimpleQueue(), threading.Barrier(3)

    def work(thing, own):
        begun.wait(WAIT_S)
        return thing, own.get(timeout=WAIT_S).cause

    many = Many(range(1000), work, at_once=2, mailbox=mailbox)
    knocking = threading.Thread(target=lambda: (begun.wait(WAIT_S), signal(mailbox, cause)))
    knocking.start()
    found = results(many)
    knocking.join()
    assert found == {0: (0, cause), 1: (1, cause)}
    assert many.cause is cause
    assert many.begun == 2


def test_a_signal_does_not_wait_for_a_list_that_does_not_go_on():
    mailbox, end_of_list = SimpleQueue(), threading.Event()

    def things():
        yield 1
        signal(mailbox)
        end_of_list.wait(WAIT_S)

    many = Many(things(), lambda thing, _own: thing, at_once=2, mailbox=mailbox)
    assert set(results(many).values()) <= {1}
    assert not end_of_list.is_set()
    end_of_list.set()


def test_the_rest_may_be_left_without_stopping_what_is_under_way():
    both = threading.Barrier(2)

    def work(thing, own):
        both.wait(WAIT_S)
        if thing == 0:
            many.begin_no_more()
        both.wait(WAIT_S)
        return own.empty()

    many = many_of(range(1000), work)
    assert results(many) == {0: True, 1: True}
    assert many.cause is None


def test_who_leaves_stops_all():
    asked_to_end = threading.Event()

    def work(thing, own):
        if thing == "slow":
            own.get(timeout=WAIT_S)
            asked_to_end.set()
        return thing

    with closing(iter(many_of(["slow", "quick"], work))) as happenings:
        assert next(one.result for one in happenings if isinstance(one, Ended)) == "quick"
    assert asked_to_end.wait(WAIT_S)


@pytest.mark.parametrize("place", ["list", "work"])
def test_what_breaks_is_raised_by_the_iteration(place):
    def things():
        yield 1
        if place == "list":
            raise ValueError("broken")

    def work(_thing, _own):
        if place == "work":
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        list(many_of(things(), work))
