"""What is handed in: which decks, to where, with which of the submitter's settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.loader import load_configuration
from pipeline.engine.clock import SystemClock
from pipeline.errors import UsageError
from pipeline.fleet.app import BEGIN_DECK, DECKS, make_app
from pipeline.fleet.job_records import DeckState
from pipeline.fleet.jobs import JobBook
from pipeline.fleet.submitting import Wish, submit, submit_scheduled, travelling


@pytest.fixture
def app(client, redis_url):
    configuration = load_configuration(arguments={"fleet.broker_url": redis_url})
    return make_app(configuration.settings.fleet)


@pytest.fixture
def book(client):
    return JobBook(client, SystemClock().now)


def put(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def told(client) -> list[dict]:
    return [json.loads(message)["headers"] for message in client.lrange(DECKS, 0, -1)]


def test_each_deck_is_written_down_and_queued_once(app, book, client, tmp_path):
    source = put(tmp_path / "in", "a.pptx", "sub/b.pptx", "sub/~$b.pptx", "c.txt")
    job = submit(Wish(sources=[str(source)], target="s3://b/out", recursive=True), book, app, SystemClock())
    assert [(row.source, row.target) for row in book.decks(job)] == [
        (str(source / "a.pptx"), "s3://b/out/a.pptx"),
        (str(source / "sub/b.pptx"), "s3://b/out/sub/b.pptx"),
    ]
    assert {headers["task"] for headers in told(client)} == {BEGIN_DECK}
    assert len(told(client)) == 2


@pytest.mark.parametrize("sources", [[], ["{in}/x"], ["{in}/x", "{in}/y"]])
def test_nothing_to_hand_in_or_one_target_for_two_is_refused(app, book, client, tmp_path, sources):
    put(tmp_path / "x", *(["a.pptx"] if len(sources) == 2 else ["a.txt"]))
    put(tmp_path / "y", "a.pptx")
    named = [one.format(**{"in": tmp_path}) for one in sources]
    with pytest.raises(UsageError):
        submit(Wish(sources=named, target=str(tmp_path / "out")), book, app, SystemClock())
    assert told(client) == []


def test_a_deck_is_not_its_own_target(app, book, tmp_path):
    source = put(tmp_path / "in", "a.pptx")
    with pytest.raises(UsageError, match="its own target"):
        submit(Wish(sources=[str(source)], target=str(source)), book, app, SystemClock())


def test_what_decides_the_result_travels_and_nothing_else(tmp_path):
    config = tmp_path / "own.yaml"
    config.write_text(
        "style: watercolour\nproject: acme\nworkers: {image_workers: 9}\nbudget: {max_usd_per_run: 1.0}\n"
        "images: {model: openai/gpt-image-2.6-flare}\nprompts: {folder: own}\nfleet: {broker_url: 'redis://:pw@h/0'}\n",
        encoding="utf-8",
    )
    values = travelling(load_configuration(config, {"rules.skip_title": False}))
    assert values["style"] == "watercolour"
    assert values["rules.skip_title"] is False
    assert values["images.model"] == "openai/gpt-image-2.6-flare"
    assert values["images.provider"] == "auto"  # with the model it belongs to, whatever a worker has
    assert not {key.partition(".")[0] for key in values} & {"fleet", "workers", "budget", "store", "limits"}
    assert "prompts.folder" not in values
    assert "pw" not in json.dumps(values)


def test_a_schedule_never_overlaps_itself(app, book, client, tmp_path):
    source = put(tmp_path / "in", "a.pptx")
    entry = {"name": "nightly", "cron": "0 2 * * *", "source": str(source), "target": "s3://b/out"}
    first = submit_scheduled(entry, book, app, SystemClock())
    assert first is not None
    assert submit_scheduled(entry, book, app, SystemClock()) is None
    book.end(first.id, 1, DeckState.COMPLETED)
    assert submit_scheduled(entry, book, app, SystemClock()) is not None
    assert len(told(client)) == 2
