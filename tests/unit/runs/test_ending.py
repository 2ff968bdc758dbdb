"""How a run ended: the code that says most, and a report that hides nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.engine.board import Board
from pipeline.engine.clock import StopCause, StopSignal
from pipeline.engine.messages import Drawn
from pipeline.errors import DeliveryError, ExitCode, FileAccessError
from pipeline.outcomes import RunStatus
from pipeline.records import FittedPicture
from pipeline.runs.assembly import Run
from pipeline.runs.ending import Delivery, report_of
from pipeline.runs.preparing import Order
from pipeline.runs.spending.budgets import Account
from pipeline.store.work_folder import WorkFolder
from tests.builders import plan

OUT = Delivery(path=Path("out.pptx"))


PICTURE = FittedPicture(data=b"", extension="png", width_px=1, height_px=1)


def run_of(*, illustrated=(), failed=(), cards=(), skipped=(), cause=None):
    plans = [plan(n) for n in (*illustrated, *failed, *cards)] + [plan(n, slot=None, reason="hidden") for n in skipped]
    board = Board(plans, 0.8, lambda event: None)
    for number in (*illustrated, *cards):
        drawn = Drawn(
            slide_number=number,
            alt_text="a",
            fit=lambda: PICTURE,
            provider="p",
            model="m",
            attempts=1,
            cost_usd=0,
            image=Path("i.png"),
            stands_in_for="nobody answered" if number in cards else "",
        )
        board.charge(number, 0.5)
        (board.marked if number in cards else board.illustrated)(drawn, ())
    for number in failed:
        board.image_failed(number, "refused", ())
    stop = StopSignal()
    if cause:
        stop.request(cause, "why it stopped", None)
    prepared = SimpleNamespace(
        order=Order(input=Path("deck.pptx")),
        jobs=dict.fromkeys([*illustrated, *failed, *cards]),
        services=SimpleNamespace(are_offline=False),
    )
    return Run(
        id="r",
        prepared=prepared,
        account=Account(run_id="r"),
        work_key="",
        keeping=None,
        output=Path("out.pptx"),
        may_overwrite=False,
        board=board,
        stop=stop,
        work_folder=WorkFolder(Path("out.work")),
    )


def ended(delivery=OUT, **run):
    return report_of(run_of(**run), delivery)


@pytest.mark.parametrize("illustrated", [(2, 3), ()], ids=["beside pictures", "alone"])
def test_a_card_in_the_deck_makes_it_partial(illustrated):
    report = ended(illustrated=illustrated, cards=(4,))
    assert (report.exit_code, report.status) == (ExitCode.PARTIAL, RunStatus.PARTIAL)
    assert (report.images.succeeded, report.images.failed) == (len(illustrated), 1)


def test_where_every_gate_is_open_and_nothing_came_through_the_last_reason_is_told():
    report = ended(Delivery(), failed=(2, 3))
    assert report.exit_code is ExitCode.IMAGE_GATE
    assert report.message == "no slide came through; the last: refused"


def test_all_pictures_in_is_success():
    report = ended(illustrated=(2, 3), skipped=(1,))
    assert (report.exit_code, report.status) == (ExitCode.OK, RunStatus.SUCCESS)
    assert (report.output, report.partial_output) == (Path("out.pptx"), None)
    assert (report.planned, report.cost_usd) == (2, 1.0)
    assert len(report.slides) == 3


def test_some_failed_above_the_gate_is_partial():
    report = ended(illustrated=(2, 3, 4, 5), failed=(6,))
    assert (report.exit_code, report.status) == (ExitCode.PARTIAL, RunStatus.PARTIAL)
    assert report.output == Path("out.pptx")


def test_no_slide_that_wants_a_picture_is_nothing_to_do():
    report = ended(Delivery(), skipped=(1, 2))
    assert (report.exit_code, report.status) == (ExitCode.NOTHING_TO_DO, RunStatus.NOTHING_TO_DO)
    assert report.work_folder is None


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (StopCause.PROMPT_GATE, ExitCode.PROMPT_GATE),
        (StopCause.IMAGE_GATE, ExitCode.IMAGE_GATE),
        (StopCause.CREDENTIALS, ExitCode.CREDENTIALS),
        (StopCause.FILE_ACCESS, ExitCode.FILE_ACCESS),
        (StopCause.BUDGET, ExitCode.BUDGET),
        (StopCause.INTERRUPTED, ExitCode.INTERRUPTED),
        (StopCause.TERMINATED, ExitCode.TERMINATED),
        (StopCause.BUG, ExitCode.BUG),
    ],
)
def test_a_run_broken_off_ends_in_its_causes_code_and_what_there_is_is_called_partial(cause, code):
    report = ended(Delivery(path=Path("out.partial.pptx")), illustrated=(2,), failed=(3,), cause=cause)
    remedy = "; raise it and run again: only the rest is paid for" if cause is StopCause.BUDGET else ""
    assert (report.exit_code, report.status, report.message) == (code, RunStatus.FAILED, f"why it stopped{remedy}")
    assert (report.output, report.partial_output) == (None, Path("out.partial.pptx"))


def test_every_cause_has_a_code():
    for cause in StopCause:
        assert ended(Delivery(), failed=(2,), cause=cause).exit_code != ExitCode.OK


@pytest.mark.parametrize("failure", [DeliveryError("lacks a picture"), FileAccessError("disk full")])
def test_a_deck_that_could_not_be_delivered_is_failed_and_says_why(failure):
    report = ended(Delivery(failure=failure), illustrated=(2,))
    assert (report.exit_code, report.status) == (failure.exit_code, RunStatus.FAILED)
    assert report.message == str(failure)
    assert report.output is report.partial_output is None


def test_why_a_run_was_broken_off_says_more_than_that_what_there_is_could_not_be_saved():
    delivery = Delivery(failure=FileAccessError("disk full"))
    report = ended(delivery, illustrated=(2,), failed=(3,), cause=StopCause.CREDENTIALS)
    assert (report.exit_code, report.message) == (ExitCode.CREDENTIALS, "why it stopped")


def test_where_a_batch_is_under_way_the_run_waits_whatever_there_is_by_now():
    run = run_of(illustrated=(2, 3))
    report = report_of(run, Delivery(), under_way="2 images are under way in batch b")
    assert (report.exit_code, report.status) == (ExitCode.WAITING, RunStatus.WAITING)
    assert report.message == "2 images are under way in batch b"
    assert report.output is report.partial_output is None
