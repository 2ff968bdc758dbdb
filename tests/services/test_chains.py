"""Several services in a chain: whoever cannot help is left, no slide is lost, and the report tells every call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes import OpenAIServer, anthropic_faults, openai_faults, stability_faults
from tests.fakes.faults import fine
from tests.integration.conftest import Ran
from tests.integration.support import give_subjects, our_pictures, picturing
from tests.services.conftest import Watched
from tests.services.table import SERVICES

TWO = "images: {chain: [openai, stability]}\n"
WITH_CARD = "images: {chain: [openai, stability, placeholder]}\n"
HALF = "gate: {min_success_rate: 0.5}\n"
KITE = "A red kite above a wide green valley in the morning"


@pytest.fixture
def both(person, claude) -> Iterator[list[Watched]]:
    """OpenAI and Stability AI, with Claude for the prompts."""
    openai, stability = person("openai", "stability")
    assert isinstance(openai.server, OpenAIServer)
    openai.server.shrink = 4
    yield [openai, stability]
    openai.server.shrink = 1


def calls(ran: Ran) -> list[dict[str, Any]]:
    """Every failed call of the report."""
    return [call for slide in ran.report["slides"] for call in slide["failed_calls"]]


def assert_all_told(ran: Ran, *watched: Watched) -> None:
    """Every call that came to a service is in the report: as a failed one, or as the one a picture is from."""
    for each in watched:
        name = "openai" if each is watched[0] else "stability"
        drawn = sum(slide["provider"] == name for slide in ran.report["slides"])
        failed = sum(call["provider"] == name for call in calls(ran))
        assert len(each.posts) == drawn + failed
    attempts = sum(slide["attempts"] for slide in ran.report["slides"])
    assert attempts == sum(len(each.posts) for each in watched)


LEAVING = {"bad_key": "auth", "no_credit": "billing", "retired_model": "unknown_model"}


@pytest.mark.parametrize("fault", LEAVING)
def test_a_service_that_cannot_go_on_is_left_in_the_middle_of_a_run(both, illustrate, out, fault):
    openai, stability = both
    openai.server.faults.when(lambda _: True, fine, times=1)
    openai.server.faults.always(getattr(openai_faults, fault)())
    ran = illustrate(4, "--sequential", config=TWO)
    assert ran.code == 0, ran.err
    assert [slide["provider"] for slide in ran.report["slides"][1:]] == ["openai", *["stability"] * 3]
    assert set(our_pictures(out)) == {2, 3, 4, 5}
    assert len(openai.posts) == 2, "asked no more once it is left"
    [call] = calls(ran)
    assert (call["provider"], call["model"], call["kind"]) == ("openai", "gpt-image-2.6-flare", LEAVING[fault])
    assert "OpenAI" in call["message"]
    assert "left for the rest of the run" in ran.err
    assert_all_told(ran, openai, stability)


def test_workers_at_work_when_a_service_is_left_lose_no_slide(both, illustrate, out):
    openai, stability = both
    openai.server.faults.when(lambda _: True, fine, times=2)
    openai.server.faults.always(openai_faults.bad_key())
    ran = illustrate(6, "--workers", "3", config=TWO)
    assert ran.code == 0, ran.err
    assert set(our_pictures(out)) == set(range(2, 8))
    assert 3 <= len(openai.posts) <= 5
    assert_all_told(ran, openai, stability)


def test_a_service_that_keeps_failing_is_left(both, illustrate, out):
    openai, stability = both
    openai.server.faults.always(openai_faults.overloaded("0"))
    ran = illustrate(4, "--sequential", config=TWO + "workers: {max_attempts: 2}\n")
    assert ran.code == 0, ran.err
    assert set(our_pictures(out)) == {2, 3, 4, 5}
    assert len(openai.posts) == 5, "five failures in a row open its circuit"
    assert {call["kind"] for call in calls(ran)} == {"transient"}
    assert "left for the rest of the run" in ran.err
    assert_all_told(ran, openai, stability)


def test_a_failure_of_one_picture_leaves_nobody(both, claude, illustrate):
    openai, stability = both
    give_subjects(claude, {3: KITE})
    openai.server.faults.when(picturing(KITE), openai_faults.bad_parameter())
    ran = illustrate(3, "--sequential", config=TWO)
    assert ran.code == 0, ran.err
    assert [slide["provider"] for slide in ran.report["slides"][1:]] == ["openai", "stability", "openai"]
    assert_all_told(ran, openai, stability)


def test_a_refusal_by_policy_has_a_milder_prompt_written_first(both, claude, illustrate):
    openai, stability = both
    openai.server.faults.when(lambda _: True, openai_faults.policy_refusal(), times=1)
    ran = illustrate(1, config=TWO)
    assert ran.code == 0, ran.err
    assert ran.slide(2)["provider"] == "openai"
    assert (len(claude.requests), len(openai.posts), len(stability.posts)) == (2, 2, 0)
    first, second = (post.body["prompt"] for post in openai.posts)
    assert first != second
    assert_all_told(ran, openai, stability)


def test_a_milder_prompt_that_is_refused_too_goes_to_the_next_service(both, claude, illustrate):
    openai, stability = both
    openai.server.faults.always(openai_faults.policy_refusal())
    ran = illustrate(1, config=TWO)
    assert ran.code == 0, ran.err
    assert ran.slide(2)["provider"] == "stability"
    assert (len(claude.requests), len(openai.posts), len(stability.posts)) == (2, 2, 1)
    assert stability.posts[0].body["prompt"] == openai.posts[1].body["prompt"] == ran.slide(2)["prompt"]
    assert [call["kind"] for call in calls(ran)] == ["policy", "policy"]
    assert_all_told(ran, openai, stability)


def test_where_no_milder_prompt_can_be_had_the_next_service_takes_the_first(both, claude, illustrate):
    openai, stability = both
    openai.server.faults.always(openai_faults.policy_refusal())
    claude.faults.on_call(2, anthropic_faults.refusal())
    claude.faults.on_call(3, anthropic_faults.refusal())
    ran = illustrate(1, config=TWO)
    assert ran.code == 0, ran.err
    assert ran.slide(2)["provider"] == "stability"
    assert stability.posts[0].body["prompt"] == openai.posts[0].body["prompt"]
    assert len(openai.posts) == 1, "it has refused this very prompt"


# --- the placeholder ---


@pytest.fixture
def one_fails(both, claude):
    """Of every deck slide 2 has a subject that no service draws."""
    openai, stability = both
    give_subjects(claude, {2: KITE})
    openai.server.faults.when(picturing(KITE), openai_faults.bad_parameter())
    stability.server.faults.when(picturing(KITE), stability_faults.bad_parameter())
    return both


def test_a_card_stands_where_nobody_could_draw_and_does_not_count(one_fails, illustrate, out):
    ran = illustrate(2, config=WITH_CARD + HALF)
    assert ran.code == 20, ran.err
    assert ran.report["status"] == "partial"
    assert [slide["status"] for slide in ran.report["slides"][1:]] == ["placeholder", "illustrated"]
    slide = ran.slide(2)
    assert (slide["provider"], slide["image"]) == ("placeholder", None)
    assert [(call["provider"], call["kind"]) for call in slide["failed_calls"]] == [
        ("openai", "bad_parameter"),
        ("stability", "bad_parameter"),
    ]
    assert ran.report["images"] == {"succeeded": 1, "failed": 1}
    pictures = our_pictures(out)
    assert set(pictures) == {2, 3}
    assert "Placeholder" in pictures[2]._element.nvPicPr.cNvPr.get("descr")
    assert_all_told(ran, *one_fails)


def test_cards_do_not_open_the_gate(one_fails, illustrate, out):
    ran = illustrate(2, config=WITH_CARD + "gate: {min_success_rate: 0.8}\n")
    assert ran.code == 8, ran.err
    assert not out.exists()


def test_the_next_run_puts_a_picture_in_place_of_the_card(one_fails, run, illustrate, out, tmp_path):
    openai, _ = one_fails
    assert illustrate(2, config=WITH_CARD + HALF).code == 20
    before = our_pictures(out)
    for each in one_fails:
        each.server.faults.clear()
    posts = len(openai.posts)
    again = tmp_path / "again.pptx"
    ran = run(out, "-o", again, config=WITH_CARD)
    assert ran.code == 0, ran.err
    after = our_pictures(again)
    assert set(after) == {2, 3}
    assert after[2].image.sha1 != before[2].image.sha1
    assert after[3].image.sha1 == before[3].image.sha1
    assert "Placeholder" not in after[2]._element.nvPicPr.cNvPr.get("descr")
    assert [slide["status"] for slide in ran.report["slides"]] == ["skipped", "illustrated", "skipped"]
    assert len(openai.posts) == posts + 1


# --- nobody is left ---


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [("bad_key", "bad_key", 6), ("no_credit", "bad_key", 6), ("server_error", "server_error", 8)],
)
def test_where_all_services_are_out_the_run_says_so(both, illustrate, out, first, second, code):
    openai, stability = both
    openai.server.faults.always(getattr(openai_faults, first)())
    stability.server.faults.always(getattr(stability_faults, second)())
    ran = illustrate(3, "--sequential", config=TWO + "workers: {max_attempts: 1}\n")
    assert ran.code == code, ran.err
    assert not out.exists()
    assert "OpenAI" in ran.out
    assert "Stability AI" in ran.out


@pytest.mark.parametrize("second", ["server_error", "retired_model"])
def test_a_refused_key_beside_a_service_that_fails_otherwise_ends_by_the_gate(both, illustrate, second):
    openai, stability = both
    openai.server.faults.always(openai_faults.bad_key())
    stability.server.faults.always(getattr(stability_faults, second)())
    ran = illustrate(3, "--sequential", config=TWO + "workers: {max_attempts: 1}\n")
    assert ran.code == 8, ran.err
    assert len(openai.posts) == 1


@pytest.mark.parametrize(
    ("fault", "posts"), [("bad_key", 1), ("no_credit", 1), ("retired_model", 1), ("server_error", 2)]
)
def test_where_all_services_are_out_cards_stand_on_every_slide_if_the_gate_lets_them(
    both, illustrate, out, fault, posts
):
    openai, stability = both
    openai.server.faults.always(getattr(openai_faults, fault)())
    stability.server.faults.always(getattr(stability_faults, fault)())
    more = "workers: {max_attempts: 1}\ngate: {min_success_rate: 0}\n"
    ran = illustrate(2, "--sequential", config=WITH_CARD + more)
    assert ran.code == 20, ran.err
    assert [slide["status"] for slide in ran.report["slides"][1:]] == ["placeholder", "placeholder"]
    assert set(our_pictures(out)) == {2, 3}
    assert (len(openai.posts), len(stability.posts)) == (posts, posts), "who is left is not asked again"
    assert_all_told(ran, openai, stability)


def test_a_service_without_its_key_is_left_out_of_a_chain_and_told(person, illustrate, monkeypatch):
    openai, stability = person("openai", "stability")
    monkeypatch.delenv("OPENAI_API_KEY")
    ran = illustrate(1, config=TWO)
    assert ran.code == 0, ran.err
    assert "OPENAI_API_KEY" in ran.err
    assert (len(openai.posts), len(stability.posts)) == (0, 1)


def test_every_service_can_stand_in_one_chain(person, illustrate, out):
    """All but the last refuse in turn, each in its own words; the last one draws."""
    watched = person(*SERVICES)
    faults = ["bad_key", "no_credit", "retired_model", "bad_parameter", "policy_refusal", "server_error"]
    for number, (row, each) in enumerate(zip(SERVICES[:-1], watched, strict=False)):
        each.server.faults.always(getattr(row.faults, faults[number % len(faults)])())
    names = ", ".join(row.name for row in SERVICES)
    config = f"{{images: {{chain: [{names}]}}, prompts: {{provider: offline}}, workers: {{max_attempts: 1}}}}\n"
    ran = illustrate(1, config=config)
    assert ran.code == 0, ran.err
    assert ran.slide(2)["provider"] == SERVICES[-1].service
    assert {call["provider"] for call in calls(ran)} == {row.service for row in SERVICES[:-1]}
    assert set(our_pictures(out)) == {2}
