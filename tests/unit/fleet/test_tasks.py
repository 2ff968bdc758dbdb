"""What guards a task: the one that kills its workers is given up, the one that ends in order is not counted."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from celery.exceptions import Reject

from pipeline.config.loader import load_configuration
from pipeline.engine.clock import SystemClock
from pipeline.errors import ServiceError
from pipeline.fleet.app import MAKE_PICTURE, make_app
from pipeline.fleet.job_records import DeckState, Job
from pipeline.fleet.opening import opened_workshop
from pipeline.fleet.tasks import MOST_DEATHS, FleetTasks
from pipeline.fleet.workshop import TakenElsewhere

TASK = SimpleNamespace(name=MAKE_PICTURE, request=SimpleNamespace(id="task-1"))


@pytest.fixture
def workshop(client, redis_url, tmp_path):
    arguments = {
        "fleet.broker_url": redis_url,
        "fleet.storage": str(tmp_path / "shared"),
        "budget.max_usd_per_run": 2.0,
        "budget.max_usd_per_deck": 5.0,
        "budget.projects": {"acme": {"max_usd_per_run": 1.0}},
    }
    clock = SystemClock()
    with opened_workshop(load_configuration(arguments=arguments), clock, tells=False) as opened:
        opened.book.open_job(Job(id="job", created=clock.now(), count=1), [("/in/a.pptx", "/out/a.pptx")])
        yield opened


@pytest.fixture
def tasks(workshop):
    return FleetTasks(make_app(workshop.configuration.settings.fleet), workshop)


def test_a_task_over_which_workers_died_is_given_up_and_its_deck_fails(tasks, workshop):
    for _ in range(MOST_DEATHS):
        workshop.book.started("task-1")  # and died
    done = []
    assert tasks.guarded(TASK, "job", 1, lambda: done.append(1)) is None
    assert done == []
    (letter,) = workshop.book.dead_letters()
    assert (letter.task, letter.job, letter.deck) == (MAKE_PICTURE, "job", 1)
    row = workshop.book.deck("job", 1)
    assert row.state is DeckState.FAILED
    assert "killed 3 workers" in row.message


def test_deliveries_that_end_in_order_are_no_deaths(tasks, workshop):
    for _ in range(MOST_DEATHS + 2):
        assert tasks.guarded(TASK, "job", 1, lambda: "done") == "done"
    assert workshop.book.dead_letters() == []


def test_a_bug_is_kept_as_a_dead_letter(tasks, workshop):
    def fail() -> None:
        raise KeyError("a bug")

    assert tasks.guarded(TASK, "job", 1, fail) is None
    assert "KeyError" in workshop.book.dead_letters()[0].reason


@pytest.mark.parametrize("reason", ["stopped", "elsewhere"])
def test_what_another_has_to_do_goes_back_to_its_queue(tasks, workshop, reason):
    def leave() -> None:
        if reason == "elsewhere":
            raise TakenElsewhere
        workshop.end_in_order()
        workshop.stop.check()

    with pytest.raises(Reject) as raised:
        tasks.guarded(TASK, "job", 1, leave)
    assert raised.value.requeue
    assert workshop.book.started("task-1") == 1


def test_what_bounds_a_run_bounds_the_deck_and_the_job_brings_its_own(workshop):
    job = Job(id="job", created=SystemClock().now(), count=1, values={"style": "watercolour"})
    settings = workshop.settings_for(job).settings
    assert settings.style == "watercolour"
    assert (settings.budget.max_usd_per_run, settings.budget.max_usd_per_deck) == (None, 2.0)
    assert settings.budget.projects["acme"].max_usd_per_deck == 1.0


def test_only_redis_is_waited_for(workshop):
    calls = []

    def refuse() -> None:
        calls.append(1)
        raise ServiceError("auth", "no")

    with pytest.raises(ServiceError):
        workshop.patiently(refuse)
    assert calls == [1]
