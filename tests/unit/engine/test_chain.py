"""A slide is not lost while any service can draw it, and no service is asked that cannot."""

from __future__ import annotations

import threading

import pytest

from pipeline.engine.chain import Chain
from pipeline.engine.clock import StopCause, StopSignal
from pipeline.engine.failures import consequence_of
from pipeline.errors import BudgetError, FailureKind, FileAccessError, ServiceError
from tests.clocks import ManualClock
from tests.unit.engine.services import Service

AUTH, BILLING, POLICY = FailureKind.AUTH, FailureKind.BILLING, FailureKind.POLICY
TRANSIENT, BAD, UNKNOWN = FailureKind.TRANSIENT, FailureKind.BAD_PARAMETER, FailureKind.UNKNOWN_MODEL


class Told:
    def __init__(self, *services, failures_to_open=5, has_last_resort=False, max_attempts=1):
        self.lines = []
        self.clock, stop = ManualClock(), StopSignal()
        links = [service.link(self.clock, stop, max_attempts) for service in services]
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
    assert consequence_of(told.failure("x")).stops is StopCause.CREDENTIALS
    again = told.failure("y")
    assert consequence_of(again).stops is StopCause.CREDENTIALS
    assert "a: it refuses the key: a fails (auth)" in str(again), "whoever is heard first tells what to do"


def test_one_bad_key_does_not_end_a_run_that_has_another_service():
    failure = Told(Service("a", for_ever=TRANSIENT), Service("b", for_ever=AUTH)).failure("x")
    assert consequence_of(failure).stops is None


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


def test_what_any_of_them_keeps_is_taken_before_one_is_asked():
    """Even of a service that is left."""
    first, second = Service("a"), Service("b", for_ever=AUTH)
    told = Told(first, second)
    first.script = [BAD]
    told.failure("x")
    second.kept["y"] = "b, as it was"
    reply = told.chain.call("y", asks_for_milder=True)
    assert (reply.value, reply.link.name, reply.is_kept, reply.failed_calls) == ("b, as it was", "b", True, ())
    assert "y" not in first.asked + second.asked


def test_the_same_question_asked_by_many_at_once_is_one_call():
    service = Service("a", keeps=True)
    told, replies = Told(service), []
    threads = [
        threading.Thread(target=lambda: replies.append(told.chain.call("x", asks_for_milder=True))) for _ in range(16)
    ]
    with service.alone("x"):
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert service.asked == ["x"]
    assert {reply.value for reply in replies} == {"a"}
    assert sum(not reply.is_kept for reply in replies) == 1


class Meanwhile(Service):
    """Something happens while one waits to be alone with a question."""

    def __init__(self, name, happens, **given):
        super().__init__(name, **given)
        self.happens = happens

    def alone(self, question):
        self.happens(self, question)
        return super().alone(question)


def test_what_another_kept_while_one_waited_is_taken_with_the_calls_before_it():
    first = Service("a", FailureKind.EMPTY)
    second = Meanwhile("b", lambda self, question: self.kept.update({question: "by another"}))
    reply = Told(first, second).chain.call("x", asks_for_milder=True)
    assert (reply.value, reply.is_kept, reply.link.name) == ("by another", True, "b")
    assert [call.service for call in reply.failed_calls] == ["a"]
    assert second.asked == []


def test_a_service_that_is_left_while_one_waited_is_not_asked():
    told = None
    first = Meanwhile("a/1", lambda _self, question: question == "x" and told.ask("y"))
    sister, third = Service("a/2", for_ever=AUTH), Service("b")
    first.script = [BAD]
    told = Told(first, sister, third)
    assert told.ask("x") == "b"
    assert (first.asked, sister.asked) == (["y"], ["y"])


def test_a_question_refused_while_one_waited_is_not_put_again():
    told = None
    only = Meanwhile("a", lambda _self, _question: told and told.pop().failure("x"), for_ever=POLICY)
    told = [Told(only)]
    assert told[0].failure("x", asks_for_milder=False).kind is POLICY
    assert only.asked == ["x"]


@pytest.mark.parametrize("error", [BudgetError("$5.00 spent"), FileAccessError("disk full")])
def test_what_no_service_can_help_with_is_raised_with_all_that_was_paid_before(error):
    first, second = Service("a", FailureKind.EMPTY, FailureKind.EMPTY), Service("b", FailureKind.EMPTY, error)
    third = Service("c")
    told = Told(first, second, third, max_attempts=2)
    with pytest.raises(type(error)) as caught:
        told.ask("x")
    assert caught.value is error
    assert [call.service for call in error.calls] == ["a", "a", "b"]
    assert error.cost_usd == 0.75
    assert third.asked == []
    assert not second.locks["x"].locked()


def test_calls_whose_answers_were_lost_are_told():
    lost = ServiceError(TRANSIENT, "no answer", may_be_charged=True)
    failure = Told(Service("a", lost), Service("b", BAD)).failure("x")
    assert [call.may_be_charged for call in failure.calls] == [True, False]
    assert failure.may_be_charged


def test_each_service_is_made_ready_for_the_question_alone_with_it():
    """What one waits for, and what another meanwhile keeps, is one wait for all who ask the same."""
    locked = []

    class Watched(Service):
        def ready(self, question):
            locked.append(self.locks[question].locked())
            super().ready(question)

    first, second = Watched("a", BAD), Watched("b")
    assert Told(first, second).ask("x") == "b"
    assert (first.waited_for, second.waited_for, locked) == (["x"], ["x"], [True, True])


def test_what_is_kept_or_refused_before_needs_no_readiness():
    only = Service("a", POLICY)
    only.kept["y"] = "as it was"
    told = Told(only)
    assert told.ask("y") == "as it was"
    told.failure("x")
    told.failure("x", asks_for_milder=False)
    assert only.waited_for == ["x"]


def test_a_question_that_may_not_be_asked_is_asked_of_nobody_else():
    first, second = Service("a"), Service("b")
    first.bars = [BudgetError("$5.00 spent")]
    with pytest.raises(BudgetError):
        Told(first, second).ask("x")
    assert first.asked == second.asked == second.waited_for == []
    assert not first.locks["x"].locked()
