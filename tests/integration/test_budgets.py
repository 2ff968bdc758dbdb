"""Nobody is surprised by a bill: however many work at once, no budget is exceeded, and what is paid for is used."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from pptx import Presentation

from pipeline.config.loader import load_configuration
from pipeline.engine.clock import SystemClock
from pipeline.errors import ExitCode
from pipeline.runs.assembly import Surroundings
from pipeline.runs.deck_run import illustrate as run_deck
from pipeline.runs.preparing import Order
from tests.fakes import anthropic_faults, openai_faults
from tests.fakes.faults import hang
from tests.integration.support import BOAT, KITE, for_slide, give_subjects, our_pictures, picturing

SLIDES = 15
TEN = 10
FEW = 5
"""Content slides where no more are needed."""
# What reservations err by at the end: one prompt's estimate, and that of how many words a picture's prompt has.
REST_USD = 0.0004


def config(budget, workers="image_workers: 16", gate="{min_success_rate: 0}", **others):
    more = "".join(f"{key}: {value}\n" for key, value in others.items())
    return f"workers: {{prompt_delay_s: 0, image_delay_s: 0, {workers}}}\ngate: {gate}\nbudget: {{{budget}}}\n{more}"


def database(tmp_path) -> Path:
    (found,) = tmp_path.with_name(f"{tmp_path.name}.home").rglob("history.sqlite")
    return found


def rows(tmp_path, words):
    with sqlite3.connect(f"file:{database(tmp_path)}?mode=ro", uri=True) as connection:
        found = connection.execute(words).fetchall()
    connection.close()
    return found


def illustrated(ran) -> list[int]:
    return [slide["number"] for slide in ran.report["slides"] if slide["status"] == "illustrated"]


def partial_of(out) -> Path:
    return out.with_name("out.partial.pptx")


@pytest.fixture
def cost_usd(run, services, make_deck, tmp_path, monkeypatch) -> Callable[[int], float]:
    """What so many first pictures of a deck and their prompts really cost, seen in a home of its own."""

    def seen(pictures: int) -> float:
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("DECK_ILLUSTRATOR_HOME", str(tmp_path / "elsewhere"))
            ran = run(make_deck(pictures, "priced.pptx"), "-o", tmp_path / "priced-out.pptx")
        assert ran.code == 0, ran.err
        assert len(illustrated(ran)) == pictures
        return float(ran.report["cost_usd"])

    return seen


@pytest.fixture
def counted(services):
    """How many prompts and pictures were asked for since."""
    claude, openai = services
    before = [0, 0]

    def since():
        now = [len(claude.requests), len(openai.requests)]
        new = [now[0] - before[0], now[1] - before[1]]
        before[:] = now
        return new

    return since


def test_sixteen_workers_make_exactly_the_pictures_a_day_allows(illustrate, services, counted, out):
    ran = illustrate(SLIDES, config=config("max_images_per_day: 10"))
    assert ran.code == 10, ran.err
    assert counted() == [TEN, TEN]
    assert len(our_pictures(partial_of(out))) == len(illustrated(ran)) == TEN
    assert not out.exists()
    assert "budget.max_images_per_day: 10 of 10 pictures" in ran.report["message"]


def test_sixteen_workers_make_exactly_the_pictures_that_can_be_paid_for(cost_usd, illustrate, counted, services, out):
    ten_usd = cost_usd(TEN)
    services[1].latency_s = 0.05
    counted()
    ran = illustrate(SLIDES, config=config(f"max_usd_per_run: {ten_usd + REST_USD!r}"))
    assert ran.code == 10, ran.err
    assert counted() == [TEN, TEN]
    assert len(our_pictures(partial_of(out))) == TEN
    assert ran.report["cost_usd"] <= ten_usd + REST_USD


def test_a_larger_budget_pays_only_for_the_rest(illustrate, counted, out, run, tmp_path):
    illustrate(FEW, config=config("max_images_per_day: 3"))
    counted()
    again = run(tmp_path / "deck.pptx", "-o", out, config=config("max_images_per_day: 5"))
    assert again.code == 0, again.err
    assert counted() == [FEW - 3] * 2
    assert len(our_pictures(out)) == FEW


def test_kept_pictures_are_delivered_when_the_budget_is_used_up(illustrate, counted, out, run, tmp_path):
    illustrate(FEW, config=config("max_images_per_day: 3"))
    counted()
    again = run(tmp_path / "deck.pptx", "-o", out, "--force", config=config("max_images_per_day: 3"))
    assert again.code == 10
    assert counted() == [0, 0]
    assert len(our_pictures(partial_of(out))) == 3
    money = again.report["money"]
    assert (money["delivered_usd"], again.report["cost_usd"]) == (0, 0)
    assert money["saved_usd"] > 0


@pytest.mark.parametrize(
    "budget",
    [
        "max_usd_per_deck: {}",
        "max_usd_per_day: {}",
        "max_usd_per_month: {}",
        "projects: {{acme: {{max_usd_per_deck: {}}}}}",
    ],
)
def test_a_budget_holds_over_several_runs_of_a_deck_that_was_edited_meanwhile(
    cost_usd, run, make_deck, out, counted, budget
):
    deck = make_deck(FEW)
    settings = config(budget.format(repr(cost_usd(4) + REST_USD)), project="acme")
    assert run(deck, "-o", out, "--slides", "2-3", config=settings).code == 0
    presentation = Presentation(str(deck))
    presentation.slides[FEW].placeholders[1].text_frame.text = "Where rivers meet the sea they slow down"
    presentation.save(str(deck))
    counted()
    again = run(deck, "-o", out, "--force", config=settings)
    assert again.code == 10, again.err
    assert counted() == [2, 2]
    assert len(illustrated(again)) == 4


def test_another_deck_and_another_project_have_budgets_of_their_own(run, make_deck, out, counted):
    settings = "budget: {projects: {acme: {max_images_per_day: 2}, other: {max_images_per_day: 2}}}\n"
    first = run(make_deck(3), "-o", out, config=config("", project="acme").replace("budget: {}\n", settings))
    assert first.code == 10
    assert counted() == [2, 2]
    other = config("", project="other").replace("budget: {}\n", settings)
    second = run(make_deck(1, "b.pptx"), "-o", out.with_name("b-out.pptx"), config=other)
    assert second.code == 0, second.err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")
def test_two_processes_at_once_share_a_budget(forge, services, make_deck, tmp_path, counted):
    settings = tmp_path / "shared.yaml"
    settings.write_text(config("max_images_per_day: 5", workers="image_workers: 8"), encoding="utf-8")
    children = []
    for number in range(2):
        deck = make_deck(6 + number, f"deck-{number}.pptx")
        presentation = Presentation(str(deck))
        for slide in presentation.slides:
            slide.shapes.title.text = f"{slide.shapes.title.text}, as seen by {('bees', 'whales')[number]}"
        presentation.save(str(deck))
        words = (deck, "-o", tmp_path / f"made-{number}.pptx", "--config", settings, "--quiet")
        children.append(forge.start(*words, said=tmp_path / "said"))
    ended = [child.ended() for child in children]
    assert [code for code, _, _ in ended] == [10, 10], ended
    prompts, pictures = counted()
    assert pictures == 5
    # What another process does cannot be waited for: each may have one prompt written whose picture then is refused.
    assert 5 <= prompts <= 7
    made = sum(len(our_pictures(path)) for path in tmp_path.glob("made-*.pptx"))
    assert made == 5


@pytest.fixture
def deck_with_own_prompts(make_deck):
    """Every other slide has a prompt of the person's own in its notes."""
    path = make_deck(6)
    presentation = Presentation(str(path))
    for number in (2, 4, 6):
        notes = presentation.slides[number - 1].notes_slide.notes_text_frame
        notes.text = f"Image prompt: A wooden lighthouse number {number} on a green hill above the sea"
    presentation.save(str(path))
    return path


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("cap", "words"),
    [
        ("max_images_per_day: 3", ("--sequential",)),
        ("max_images_per_day: 3", ("--workers", "6")),
        ("max_usd_per_run: 0.0425", ("--sequential",)),
        ("max_usd_per_run: 0.0425", ("--workers", "1")),
    ],
)
def test_own_prompts_wait_their_turn_and_no_prompt_is_paid_in_vain(
    run, services, deck_with_own_prompts, out, counted, cap, words
):
    ran = run(deck_with_own_prompts, "-o", out, *words, config=config(cap, workers="queue_size: 2"))
    assert ran.code == 10, ran.err
    assert counted() == [1, 3]
    assert illustrated(ran) == [2, 3, 4]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("words", [("--sequential",), ("--workers", "1"), ("--workers", "6")], ids=" ".join)
def test_room_that_a_slide_gives_back_is_used_by_another(illustrate, services, counted, words):
    claude, openai = services
    claude.faults.when(for_slide(2), anthropic_faults.answering_with(worth_illustrating=False, reason="only figures"))
    give_subjects(claude, {3: KITE})
    openai.faults.when(picturing(KITE), openai_faults.server_error())  # asked three times, never charged
    ran = illustrate(6, *words, config=config("max_images_per_day: 3", workers="max_attempts: 1"))
    assert ran.code == 10, ran.err
    assert illustrated(ran) == [4, 5, 6]
    assert ran.slide(7)["status"] == "failed"
    assert counted() == [5, 4]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("words", [("--sequential",), ("--workers", "1"), ("--workers", "6")], ids=" ".join)
def test_a_milder_prompt_finds_room_or_none_and_the_run_ends(illustrate, services, counted, words):
    claude, openai = services
    give_subjects(claude, {3: KITE})
    openai.faults.when(picturing(KITE), openai_faults.moderation_blocked(), times=1)
    ran = illustrate(6, *words, config=config("max_images_per_day: 3"))
    assert ran.code == 10, ran.err
    assert len(illustrated(ran)) == 3
    prompts, pictures = counted()
    assert pictures == 4  # one was refused and cost nothing
    assert prompts in (4, 5)  # the milder one is written where there is room for its picture


@pytest.mark.timeout(30)
def test_a_refused_picture_becomes_a_card_and_its_room_is_given_back(illustrate, services, counted):
    claude, openai = services
    give_subjects(claude, {3: KITE})
    openai.faults.when(picturing(KITE), openai_faults.bad_parameter())
    chain = "{chain: [openai/gpt-image-2.6-flare, placeholder]}"
    ran = illustrate(4, "--workers", "1", config=config("max_images_per_day: 3", images=chain))
    assert [slide["status"] for slide in ran.report["slides"][1:]] == [
        *("illustrated", "placeholder", "illustrated", "illustrated")
    ]
    assert (ran.code, counted()) == (20, [4, 4])


@pytest.mark.timeout(30)
@pytest.mark.parametrize("workers", [1, 6])
def test_a_call_that_never_ends_counts_as_one_that_may_be_charged(illustrate, services, counted, tmp_path, workers):
    claude, openai = services
    give_subjects(claude, {2: BOAT})
    openai.faults.when(picturing(BOAT), hang(), times=1)
    settings = config("max_images_per_day: 3", workers=f"image_workers: {workers}, image_timeout_s: 1")
    ran = illustrate(5, config=settings)
    assert ran.code == 10, ran.err
    assert illustrated(ran) == [3, 4]
    assert counted() == [3, 3]
    money = ran.report["money"]
    assert (money["maybe_calls"], money["maybe_usd"]) == (1, pytest.approx(0.0138, rel=0.1))
    assert rows(tmp_path, "select count(*), sum(counted_images) from attempts where may_be_charged") == [(1, 1)]


def test_calls_that_failed_without_a_charge_cost_no_budget(illustrate, services, out):
    _, openai = services
    openai.faults.on_call(1, openai_faults.server_error())
    openai.faults.on_call(2, openai_faults.rate_limited("0"))
    ran = illustrate(3, "--workers", "2", config=config("max_images_per_day: 3"))
    assert ran.code == 0, ran.err
    assert len(our_pictures(out)) == 3
    assert ran.report["money"]["maybe_calls"] == 0


def test_a_picture_that_was_paid_for_and_is_of_no_use_counts_and_is_told(illustrate, services):
    _, openai = services
    openai.faults.on_call(1, openai_faults.blank_image)
    ran = illustrate(3, "--workers", "1", config=config("max_images_per_day: 3, credits_per_image: 2.5"))
    money = ran.report["money"]
    assert [one["reason"] for one in money["not_used"]] == ["calls for pictures that failed (empty)"]
    spent = money["delivered_usd"] + sum(one["usd"] for one in money["not_used"])
    assert spent == pytest.approx(ran.report["cost_usd"], abs=2e-6)
    assert money["credits"] == 2.5 * ran.report["images"]["succeeded"]


def test_a_price_nobody_knows_and_a_budget_in_dollars_do_not_go_together(illustrate, services, counted):
    for more in ({"images": "{model: openai/gpt-image-99}"}, {"prompts": "{model: openai/gpt-6.1-terra}"}):
        ran = illustrate(1, as_json=False, config=config("max_usd_per_day: 5", **more))
        assert (ran.code, counted()) == (2, [0, 0])
        assert "is not known, so no bound in dollars holds" in ran.err
        assert len(ran.err.strip().splitlines()) == 1
    assert illustrate(1, config=config("max_usd_per_day: 5"), as_json=False).code == 0


def test_a_plan_says_what_it_will_cost_with_the_kept_at_nothing(run, make_deck, services, counted, out, tmp_path):
    deck = make_deck(4)
    settings = config("credits_per_image: 3")
    first = run("plan", deck, config=settings).report
    assert counted() == [0, 0]
    assert not out.exists()
    parts = [slide["cost_usd"] for slide in first["slides"][1:]]
    assert first["cost_usd"] == pytest.approx(sum(parts), abs=1e-5)
    assert all(part > 0.01 for part in parts)
    assert first["credits"] == 12
    assert run(deck, "-o", out, "--slides", "2-3", config=settings).code == 0
    counted()
    second = run(deck, "-o", out, "--dry-run", config=settings)
    assert (second.code, counted()) == (0, [0, 0])
    assert [slide["cost_usd"] == 0 for slide in second.report["slides"][1:]] == [True, True, False, False]
    assert [slide["has_picture"] for slide in second.report["slides"][1:]] == [True, True, False, False]
    assert second.report["credits"] == 6
    # By now it is known what such pictures really cost, so the plan is not below the bill.
    third = run(deck, "-o", out, "--force", config=settings)
    assert third.code == 0, third.err
    assert third.report["cost_usd"] <= second.report["cost_usd"] <= third.report["cost_usd"] * 1.05


def test_a_plan_beyond_the_budget_is_code_10_and_a_line(run, make_deck, services, counted, out):
    deck = make_deck(4)
    for words in (("plan", deck), (deck, "-o", out, "--dry-run")):
        ran = run(*words, config=config("max_usd_per_run: 0.02, max_images_per_day: 3"), as_json=False)
        assert ran.code == 10
        lines = [line for line in ran.out.splitlines() if line.startswith("Over budget: ")]
        assert [line.split(":")[1].strip() for line in lines] == ["budget.max_usd_per_run", "budget.max_images_per_day"]
    assert counted() == [0, 0]
    assert run("plan", deck, config=config("max_images_per_day: 4")).code == 0


class At:
    """The real clock, but for the date."""

    def __init__(self, moment):
        self._system, self._moment = SystemClock(), moment

    def now(self):
        return self._moment

    def monotonic(self):
        return self._system.monotonic()

    def sleep(self, seconds, stop):
        self._system.sleep(seconds, stop)


@pytest.fixture
def berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("budget", "made_by"),
    [
        # 22:30, 23:30 and 00:30 in Berlin; the day there begins an hour before that of UTC.
        ({"max_images_per_day": 2}, {"2026-11-29T21:30": 2, "2026-11-29T22:30": 2, "2026-11-29T23:30": 4}),
        ({"max_usd_per_day": 0.03}, {"2026-11-29T21:30": 2, "2026-11-29T22:30": 2, "2026-11-29T23:30": 4}),
        ({"max_usd_per_month": 0.03}, {"2026-11-29T21:30": 2, "2026-11-30T22:30": 2, "2026-11-30T23:30": 4}),
    ],
)
@pytest.mark.usefixtures("berlin")
def test_a_day_and_a_month_begin_at_local_midnight(services, make_deck, out, budget, made_by):
    deck = make_deck(5)
    dotted = {f"budget.{key}": value for key, value in budget.items()}
    dotted |= {"workers.prompt_delay_s": 0, "workers.image_delay_s": 0, "gate.min_success_rate": 0}
    made = {}
    for moment in made_by:
        around = Surroundings(sink=lambda _event: None, clock=At(datetime.fromisoformat(f"{moment}+00:00")))
        report = run_deck(Order(input=deck, output=out, force=True), load_configuration(None, dotted), around)
        made[moment] = report.images.succeeded
        assert report.exit_code is ExitCode.BUDGET
    assert made == made_by
