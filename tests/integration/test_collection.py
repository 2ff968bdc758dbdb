"""Many decks in one command: the tree is mirrored, limits and budgets hold over all, one bad deck stops no other."""

from __future__ import annotations

import io
import json
import os
from functools import partial
from pathlib import Path

import pytest

from pipeline.cli import main
from tests.fakes import openai_faults
from tests.integration.collections import put_decks
from tests.integration.conftest import COARSE, FAST
from tests.integration.support import our_pictures


@pytest.fixture
def decks(tmp_path):
    """Put decks into a folder; see `put_decks`."""
    return partial(put_decks, tmp_path / "decks")


def by_name(ran):
    return {Path(deck["input"]).name: deck for deck in ran.report["decks"]}


def test_a_tree_is_mirrored_and_a_bad_deck_stops_no_other(run, services, decks, tmp_path):
    folder = decks(bread=2, sub__deep__clocks=1, sub__ferries=1)
    (folder / "broken.pptx").write_bytes(b"no deck")
    (folder / "~$bread.pptx").write_bytes(b"its owner")
    out = tmp_path / "out"
    ran = run(folder, "-r", "-o", out, "--jobs", "2")
    assert ran.code == 4, ran.err
    assert {path.relative_to(out).as_posix() for path in out.rglob("*.pptx")} == {
        *("bread.pptx", "sub/deep/clocks.pptx", "sub/ferries.pptx")
    }
    assert set(our_pictures(out / "bread.pptx")) == {1, 2}
    found = by_name(ran)
    assert (found["broken.pptx"]["exit_code"], found["broken.pptx"]["output"]) == (4, None)
    assert [found[name]["illustrated"] for name in ("bread.pptx", "clocks.pptx", "ferries.pptx")] == [2, 1, 1]
    assert sum(deck["cost_usd"] for deck in found.values()) > 0
    assert "Traceback" not in ran.err

    again = run(folder, "-r", "-o", out, "--jobs", "2")
    assert again.code == 4
    assert [len(server.requests) for server in services] == [4, 4], "what is done is not made again"
    assert sum(deck["cost_usd"] for deck in again.report["decks"]) == 0


def test_sources_of_every_kind_are_one_command_and_each_deck_is_done_once(run, services, decks, tmp_path, monkeypatch):
    folder = decks(bread=1, sub__clocks=1, ferries=1, kites=1)
    (tmp_path / "list.txt").write_text("decks/bread.pptx\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("decks/ferries.pptx\ndecks/bread.pptx\n"))
    ran = run("@list.txt", "-", "decks/k*.pptx", folder / "sub", "decks/bread.pptx")
    assert ran.code == 0, ran.err
    assert [Path(deck["output"]) for deck in ran.report["decks"]] == [
        Path("decks/bread.illustrated.pptx"),
        Path("decks/ferries.illustrated.pptx"),
        Path("decks/kites.illustrated.pptx"),
        folder / "sub" / "clocks.illustrated.pptx",
    ]
    again = run(*sorted(folder.glob("*.pptx")))  # as a shell does it
    assert [Path(deck["input"]).name for deck in again.report["decks"]] == ["bread.pptx", "ferries.pptx", "kites.pptx"]
    assert len(services[1].requests) == 4


def test_two_decks_for_one_output_are_told_apart_by_refusing_the_second(run, services, decks, tmp_path):
    folder = decks(a__bread=1, b__bread=1)
    ran = run(folder / "a" / "bread.pptx", folder / "b" / "bread.pptx", "-o", tmp_path / "out")
    assert ran.code == 2
    first, second = ran.report["decks"]
    assert (first["exit_code"], second["exit_code"]) == (0, 2)
    assert "its output" in second["message"]


def test_the_delay_between_pictures_holds_over_all_decks(run, services, decks, tmp_path):
    folder = decks(bread=1, clocks=1, ferries=1, gardens=1)
    config = "workers: {prompt_delay_s: 0, image_delay_s: 0.5}\n"
    ran = run(folder, "-o", tmp_path / "out", "--jobs", "4", config=config)
    assert ran.code == 0, ran.err
    starts = [request.at_s for request in services[1].requests]
    assert len(starts) == 4
    assert max(starts) - min(starts) > 3 * 0.5 - 0.4  # the first request takes longest on its way


def test_the_calls_a_service_takes_at_once_hold_over_all_decks(run, services, decks, tmp_path):
    _, openai = services
    openai.latency_s = 0.2
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "openai.yaml").write_text("service: openai\nlimits: {parallel: 2}\n", encoding="utf-8")
    folder = decks(bread=1, clocks=1, ferries=1, gardens=1, kites=1, lamps=1)
    ran = run(folder, "-o", tmp_path / "out", "--jobs", "6", config=FAST + "services: {catalog: catalog}\n")
    assert ran.code == 0, ran.err
    assert openai.peak_in_flight == 2


def test_a_budget_holds_over_all_decks_and_what_is_in_the_store_is_made_all_the_same(run, services, decks, tmp_path):
    _, openai = services
    folder = decks(bread=1, clocks=1, ferries=1, kites=1)
    assert run(folder / "kites.pptx", "-o", tmp_path / "k.pptx").code == 0
    (folder / "kites.pptx").rename(folder / "last.pptx")
    config = FAST + "budget: {max_images_per_day: 3}\n"
    ran = run(folder, "-o", tmp_path / "out", "--force", config=config)
    assert ran.code == 10
    assert len(openai.requests) == 3
    assert {name: deck["exit_code"] for name, deck in by_name(ran).items()} == {
        "bread.pptx": 0,
        "clocks.pptx": 0,
        "ferries.pptx": 10,
        "last.pptx": 0,  # its picture is in the store
    }


def test_a_refused_key_is_tried_for_one_deck_and_not_for_all(run, services, decks, tmp_path):
    _, openai = services
    openai.faults.always(openai_faults.bad_key())
    folder = decks(bread=1, clocks=1, ferries=1)
    ran = run(folder, "-o", tmp_path / "out")
    assert ran.code == 6
    assert len(openai.requests) == 1
    assert len(ran.report["decks"]) == 1
    assert "the same for the 2 that are left" in ran.report["message"]


def test_a_key_that_is_missing_is_told_once(run, decks, tmp_path):
    config = FAST + "images: {provider: openai}\n"
    ran = run(decks(bread=1, clocks=1, ferries=1), "-o", tmp_path / "out", config=config)
    assert ran.code == 6
    assert len(ran.report["decks"]) == 1


def test_reports_are_written_in_every_form_for_many_decks_and_for_one(run, decks, tmp_path):
    folder = decks(bread=1, clocks=1)
    reports = [tmp_path / f"report.{ending}" for ending in ("json", "html", "txt")]
    options = [word for report in reports for word in ("--report", report)]
    ran = run(folder, "-o", tmp_path / "out", "--offline", *options, config=COARSE)
    assert ran.code == 0, ran.err
    assert json.loads(reports[0].read_text()) == ran.report
    assert all("clocks.pptx" in report.read_text(encoding="utf-8") for report in reports)

    one = run(folder / "bread.pptx", "-o", tmp_path / "one.pptx", "--offline", *options[:2], config=COARSE)
    assert one.report["slides"], "the report on stdout is that of one deck"
    (written,) = json.loads(reports[0].read_text())["decks"]
    assert written["output"] == str(tmp_path / "one.pptx")

    refused = run("none.pptx", *options[:2])
    assert (refused.code, refused.report["input"]) == (4, "none.pptx")
    (written,) = json.loads(reports[0].read_text())["decks"]
    assert (written["exit_code"], written["message"]) == (4, refused.report["message"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["decks", "-o", "decks/bread.pptx"], "several decks go into a folder"),
        (["decks", "-o", "new.pptx"], "several decks go into a folder"),
        (["decks", "-o", "./decks/"], "is where the decks are"),
        (["decks", "--batch", "--wait"], "--wait waits for one deck"),
        (["decks", "--report", "none/r.html"], "cannot be written there"),
        (["decks", "--jobs", "0"], "decks.jobs"),
        (["decks", "--dry-run", "--report", "r.html"], "leave it out, or --dry-run"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_deck_is_begun(run, services, decks, words, told):
    decks(bread=1)
    ran = run(*words)
    assert ran.code in {2, 5}
    assert told in ran.report["message"]
    assert [len(server.requests) for server in services] == [0, 0]


def test_a_report_of_another_kind_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["decks", "--report", "r.pdf"])
    assert "name a file that ends in .html, .json, .txt" in capsys.readouterr().err


def test_where_there_is_no_deck_nothing_is_to_do(run, tmp_path):
    (tmp_path / "decks").mkdir()
    ran = run("decks")
    assert (ran.code, ran.report["decks"]) == (3, [])
    assert run("decks/*.pptx").code == 2


def test_the_plan_of_many_is_a_line_for_each_and_the_sum(run, services, decks):
    folder = decks(bread=2, clocks=1)
    (folder / "broken.pptx").write_bytes(b"no deck")
    ran = run("plan", folder)
    assert ran.code == 4
    found = by_name(ran)
    assert (found["bread.pptx"]["planned"], found["clocks.pptx"]["planned"], ran.report["planned"]) == (2, 1, 3)
    assert ran.report["cost_usd"] == pytest.approx(sum(deck["cost_usd"] for deck in found.values()))
    assert found["broken.pptx"]["message"]
    text = run(folder, "--dry-run", "-o", "out", as_json=False).out
    assert "3 decks: 3 of 3 slides get a picture, for about $" in text
    assert [len(server.requests) for server in services] == [0, 0]
    assert not Path("out").exists()


def test_the_sum_of_a_plan_may_be_over_a_budget_that_each_deck_fits(run, services, decks):
    ran = run("plan", decks(bread=2, clocks=2), config=FAST + "budget: {max_images_per_day: 3}\n")
    assert ran.code == 10
    assert [deck["exit_code"] for deck in ran.report["decks"]] == [0, 0]
    assert ran.report["exceeds"] == ["budget.max_images_per_day: 3, of which 0 are made; all together make 4"]


def test_people_are_told_a_line_a_deck_and_quietly_only_what_failed(run, decks, tmp_path):
    folder = decks(bread=1)
    (folder / "broken.pptx").write_bytes(b"no deck")
    loud = run(folder, "-o", tmp_path / "out", "--offline", config=COARSE, as_json=False)
    assert f"{folder / 'bread.pptx'}: done, 1 of 1 pictures" in loud.err
    assert f"{folder / 'broken.pptx'}: failed: " in loud.err
    assert "1 of 2 decks is done" in loud.out
    quiet = run(folder, "-o", tmp_path / "out", "--offline", "-q", config=COARSE, as_json=False)
    assert quiet.out == ""
    assert [line.partition(": ")[0] for line in quiet.err.splitlines()] == [str(folder / "broken.pptx")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_refused_and_waited_for_by_nobody(run, services, make_deck, tmp_path):
    decks = tmp_path / "decks"
    decks.mkdir()
    os.mkfifo(decks / "a.pptx")
    make_deck(1).rename(decks / "b.pptx")
    ran = run(decks, "-o", tmp_path / "made")
    assert [deck["exit_code"] for deck in ran.report["decks"]] == [4, 0]


def test_a_report_that_cannot_be_written_in_the_end_takes_no_other(run, services, make_deck, tmp_path, monkeypatch):
    deck, written = make_deck(1), []

    def full(path, data):
        if path.suffix == ".html":
            raise OSError(28, "No space left on device")
        written.append(path.name)

    monkeypatch.setattr("pipeline.cli.collection.write_whole", full)
    words = ("--report", tmp_path / "r.html", "--report", tmp_path / "r.txt")
    ran = run(deck, "-o", tmp_path / "out.pptx", *words)
    assert ran.code == 5
    assert ran.report["exit_code"] == 0
    assert written == ["r.txt"]
    assert "--report" in ran.err
