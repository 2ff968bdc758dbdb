"""The commands for decks tell whoever the settings name, and log in JSON where that is asked for."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.fakes.webhook_receiver import SECRET, WebhookReceiver
from tests.integration.conftest import COARSE


@pytest.fixture
def receiver():
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def config(receiver, tmp_path):
    (tmp_path / "key").write_text(SECRET)
    return COARSE + f"webhook: {{url: '{receiver.url}', secret_file: {tmp_path / 'key'}}}\n"


def told(receiver):
    return Counter((message["type"], message["data"]["exit_code"]) for message in receiver.messages.values())


def test_one_deck_is_told_of_whether_it_was_made_or_refused(run, services, receiver, make_deck, out, config, tmp_path):
    assert run(make_deck(2), "-o", out, config=config).code == 0
    assert run(tmp_path / "none.pptx", config=config).code == 4
    assert told(receiver) == {("deck.done", 0): 1, ("deck.failed", 4): 1}


def test_each_of_many_is_told_of_and_that_they_are_over(run, services, receiver, make_deck, config, tmp_path):
    decks = tmp_path / "decks"
    decks.mkdir()
    make_deck(1).rename(decks / "a.pptx")
    (decks / "b.pptx").write_bytes(b"no deck")
    ran = run(decks, "-o", tmp_path / "made", config=config)
    assert ran.code == 4
    assert told(receiver) == {("deck.done", 0): 1, ("deck.failed", 4): 1, ("decks.ended", 4): 1}


def test_a_webhook_nobody_answers_changes_no_code(run, services, make_deck, out, tmp_path):
    (tmp_path / "key").write_text(SECRET)
    config = COARSE + f"webhook: {{url: 'http://127.0.0.1:9/', secret_file: {tmp_path / 'key'}, when: [failed]}}\n"
    assert run(make_deck(1), "-o", out, config=config).code == 0


def test_logs_are_lines_of_json_without_keys(run, services, make_deck, out):
    ran = run(make_deck(2), "-o", out, "-q", "--log-format", "json", config=COARSE)
    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert {line["run"] for line in lines} == {ran.report["run_id"]}
    assert {line["slide"] for line in lines} >= {2, 3}
    kept = [json.loads(line) for line in (Path(ran.report["work_folder"]) / "run.log").read_text().splitlines()]
    assert [line["message"] for line in kept if line["level"] == "INFO"] == [line["message"] for line in lines]
    assert services[0].api_key not in ran.err
