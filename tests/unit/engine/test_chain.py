"""A slide is not lost while any service can draw it, and no service is asked that cannot."""

from __future__ import annotations

import random
import threading

import pytest

from pipeline.engine.calls import Caller
from pipeline.engine.chain import Chain, Link
from pipeline.engine.clock import StopSignal
from pipeline.engine.limits import ServiceLimits
from pipeline.errors import FailureKind, ServiceError
from tests.clocks import ManualClock

AUTH, BILLING, POLICY = FailureKind.AUTH, FailureKind.BILLING, FailureKind.POLICY
TRANSIENT, BAD, UNKNOWN = FailureKind.TRANSIENT, FailureKind.BAD_PARAMETER, FailureKind.UNKNOWN_MODEL


class Service:
    """Answers with its name, or fails as its script says, one entry a call; `for_ever` fails every call."""

    def __init__(self, name, *script, for_ever=None, retry_after_s=None):
        self.name, self.script, self.for_ever = name, list(script), for_ever
        self.retry_after_s = retry_after_s
        self.asked = []

    def __call__(self, question, timeout_s):
        self.asked.append(question)
        kind = self.for_ever or (self.script.pop(0) if self.script else None)
        if kind:
            cost_usd = 0.25 if kind is FailureKind.EMPTY else 0.0
            raise ServiceError(kind, f"{self.name} fails ({kind})", cost_usd=cost_usd, retry_after_s=self.retry_after_s)
        return self.name


class Told:
    def __init__(self, *services, failures_to_open=5, has_last_resort=False, max_attempts=1):
        self.lines = []
        self.clock, stop = ManualClock(), StopSignal()
        clock = self.clock
        links = [
            Link(
                service=service.name.partition("/")[0],
                model=service.name.partition("/")[2],
                caller=Caller(
                    limits=ServiceLimits(delay_s=0, parallel=None, bucket=None, clock=clock, stop=stop),
                    pace=ServiceLimits(delay_s=0, parallel=None, bucket=None, clock=clock, stop=stop),
                    clock=clock,
                    stop=stop,
                    rng=random.Random(7),
                    timeout_s=1000,
                    max_attempts=max_attempts,
                ),
                ask=service,
                allowance_of=lambda _: None,
            )
            for service in services
        ]
        self.chain = Chain(
            links, failures_to_open=failures_to_open, has_last_resort=has_last_resort, tell=self.lines.append
        )

    def ask(self, question, *, asks_for_milder=True):
        return self.chain.call(question, asks_for_milder=asks_for_milder).value

    def failure(self, question, *, asks_for_milder=True):
        with pytest.raises(ServiceError) as caught:
            self.ask(question, asks_for_milder=asks_for_milder)
        return caught.value


def test_the_first_service_answers_and_the_second_is_not_asked():
    first, second = Service("a"), Service("b")
    assert Told(first, second).ask("q") == "a"
    assert second.asked == []


@pytest.mark.parametrize("kind", [AUTH, BILLING])
def test_a_service_that_refuses_the_key_or_has_no_credit_is_left_at_once_with_all_its_models(kind):
    first, sister, second = Service("a/1", for_ever=kind), Service("a/2"), Service("b/1")
    told = Told(first, sister, second)
    assert [told.ask(question) for question in "xyz"] == ["b/1"] * 3
    assert (len(first.asked), len(sister.asked)) == (1, 0)
    assert [line.partition(" ")[0] for line in told.lines] == ["a"]


def test_a_model_that_is_gone_is_left_and_its_sisters_are_not():
    first, sister = Service("a/1", for_ever=UNKNOWN), Service("a/2")
    told = Told(first, sister)
    assert [told.ask(question) for question in "xy"] == ["a/2"] * 2
    assert len(first.asked) == 1
    assert told.lines[0].startswith("a/1 is left")


@pytest.mark.parametrize("kind", [TRANSIENT, FailureKind.RATE])
def test_repeated_passing_failures_open_the_circuit_in_the_middle_of_a_call(kind):
    first, second = Service("a", for_ever=kind), Service("b")
    told = Told(first, second, failures_to_open=3, max_attempts=2)
    assert [told.ask(question) for question in "xyz"] == ["b"] * 3
    assert len(first.asked) == 3, "two for the first slide, and the third opens it"
    assert told.lines[0].startswith("a is left")


def test_a_service_that_wants_to_be_left_alone_for_an_hour_is_left():
    first, second = Service("a", for_ever=FailureKind.RATE, retry_after_s=3600.0), Service("b")
    told = Told(first, second, max_attempts=4)
    assert [told.ask(question) for question in "xyz"] == ["b"] * 3
    assert len(first.asked) == 1
    assert "no more requests" in told.lines[0]


def test_a_service_that_pauses_is_passed_over_until_its_pause_is_over():
    first, second = Service("a", FailureKind.RATE, retry_after_s=60.0), Service("b")
    told = Told(first, second, max_attempts=4)
    assert [told.ask(question) for question in "xyz"] == ["b"] * 3
    assert (len(first.asked), told.clock.slept) == (1, [])
    told.clock.advance(60.0)
    assert told.ask("later") == "a"
    assert told.lines == []


def test_the_last_that_can_be_asked_is_waited_for():
    first, second = Service("a", FailureKind.RATE, retry_after_s=60.0), Service("b", for_ever=AUTH)
    told = Told(first, second, max_attempts=4)
    told.failure("x")
    assert told.ask("y") == "a"
    assert sum(told.clock.slept) >= 60.0


def test_a_success_in_between_keeps_the_circuit_closed():
    first, second = Service("a", TRANSIENT, TRANSIENT, None, TRANSIENT, TRANSIENT, None), Service("b")
    told = Told(first, second, failures_to_open=3)
    assert [told.ask(question) for question in range(6)] == ["b", "b", "a", "b", "b", "a"]
    assert told.lines == []


def test_the_last_service_is_never_left_for_passing_faults():
    only = Service("a", *[TRANSIENT] * 9)
    told = Told(only, failures_to_open=3)
    for question in range(9):
        told.failure(question)
    assert told.ask("then") == "a"


def test_with_a_last_resort_even_the_last_service_is_left():
    only = Service("a", for_ever=TRANSIENT)
    told = Told(only, failures_to_open=3, has_last_resort=True)
    for question in range(9):
        told.failure(question)
    assert len(only.asked) == 3


def test_a_refusal_asks_for_a_milder_prompt_before_another_service():
    first, second = Service("a", POLICY), Service("b")
    told = Told(first, second)
    assert told.failure("wild").kind is POLICY
    assert second.asked == []


def test_a_milder_prompt_that_is_refused_too_goes_to_the_next_service():
    first, second = Service("a", for_ever=POLICY), Service("b")
    told = Told(first, second)
    told.failure("wild")
    assert told.ask("mild", asks_for_milder=False) == "b"


def test_a_prompt_is_never_put_to_a_service_that_refused_it():
    first, second = Service("a", POLICY), Service("b")
    told = Told(first, second)
    told.failure("wild")
    assert told.ask("wild", asks_for_milder=False) == "b"
    assert first.asked == ["wild"]
    alone = Told(Service("a", POLICY))
    alone.failure("wild")
    again = alone.failure("wild", asks_for_milder=False)
    assert (again.kind, again.calls) == (POLICY, ())
    assert told.ask("other") == "a"


@pytest.mark.parametrize("kind", [BAD, FailureKind.EMPTY, FailureKind.EXPIRED_URL, FailureKind.RATE])
def test_what_one_service_cannot_do_for_a_slide_the_next_one_does(kind):
    first, second = Service("a", kind), Service("b")
    told = Told(first, second)
    assert told.ask("x") == "b"
    assert told.ask("y") == "a", "the service is not left for it"


def test_all_failed_calls_are_told_with_what_they_cost():
    told = Told(Service("a", AUTH), Service("b/1", FailureKind.EMPTY), Service("c"))
    reply = told.chain.call("x", asks_for_milder=True)
    assert [(call.service, call.model, call.kind) for call in reply.failed_calls] == [
        ("a", "", AUTH),
        ("b", "1", FailureKind.EMPTY),
    ]
    assert reply.link.name == "c"
    failure = Told(Service("a", BAD), Service("b", FailureKind.EMPTY)).failure("x")
    assert [call.service for call in failure.calls] == ["a", "b"]
    assert failure.cost_usd == 0.25


def test_where_every_service_is_left_for_its_key_the_run_can_end():
    told = Told(Service("a", for_ever=AUTH), Service("b", for_ever=BILLING))
    assert told.failure("x").stops_the_run
    again = told.failure("y")
    assert again.stops_the_run
    assert "a: it refuses the key" in str(again)


def test_one_bad_key_does_not_end_a_run_that_has_another_service():
    failure = Told(Service("a", for_ever=TRANSIENT), Service("b", for_ever=AUTH)).failure("x")
    assert not failure.stops_the_run


def test_many_threads_leave_a_service_once():
    first, second = Service("a", for_ever=AUTH), Service("b")
    told = Told(first, second)
    threads = [threading.Thread(target=told.ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(second.asked) == 16
    assert len(told.lines) == 1
