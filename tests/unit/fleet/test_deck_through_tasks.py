"""One deck through its three tasks, in this process: what each does when it comes twice, too early, or in vain."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from io import BytesIO

import pytest

from pipeline.config.loader import load_configuration
from pipeline.engine.clock import SystemClock
from pipeline.fleet.app import FINISHING, image_queue, make_app
from pipeline.fleet.job_records import DeckState, Job
from pipeline.fleet.opening import opened_workshop
from pipeline.fleet.tasks import FleetTasks
from tests.fakes import openai_faults
from tests.integration.conftest import _deck_of
from tests.integration.support import our_pictures

SLIDES = 2
JOB = Job(id="job", created=SystemClock().now(), count=1)


@pytest.fixture
def workshop(client, redis_url, tmp_path, claude, openai):
    arguments = {
        "fleet.broker_url": redis_url,
        "fleet.storage": str(tmp_path / "shared"),
        "fleet.lease_s": 10.0,
        "workers.prompt_delay_s": 0.0,
        "workers.image_delay_s": 0.0,
        "layout.max_px_per_in": 50,
    }
    with opened_workshop(load_configuration(arguments=arguments), SystemClock(), tells=False) as opened:
        yield opened


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out" / "deck.pptx"


@pytest.fixture
def hand_in(workshop, tmp_path, target):
    def hand_in(job: Job = JOB) -> None:
        source = tmp_path / "deck.pptx"
        source.write_bytes(BytesIO(_deck_of(SLIDES)).getvalue())
        workshop.book.open_job(job, [(str(source), str(target))])

    return hand_in


@pytest.fixture
def tasks(workshop):
    made = FleetTasks(make_app(workshop.configuration.settings.fleet), workshop)
    yield made
    made.close()


def queued(client, queue: str) -> list[list]:
    """The arguments of the tasks that wait there, the first to be taken first."""
    bodies = [json.loads(message)["body"] for message in client.lrange(queue, 0, -1)]
    return [json.loads(base64.b64decode(body))[0] for body in reversed(bodies)]


@pytest.fixture
def begun(tasks, hand_in, client):
    """The deck is begun: what its pictures' tasks are told."""
    hand_in()
    tasks.begin("job", 1)
    return queued(client, image_queue("openai"))


def test_a_deck_goes_through_and_tells_what_it_cost(begun, tasks, workshop, target, openai, claude):
    assert [tasks.draw(*told) for told in begun] == ["made", "made"]
    tasks.finish("job", 1)
    row = workshop.book.deck("job", 1)
    assert (row.state, row.illustrated, row.drawn) == (DeckState.COMPLETED, SLIDES, SLIDES)
    assert len(our_pictures(target)) == SLIDES
    assert (len(claude.requests), len(openai.requests)) == (SLIDES, SLIDES)
    report = json.loads(target.with_suffix(".json").read_text())
    assert report["cost_usd"] == pytest.approx(row.cost_usd, abs=1e-6) != 0
    assert report["money"]["saved_usd"] == pytest.approx(0, abs=1e-6)


def test_what_comes_twice_pays_nothing_twice(begun, tasks, workshop, client, openai, claude):
    tasks.begin("job", 1)
    assert queued(client, image_queue("openai")) == begun  # it was handed out already
    assert [tasks.draw(*told) for told in begun * 2] == ["made", "made", "kept", "kept"]
    cost_usd = workshop.book.deck("job", 1).cost_usd
    tasks.finish("job", 1)
    before = workshop.book.deck("job", 1)
    tasks.finish("job", 1)
    assert tasks.draw(*begun[0]) == "not wanted"
    assert workshop.book.deck("job", 1) == before
    assert before.cost_usd == pytest.approx(cost_usd)
    assert (len(claude.requests), len(openai.requests)) == (SLIDES, SLIDES)


def test_a_last_task_that_comes_too_early_makes_the_pictures_itself(begun, tasks, workshop, target, openai):
    tasks.finish("job", 1)
    assert workshop.book.deck("job", 1).state is DeckState.COMPLETED
    assert len(our_pictures(target)) == len(openai.requests) == SLIDES
    assert [tasks.draw(*told) for told in begun] == ["not wanted", "not wanted"]


def test_a_refused_picture_is_asked_for_in_milder_words_at_the_end(begun, tasks, workshop, openai, target):
    refused = begun[0][2]["request"]["prompt"]
    openai.faults.when(lambda body: body["prompt"] == refused, openai_faults.moderation_blocked())
    assert [tasks.draw(*told) for told in begun] == ["failed", "made"]
    tasks.finish("job", 1)
    assert workshop.book.deck("job", 1).state is DeckState.COMPLETED
    assert len(our_pictures(target)) == SLIDES
    assert len({request.body["prompt"] for request in openai.requests}) == SLIDES + 1


@pytest.mark.parametrize(("force", "state"), [(False, DeckState.FAILED), (True, DeckState.COMPLETED)])
def test_what_is_not_ours_is_overwritten_only_where_that_is_wanted(tasks, workshop, hand_in, target, force, state):
    target.parent.mkdir()
    target.write_bytes(b"somebody's")
    hand_in(JOB.model_copy(update={"force": force}))
    tasks.begin("job", 1)
    tasks.finish("job", 1)
    row = workshop.book.deck("job", 1)
    assert row.state is state
    assert (target.read_bytes() == b"somebody's") != force
    assert ("exists already" in row.message) != force


def test_a_deck_whose_last_task_was_lost_is_finished_all_the_same(begun, tasks, workshop, client):
    for told in begun:
        tasks.draw(*told)
    assert queued(client, FINISHING) == []
    client.zadd("deck-illustrator:open", {"job/1": (JOB.created - timedelta(hours=1)).timestamp()})
    tasks.rescue()
    assert queued(client, FINISHING) == [["job", 1]]
    tasks.rescue()
    assert len(queued(client, FINISHING)) == 1  # something was done about it


def test_a_cancelled_job_draws_nothing_more(begun, tasks, workshop, openai):
    workshop.book.cancel(JOB)
    assert [tasks.draw(*told) for told in begun] == ["not wanted", "not wanted"]
    tasks.finish("job", 1)
    assert workshop.book.deck("job", 1).state is DeckState.CANCELLED
    assert openai.requests == ()
