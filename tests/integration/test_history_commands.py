"""Looking back and cleaning up as a person types it, in a history and a store that the program itself wrote."""

from __future__ import annotations

import json
import os
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import AttemptRecord, Response, RunRecord, RunState, Settings, SlideRecord, open_history
from pipeline.cli import main
from pipeline.records import CallKind, GeneratedImage, Request
from pipeline.store.keeping import Store
from tests.integration.conftest import Ran

NOW = datetime.now(UTC)
KITE = Request(kind=CallKind.IMAGE, service="openai", model="gpt-image-2", prompt="A red kite above a green valley")
BOAT = replace(KITE, prompt="A white boat on a calm lake")
RUN = RunRecord(
    id="20261108-021403-ab12",
    state=RunState.PENDING,
    deck="/decks/review.pptx",
    deck_hash="ef" * 32,
    project="acme",
    created=NOW - timedelta(minutes=5),
    planned=2,
)
OLD = RunRecord(id="20250101-000000-ffff", state=RunState.PENDING, created=NOW - timedelta(days=200))


@pytest.fixture
def type_in(capsys):
    """Run the program as a person types it."""

    def call(*words: object) -> Ran:
        try:
            code = main([*map(str, words)])
        except SystemExit as ended:  # argparse
            code = int(ended.code)
        captured = capsys.readouterr()
        return Ran(code=code, out=captured.out, err=captured.err)

    return call


@pytest.fixture
def home() -> Path:
    return Path(os.environ["DECK_ILLUSTRATOR_HOME"])


@pytest.fixture
def store(home):
    return Store(home / "store", owner=RUN.id, now=lambda: NOW)


@pytest.fixture
def kept(store):
    """A picture in the store."""
    image = GeneratedImage(data=b"\x89PNG kite", provider="openai", model="gpt-image-2", cost_usd=0.047)
    return store.keep_picture(KITE, image)


@pytest.fixture
def past(kept):
    """Two runs: one of a deck with a picture, a refusal and a call whose answer was lost, and an old one of nothing."""
    with closing(open_history(Settings())) as history:
        history.begin_run(OLD)
        history.end_run(replace(OLD, state=RunState.SUCCESS, finished=OLD.created), [])
        history.begin_run(RUN)
        drawn, refused, lost = (history.begin_attempt(attempt_at(slide), ()) for slide in (2, 3, 4))
        history.end_attempt(drawn, cost_usd=0.047, response=Response(format="png", bytes=9, hash=kept.hash))
        history.end_attempt(refused, error_kind="policy", error="openai 400: not that")
        history.end_attempt(lost, error_kind="transient", error="openai: no answer", may_be_charged=True)
        slides = [
            SlideRecord(
                run_id=RUN.id, number=2, title="Rivers", status="illustrated", prompt=KITE.prompt, image_hash=kept.hash
            ),
            SlideRecord(run_id=RUN.id, number=3, title="Kites", status="failed", reason="openai 400: not that"),
        ]
        ended = replace(RUN, state=RunState.PARTIAL, finished=NOW, exit_code=20, illustrated=1, failed=1)
        history.end_run(ended, slides)


def attempt_at(slide: int) -> AttemptRecord:
    return AttemptRecord(
        id=0,
        run_id=RUN.id,
        slide_number=slide,
        kind=KITE.kind,
        service=KITE.service,
        model=KITE.model,
        request_key=KITE.key,
        prompt=KITE.prompt,
        reserved_usd=0.05,
        created=RUN.created + timedelta(seconds=slide),
    )


# --- nothing yet ---


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("history", "holds no such run"),
        ("history --status error", "holds no such attempt"),
        ("history stats --since 7d", "holds no such attempt"),
        ("history prune --older-than 90d", "Forgot 0 runs"),
        ("cache", "0 pictures and 0 prompts, 0 B"),
        ("cache size", "0 pictures and 0 prompts, 0 B"),
        ("cache list", "Nothing is kept"),
        ("cache prune --older-than 30d --max-size 5GB", "Removed 0 entries"),
        ("cache clear", "Removed 0 entries"),
    ],
)
def test_nothing_kept_is_no_error_and_looking_makes_nothing(type_in, home, words, said):
    ran = type_in(*words.split())
    assert (ran.code, ran.err) == (0, "")
    assert said in ran.out
    assert json.loads(type_in(*words.split(), "--json").out)
    assert not home.exists()


# --- the history ---


@pytest.mark.usefixtures("past")
def test_runs_are_listed_the_newest_first(type_in):
    ran = type_in("history")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[0] for line in ran.out.splitlines()[1:3]] == [RUN.id, OLD.id]
    assert "$0.047 (+$0.05?)" in ran.out
    found = json.loads(type_in("history", "--json").out)["runs"]
    assert [(run["id"], run["state"], run["cost_usd"], run["maybe_usd"]) for run in found] == [
        (RUN.id, "partial", 0.047, 0.05),
        (OLD.id, "success", 0.0, 0.0),
    ]


@pytest.mark.usefixtures("past")
def test_runs_are_chosen(type_in):
    chosen = {
        "--deck review.pptx": [RUN.id],
        "--deck efefef": [RUN.id],
        "--deck other.pptx": [],
        "--deck ./decks/../decks/review.pptx": [RUN.id],
        "--since 7d": [RUN.id],
        "--since 52w": [RUN.id, OLD.id],
        "--project acme": [RUN.id],
        "--service openai": [RUN.id],
        "--service fal": [],
        "--status success": [OLD.id],
        "--status partial": [RUN.id],
        "--limit 1": [RUN.id],
    }
    for words, ids in chosen.items():
        found = json.loads(type_in("history", *words.split(), "--json").out)["runs"]
        assert [run["id"] for run in found] == ids, words


@pytest.mark.usefixtures("past")
def test_calls_that_failed_are_listed_in_place_of_runs(type_in):
    words = ("history", "--deck", "review.pptx", "--since", "7d", "--status", "error")
    found = json.loads(type_in(*words, "--json").out)["attempts"]
    assert [(one["slide_number"], one["error_kind"], one["may_be_charged"]) for one in found] == [
        (4, "transient", True),
        (3, "policy", False),
    ]
    told = type_in(*words).out
    assert "openai 400: not that" in told
    assert "1 attempt whose answer was lost may have been charged: $0.05." in told


@pytest.mark.usefixtures("past")
def test_all_calls_are_listed_and_what_is_left_out_is_said(type_in):
    found = json.loads(type_in("history", "--attempts", "--json").out)["attempts"]
    assert [one["slide_number"] for one in found] == [4, 3, 2]
    told = type_in("history", "--attempts", "--limit", "2").out
    assert "2 attempts, and older ones (--limit N shows more)" in told
    assert "older ones" not in type_in("history", "--attempts", "--limit", "3").out


@pytest.mark.usefixtures("past")
def test_a_run_is_shown_by_as_much_of_its_id_as_is_needed(type_in, kept):
    ran = type_in("history", "show", "20261108")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Run {RUN.id}: partial, code 20")
    assert f"picture: {kept.path}" in ran.out
    assert f"prompt: {KITE.prompt}" in ran.out
    assert "openai 400: not that" in ran.out
    assert "may have been charged: $0.05." in ran.out
    found = json.loads(type_in("history", "show", RUN.id, "--json").out)
    assert (found["run"]["id"], len(found["slides"]), len(found["attempts"])) == (RUN.id, 2, 3)
    assert found["slides"][0]["picture"] == str(kept.path)


@pytest.mark.usefixtures("past")
def test_a_picture_that_is_no_longer_kept_is_said_to_be_gone(type_in, kept):
    kept.path.unlink()
    assert f"picture: no longer kept (SHA-256 {kept.hash})" in type_in("history", "show", RUN.id).out


@pytest.mark.usefixtures("past")
def test_stats_add_up_by_day_and_model(type_in):
    (row,) = json.loads(type_in("history", "stats", "--json").out)["stats"]
    assert (row["service"], row["model"], row["images"]) == ("openai", "gpt-image-2", 1)
    assert (row["success_rate"], row["cost_usd"], row["maybe_usd"]) == (0.333, 0.047, 0.05)
    assert type_in("history", "stats").out.splitlines()[-2] == "1 image, $0.047 (+$0.05?) paid."
    assert json.loads(type_in("history", "stats", "--service", "fal", "--json").out)["stats"] == []


@pytest.mark.usefixtures("past")
def test_old_runs_are_forgotten_and_their_number_said(type_in, kept):
    assert type_in("history", "prune", "--older-than", "90d").out.startswith("Forgot 1 run older than 90d.")
    assert [run["id"] for run in json.loads(type_in("history", "--json").out)["runs"]] == [RUN.id]
    assert kept.path.exists()


@pytest.mark.usefixtures("past")
def test_the_age_is_by_default_the_setting(type_in, tmp_path):
    (tmp_path / "c.yaml").write_text("history: {retention: 90d}\nstore: {retention: 0d}\n")
    assert "Forgot 1 run older than 90d." in type_in("history", "prune", "--config", "c.yaml").out
    assert json.loads(type_in("cache", "prune", "--config", "c.yaml", "--json").out)["removed_entries"] == 1


# --- the store ---


@pytest.mark.usefixtures("kept")
def test_what_is_kept_is_listed_measured_and_thrown_away(type_in, store, home, kept):
    store.keep_picture(
        BOAT, GeneratedImage(data=b"\x89PNG boat!", provider="openai", model="gpt-image-2", cost_usd=None)
    )
    found = json.loads(type_in("cache", "list", "--json").out)
    assert {one["prompt"]: (one["cost_usd"], one["kind"]) for one in found["entries"]} == {
        KITE.prompt: (0.047, "image"),
        BOAT.prompt: (None, "image"),
    }
    assert "1 entry, and others unused for longer" in type_in("cache", "list", "--limit", "1").out
    size = json.loads(type_in("cache", "size", "--json").out)
    assert (size["pictures"], size["answers"], size["folder"]) == (2, 0, str(home / "store"))
    told = type_in("cache", "clear")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("Removed 2 entries, ")
    assert not kept.path.exists()
    assert type_in("cache", "list").out == f"Nothing is kept in {home / 'store'}.\n"


def test_what_was_unused_for_long_goes_and_what_is_too_much(type_in, home, kept):
    old = Store(home / "store", owner="x", now=lambda: NOW - timedelta(days=40))
    old.keep_picture(BOAT, GeneratedImage(data=b"\x89PNG boat!", provider="openai", model="gpt-image-2", cost_usd=0.1))
    assert type_in("cache", "prune", "--older-than", "30d").out.startswith("Removed 1 entry, ")
    assert kept.path.exists()
    assert type_in("cache", "prune", "--max-size", "1GB").out.startswith("Removed 0 entries, ")
    assert json.loads(type_in("cache", "prune", "--max-size", "0", "--json").out)["removed_entries"] == 1
    assert not kept.path.exists()


@pytest.mark.parametrize("words", ["clear", "prune --older-than 0d", "prune --max-size 0"])
def test_what_a_run_has_in_its_hands_stays(type_in, store, kept, words):
    with store.alone_with(KITE, pytest.fail):
        told = type_in("cache", *words.split()).out
        assert told.startswith("Removed 0 entries, 0 B, ")
        assert "Left: 1 entry, " in told
    assert kept.path.exists()
    assert store.find_picture(KITE) is not None


# --- after a real run ---


@pytest.mark.usefixtures("services")
def test_a_run_is_found_again_with_what_it_paid_and_where_its_pictures_are(illustrate, type_in, home):
    report = illustrate(2, "--project", "acme").report
    (run,) = json.loads(type_in("history", "--deck", "deck.pptx", "--project", "acme", "--json").out)["runs"]
    assert (run["id"], run["state"], run["illustrated"]) == (report["run_id"], "success", 2)
    assert run["cost_usd"] == pytest.approx(report["cost_usd"])
    told = json.loads(type_in("history", "show", run["id"], "--json").out)
    assert sorted((one["kind"], one["slide_number"], one["state"]) for one in told["attempts"]) == [
        ("image", 2, "success"),
        ("image", 3, "success"),
        ("prompt", 2, "success"),
        ("prompt", 3, "success"),
    ]
    pictures = [one["picture"] for one in told["slides"] if one["status"] == "illustrated"]
    assert len(pictures) == 2
    assert all(Path(picture).is_relative_to(home / "store") and Path(picture).is_file() for picture in pictures)
    assert all(picture in type_in("history", "show", run["id"]).out for picture in pictures)
    size = json.loads(type_in("cache", "size", "--json").out)
    assert (size["pictures"], size["answers"]) == (2, 2)


# --- mistakes ---


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["history", "show", "1999"], "1999: the history holds no run"),
        (["history", "--since", "7 days"], "'7 days' is no age; write an age like 90d, 12h or 4w"),
        (["history", "stats", "--since", "yesterday"], "'yesterday' is no age"),
        (["history", "prune", "--older-than", "1y"], "'1y' is no age"),
        (["history", "prune"], "say what may go"),
        (["cache", "prune", "--older-than", "30"], "'30' is no age"),
        (["cache", "prune", "--max-size", "5 gigs"], "'5 gigs' is no size; write a size like 5GB or 500MB"),
        (["cache", "prune"], "say what may go"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_write(type_in, kept, words, said):
    ran = type_in(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert said in ran.err
    assert kept.path.exists()
    refusal = json.loads(type_in(*words, "--json").out)
    assert (refusal["exit_code"], set(refusal)) == (2, {"status", "exit_code", "message"})


@pytest.mark.usefixtures("past")
def test_an_id_that_means_several_runs_is_no_run(type_in):
    ran = type_in("history", "show", "20")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("error: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["history", "--status", "failing"], "failing"),
        (["history", "--limit", "0"], "--limit"),
        (["history", "forget"], "forget"),
        (["cache", "empty"], "empty"),
        (["cache", "size", "--key", "openai=sk-Quokka_0123456789"], "unrecognized"),
    ],
)
def test_what_is_no_option_is_refused(type_in, words, said):
    ran = type_in(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Quokka" not in ran.err


def test_a_history_that_cannot_be_read_is_code_5_and_one_line(type_in, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "c.yaml").write_text("history: {url: folder}\n")
    ran = type_in("history", "--config", "c.yaml")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.count("\n") == 1
    assert "folder" in ran.err


@pytest.mark.parametrize(
    "command",
    [
        *("history", "history show", "history stats", "history prune"),
        *("cache", "cache list", "cache size", "cache prune", "cache clear"),
    ],
)
def test_every_command_says_what_it_does(type_in, command):
    ran = type_in(*command.split(), "--help")
    assert ran.code == 0
    assert "%(" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 120
    assert "--json" in ran.out
    assert "--config" in ran.out


def test_no_run_is_no_name(type_in):
    ran = type_in("history", "show", " ")
    assert (ran.code, ran.err) == (2, "error: name a run; `history` lists them\n")
