"""Slides fail: what is delivered, what is kept, and what the next run still has to pay for."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.fakes import openai_faults
from tests.integration.support import (
    KITE,
    NOTHING_DELIVERED,
    QUICK,
    WORK,
    give_subjects,
    kept_images,
    names_in,
    our_pictures,
    picturing,
)

WONT_DRAW = openai_faults.error(400, "This cannot be drawn.", code="invalid_value")


def test_a_quarter_failing_is_below_the_gate_and_the_rest_is_kept_beside(illustrate, services, out, tmp_path):
    claude, openai = services
    give_subjects(claude, {5: KITE})
    openai.faults.when(picturing(KITE), WONT_DRAW)
    ran = illustrate(4)
    assert ran.code == ran.report["exit_code"] == 8
    assert (ran.report["status"], ran.report["output"]) == ("failed", None)
    assert not out.exists()
    partial = tmp_path / "out.partial.pptx"
    assert ran.report["partial_output"] == str(partial)
    assert set(our_pictures(partial)) == {2, 3, 4}
    assert ran.report["images"] == {"succeeded": 3, "failed": 1}
    assert len(kept_images()) == 3
    assert names_in(tmp_path / WORK) == {"run.log"}
    assert names_in(tmp_path) == NOTHING_DELIVERED | {partial.name}


def test_one_in_ten_failing_is_delivered_with_its_reason_told(illustrate, services, out, tmp_path):
    claude, openai = services
    give_subjects(claude, {5: KITE})
    openai.faults.when(picturing(KITE), WONT_DRAW)
    ran = illustrate(10, "--workers", "4")
    assert ran.code == ran.report["exit_code"] == 20
    assert (ran.report["status"], ran.report["output"]) == ("partial", str(out))
    assert set(our_pictures(out)) == {2, 3, 4, 6, 7, 8, 9, 10, 11}
    failed = ran.slide(5)
    assert (failed["status"], failed["image"]) == ("failed", None)
    assert "This cannot be drawn" in failed["reason"]
    assert failed["prompt"]
    for slide in ran.report["slides"]:
        assert slide["image"] is None or Path(slide["image"]).is_file()
    assert sum(slide["image"] is not None for slide in ran.report["slides"]) == 9
    assert names_in(tmp_path) == NOTHING_DELIVERED | {"out.pptx"}


def test_a_run_without_one_picture_is_not_called_delivered_however_open_the_gate(illustrate, services):
    _, openai = services
    openai.faults.always(WONT_DRAW)
    ran = illustrate(2, config=QUICK + "gate: {min_success_rate: 0}\n")
    assert ran.report["output"] is None
    assert (ran.code, ran.report["status"]) == (8, "failed")


def test_running_again_after_a_failed_run_pays_only_for_what_is_missing(run, services, make_deck, out, tmp_path):
    claude, openai = services
    give_subjects(claude, {5: KITE})
    openai.faults.when(picturing(KITE), WONT_DRAW)
    source = make_deck(4)
    first = run(source, "-o", out)
    assert first.code == 8
    made, written = len(kept_images()), len(claude.requests)
    asked = len(openai.requests)
    assert (made, written) == (3, 4)
    openai.faults.clear()
    second = run(source, "-o", out)
    assert second.code == 0, second.err
    assert second.report["money"]["saved_usd"] == pytest.approx(first.report["money"]["delivered_usd"], abs=0.02)
    assert len(claude.requests) == written, "every prompt was kept"
    assert len(openai.requests) == asked + 1
    assert set(our_pictures(out)) == {2, 3, 4, 5}
    assert 0 < second.report["cost_usd"] < first.report["cost_usd"]
    assert [second.slide(number)["attempts"] for number in (2, 3, 4, 5)] == [0, 0, 0, 1]


def test_a_kept_picture_that_was_damaged_on_disk_is_made_anew(run, services, make_deck, out, tmp_path):
    _, openai = services
    source = make_deck(2)
    run(source, "-o", out)
    victim = kept_images()[0]
    victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2])
    out.unlink()  # else that deck is what is asked for
    ran = run(source, "-o", out)
    assert ran.code == 0, ran.err
    assert len(openai.requests) == 3
    with Image.open(ran.slide(2)["image"]) as image:
        image.load()


def test_a_run_leaves_no_connection_open(illustrate, services):
    """Where runs follow each other in one process, connections would pile up until the collector happens to come."""
    gc.disable()
    try:
        assert illustrate(1).code == 0
        deadline = time.monotonic() + 3
        while any(service._listener._open for service in services) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert [len(service._listener._open) for service in services] == [0, 0]
    finally:
        gc.enable()
