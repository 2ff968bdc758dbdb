"""What a file comes to is moved to its place once, under one name, wherever it is broken off."""

from __future__ import annotations

import json

import pytest

from pipeline.errors import ExitCode
from pipeline.outcomes import DeckOutcome, RunStatus
from pipeline.runs.watching.claims import claim_file
from pipeline.runs.watching.endings import (
    REPORT,
    Ending,
    Move,
    Verdict,
    decide,
    finish,
    outcome_in_place,
    read_ending,
)
from pipeline.runs.watching.folders import Role
from pipeline.runs.watching.inbox import Candidate, stamp_of
from pipeline.runs.watching.making import sent_back

OUTCOME = DeckOutcome(
    input="somewhere",
    output="elsewhere",
    status=RunStatus.PARTIAL,
    exit_code=ExitCode.PARTIAL,
    message="a dèck",
    errors=("slide 2: no", "slide 3: no"),
)


@pytest.fixture
def taken(put, folders):
    """A file that was taken and made."""

    def take(name="a.pptx"):
        path = put(name, name.encode())
        claim, _ = claim_file(Candidate(path, stamp_of(path)), folders.processing, "me")
        claim.made.mkdir()
        (claim.made / "deck.pptx").write_bytes(b"made of " + name.encode())
        (claim.made / "report.json").write_text('{"run_id": "r", "input": "old"}', encoding="ascii")
        return claim

    return take


def done(name="a.pptx"):
    moves = (
        Move(source="made/report.json", to=Role.OUTBOX, suffix=REPORT),
        Move(source="made/deck.pptx", to=Role.OUTBOX, suffix=".pptx"),
        Move(source=f"original/{name}", to=Role.ORIGINALS, suffix=".pptx"),
    )
    return Ending(verdict=Verdict.DONE, outcome=OUTCOME, name=name, moves=moves)


def all_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_done_deck_its_report_and_its_original_go_to_their_places(taken, folders):
    claim = taken()
    ending = finish(claim, decide(claim, done(), folders), folders)
    assert all_in(folders.outbox) == ["a.pptx", "a.report.json", "originals/a.pptx"]
    assert (folders.outbox / "originals" / "a.pptx").read_bytes() == b"a.pptx"
    report = json.loads((folders.outbox / "a.report.json").read_text())
    assert report == {
        "run_id": "r",
        "input": str(folders.inbox / "a.pptx"),
        "output": str(folders.outbox / "a.pptx"),
        "partial_output": None,
        "work_folder": None,
    }
    assert outcome_in_place(ending, folders).output == str(folders.outbox / "a.pptx")


def test_what_was_decided_can_be_read_again(taken, folders):
    claim = taken()
    assert read_ending(claim) is None
    ending = decide(claim, done(), folders)
    assert read_ending(claim) == ending


@pytest.mark.parametrize("there", ["a.pptx", "a.report.json", "originals/a.pptx"])
def test_a_second_deck_of_a_name_gets_a_number_for_all_that_is_its(taken, folders, there):
    first = folders.outbox / there
    first.parent.mkdir(exist_ok=True)
    first.write_bytes(b"first")
    claim = taken()
    finish(claim, decide(claim, done(), folders), folders)
    assert first.read_bytes() == b"first"
    assert {"a (2).pptx", "a (2).report.json", "originals/a (2).pptx"} < set(all_in(folders.outbox))
    assert json.loads((folders.outbox / "a (2).report.json").read_text())["output"].endswith("a (2).pptx")


def test_two_that_chose_one_name_at_the_same_time_part(taken, folders):
    claims = [taken(), taken()]
    decided = [decide(claim, done(), folders) for claim in claims]
    assert {ending.number for ending in decided} == {1}
    finished = [finish(claim, ending, folders) for claim, ending in zip(claims, decided, strict=True)]
    assert [ending.number for ending in finished] == [1, 2]
    assert len(all_in(folders.outbox)) == 6
    for number, report in ((1, "a.report.json"), (2, "a (2).report.json")):
        told = json.loads((folders.outbox / report).read_text())["output"]
        assert told == outcome_in_place(finished[number - 1], folders).output


@pytest.mark.parametrize("step", ["os.rename", "os.link", "os.remove"])
def test_an_ending_that_was_broken_off_anywhere_is_finished_once(taken, folders, dies_before, step):
    claim = taken()
    for count in range(1, 20):
        with dies_before(step, count) as died:
            ending = read_ending(claim) or decide(claim, done(), folders)
            finish(claim, ending, folders)
        if not died:
            break
    assert all_in(folders.outbox) == ["a.pptx", "a.report.json", "originals/a.pptx"]
    assert claim.original is None


def test_who_takes_a_deck_away_gets_it_once_though_the_rest_was_broken_off(taken, folders, dies_before):
    claim = taken()
    with dies_before("os.link", 3):  # the original's
        finish(claim, decide(claim, done(), folders), folders)
    (folders.outbox / "a.pptx").unlink()
    finish(claim, read_ending(claim), folders)
    assert all_in(folders.outbox) == ["a.report.json", "originals/a.pptx"]


def test_a_file_goes_back_beside_a_newer_one_of_its_name(taken, folders, put):
    claim = taken()
    newer = put("a.pptx", b"newer")
    finish(claim, decide(claim, sent_back("a.pptx", OUTCOME), folders), folders)
    assert newer.read_bytes() == b"newer"
    assert (folders.inbox / "a (2).pptx").read_bytes() == b"a.pptx"


def test_a_name_as_long_as_can_be_is_cut_for_what_belongs_to_it(taken, folders):
    name = "ü" * 125 + ".pptx"  # 255 bytes
    claim = taken(name)
    finish(claim, decide(claim, done(name), folders), folders)
    assert all_in(folders.outbox) == [f"originals/{'ü' * 115}.pptx", f"{'ü' * 115}.pptx", f"{'ü' * 115}.report.json"]
