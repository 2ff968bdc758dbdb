"""What was made before of the very same is not made again; what differs in anything that shows is."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.fakes import OpenAIServer
from tests.integration.conftest import FAST
from tests.integration.support import names_in


@pytest.fixture
def first(services, illustrate):
    """A deck of two slides, made once."""
    ran = illustrate(2)
    assert ran.code == 0
    return ran.report


def calls(services):
    return tuple(len(server.requests) for server in services)


def test_the_same_command_again_makes_no_call_and_changes_no_file(first, services, illustrate, out):
    before, made = out.stat(), calls(services)
    ran = illustrate(2)
    assert (ran.code, ran.report["status"], ran.report["output"]) == (0, "success", str(out))
    assert first["run_id"] in ran.report["message"]
    assert (ran.report["cost_usd"], ran.report["money"]["saved_usd"]) == (0.0, first["cost_usd"])
    assert [slide["image"] for slide in ran.report["slides"]] == [slide["image"] for slide in first["slides"]]
    assert calls(services) == made
    assert (out.stat().st_mtime_ns, out.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_another_output_gets_a_copy(first, services, run, out, tmp_path):
    made, other = calls(services), tmp_path / "other.pptx"
    ran = run(tmp_path / "deck.pptx", "-o", other)
    assert (ran.code, ran.report["output"]) == (0, str(other))
    assert other.read_bytes() == out.read_bytes()
    assert calls(services) == made
    assert names_in(tmp_path / "other.work") == set()


def test_what_stands_at_the_output_is_not_overwritten(first, run, tmp_path):
    other = tmp_path / "other.pptx"
    other.write_bytes(b"somebody's")
    assert run(tmp_path / "deck.pptx", "-o", other).code == 5
    assert other.read_bytes() == b"somebody's"


def test_a_deck_that_was_touched_since_is_made_anew_and_only_where_that_is_allowed(first, services, illustrate, out):
    made = calls(services)
    out.write_bytes(out.read_bytes() + b" ")
    assert illustrate(2).code == 5
    ran = illustrate(2, "--force")
    assert (ran.code, ran.report["message"]) == (0, "")
    assert calls(services) == made, "all of it is in the store"


def test_force_makes_it_anew_from_the_store(first, services, illustrate):
    made, ran = calls(services), illustrate(2, "--force")
    assert (ran.code, ran.report["message"], ran.report["run_id"] != first["run_id"]) == (0, "", True)
    assert calls(services) == made


@pytest.mark.parametrize("words", [["--slides", "2"], ["--style", "photo"]])
def test_other_slides_or_another_style_are_other_work(first, run, words, tmp_path):
    ran = run(tmp_path / "deck.pptx", "-o", tmp_path / "other.pptx", *words)
    assert (ran.code, ran.report["message"]) == (0, "")


def test_an_edited_deck_is_other_work(first, services, illustrate, tmp_path):
    made = calls(services)
    assert illustrate(3, "--force").code == 0
    assert calls(services) == tuple(count + 1 for count in made)


def test_an_endpoint_of_ones_own_that_sends_something_else_is_other_work(first, run, tmp_path):
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    (catalog / "openai.yaml").write_text(
        "service: openai\nendpoints: {images: {type: image, protocol: openai, send: {user: two}}}\n", encoding="utf-8"
    )
    config = f"{FAST}services: {{catalog: {catalog}}}\n"
    ran = run(tmp_path / "deck.pptx", "-o", tmp_path / "other.pptx", config=config)
    assert (ran.code, ran.report["message"]) == (0, "")


def test_another_server_is_other_work_where_the_service_is_wherever_a_person_says(
    run, make_deck, tmp_path, monkeypatch
):
    config = f"{FAST}images: {{provider: openai-compatible, model: m}}\nprompts: {{provider: offline}}\n"
    deck = make_deck(2)
    for name in ("a", "b"):
        with OpenAIServer(compatible=True) as server:
            monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", server.base_url)
            assert run(deck, "-o", tmp_path / f"{name}.pptx", config=config).code == 0
            assert len(server.requests) == 1, "both slides share one prompt"


def test_what_a_copy_left_that_was_killed_is_swept_by_the_next(first, run, tmp_path):
    work, other = tmp_path / "other.work", tmp_path / "other.pptx"
    work.mkdir()
    note = {"run_id": "dead", "pid": 1, "host": "h", "user": "u", "started": datetime.now(UTC).isoformat()}
    note |= {"input": str(tmp_path / "deck.pptx"), "output": str(other)}
    (work / "run.json").write_text(json.dumps(note), encoding="utf-8")
    (tmp_path / ".0123456789abcdef.dead.tmp").write_bytes(b"half a deck")
    assert run(tmp_path / "deck.pptx", "-o", other).code == 0
    assert not [name for name in names_in(tmp_path) if name.endswith(".tmp")]
    assert names_in(work) == set()
