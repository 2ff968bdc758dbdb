"""The image service fails: nothing useless is delivered, nothing is asked more often than helps."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.fakes import OpenAIServer, anthropic_faults, openai_faults
from tests.fakes.faults import Fault, hang, html_error_page, malformed_json, reset_in_mid_body
from tests.fakes.wire import Exchange, Reply
from tests.integration.support import (
    BOAT,
    KITE,
    LENIENT,
    NOTHING_DELIVERED,
    QUICK,
    WORK,
    calls_for,
    for_slide,
    gap_s,
    give_subjects,
    kept_images,
    names_in,
    our_pictures,
    picturing,
    timed,
)

# --- what stops the run ---


@pytest.mark.parametrize(
    "fault",
    [
        openai_faults.bad_key(),
        openai_faults.forbidden(),
        openai_faults.quota_exhausted(),
        openai_faults.quota_exhausted("insufficient_quota"),
        openai_faults.billing_hard_limit_reached(),
    ],
    ids=["401", "403", "429 balance", "429 quota", "400 hard limit"],
)
def test_no_key_or_no_credit_for_images_ends_the_run_and_is_not_tried_again(illustrate, services, tmp_path, fault):
    _, openai = services
    openai.faults.always(fault)
    ran = illustrate(3)
    assert ran.code == 6
    assert "OPENAI_API_KEY" in ran.report["message"]
    assert len(openai.requests) <= 2, "at most one call for each worker"
    assert names_in(tmp_path) == NOTHING_DELIVERED


def test_where_quota_runs_out_on_the_way_the_finished_pictures_are_kept(illustrate, services, out):
    _, openai = services
    openai.faults.on_call(3, openai_faults.quota_exhausted())
    ran = illustrate(4, "--sequential")
    assert ran.code == 6
    assert not out.exists()
    assert set(our_pictures(Path(ran.report["partial_output"]))) == {2, 3}


def test_an_unsupported_quality_is_refused_before_any_call(illustrate, services, tmp_path):
    claude, openai = services
    ran = illustrate(1, config="images: {quality: hd}")
    assert ran.code == 2
    assert "images.quality" in ran.err
    assert "'hd'" in ran.err
    assert claude.requests == openai.requests == ()
    assert names_in(tmp_path) == NOTHING_DELIVERED - {WORK}


def test_an_unknown_image_model_is_said_to_be_unknown(illustrate, services):
    _, openai = services
    ran = illustrate(3, "--image-model", "gpt-image-99")
    assert ran.code == 8
    reasons = [slide["reason"] for slide in ran.report["slides"][1:]]
    assert any("gpt-image-99" in reason and "images.model" in reason for reason in reasons)
    assert len(openai.requests) <= 2


# --- what passes ---


PASSING = {
    "429 in seconds": openai_faults.rate_limited("0"),
    "429 in milliseconds": openai_faults.rate_limited(None, "50"),
    "500": openai_faults.server_error(),
    "503": openai_faults.overloaded("0"),
    "504 of a proxy": html_error_page(504),
    "half a body": malformed_json,
    "reset": reset_in_mid_body,
}


def test_a_passing_fault_is_tried_again_and_the_attempts_are_told(illustrate, services):
    claude, openai = services
    subjects = fail_once(claude, openai, PASSING)
    ran = illustrate(len(PASSING), "--workers", "7")
    assert ran.code == 0, ran.err
    assert {kind: ran.slide(number)["attempts"] for number, kind in subjects.items()} == dict.fromkeys(PASSING, 2)
    assert len(openai.requests) == 2 * len(PASSING)


def fail_once(claude, openai, faults: dict[str, Fault]) -> dict[int, str]:
    """Let the first image call of each slide from 2 on meet one of `faults`; slide number -> kind of fault."""
    subjects = {
        number: f"A paper boat on a blue river, seen from bridge {number}" for number in range(2, 2 + len(faults))
    }
    give_subjects(claude, subjects)
    for subject, fault in zip(subjects.values(), faults.values(), strict=True):
        openai.faults.when(picturing(f"{subject}."), fault, times=1)
    return dict(zip(subjects, faults, strict=True))


def test_a_rate_limit_is_waited_out_as_long_as_the_image_service_says(illustrate, services):
    _, openai = services
    openai.faults.on_call(1, openai_faults.rate_limited("1"))
    assert illustrate(1).code == 0
    assert gap_s(openai.requests) >= 1


def test_a_fault_that_does_not_pass_is_tried_as_often_as_the_settings_say(illustrate, services):
    _, openai = services
    openai.faults.always(openai_faults.overloaded("0"))
    ran = illustrate(1, config=QUICK.replace("}", ", max_attempts: 3}"))
    assert ran.code == 8
    assert ran.slide(2)["attempts"] == len(openai.requests) == 3


def test_an_image_call_that_hangs_fails_its_slide_in_time_and_the_run_ends(illustrate, services, out):
    claude, openai = services
    give_subjects(claude, {2: KITE})
    openai.faults.when(picturing(KITE), hang())
    ran = illustrate(2, config=timed(2))
    assert ran.code == 20, ran.err
    assert (ran.slide(2)["status"], ran.slide(3)["status"]) == ("failed", "illustrated")
    assert re.search("timed out|no answer", ran.slide(2)["reason"])
    assert 2 <= ran.report["seconds"] < 15


def test_no_server_at_the_address_is_a_passing_fault_that_is_told_plainly(illustrate, monkeypatch, out, services):
    with OpenAIServer() as gone:
        monkeypatch.setenv("OPENAI_BASE_URL", gone.base_url)
    ran = illustrate(1, config=QUICK.replace("}", ", max_attempts: 1}"))
    assert ran.code == 8
    assert "onnect" in ran.slide(2)["reason"]
    assert not out.exists()


# --- pictures that are none ---


USELESS = {
    "blank": openai_faults.blank_image,
    "cut off": openai_faults.truncated_image,
    "one pixel": openai_faults.one_pixel_image,
    "text": openai_faults.text_instead_of_image,
    "empty": openai_faults.empty_data,
}


def test_a_useless_picture_is_made_once_more(illustrate, services, out):
    claude, openai = services
    slides = fail_once(claude, openai, USELESS)
    ran = illustrate(len(USELESS), "--workers", "5")
    assert ran.code == 0, ran.err
    assert {kind: ran.slide(number)["attempts"] for number, kind in slides.items()} == dict.fromkeys(USELESS, 2)
    assert len(our_pictures(out)) == len(kept_images()) == len(USELESS)


@pytest.mark.parametrize("fault", USELESS.values(), ids=USELESS)
def test_a_picture_that_is_useless_twice_fails_its_slide_and_none_is_delivered(illustrate, services, out, fault: Fault):
    _, openai = services
    openai.faults.always(fault)
    ran = illustrate(1)
    assert ran.code == 8
    assert (ran.slide(2)["status"], ran.slide(2)["image"], ran.slide(2)["attempts"]) == ("failed", None, 2)
    assert ran.slide(2)["reason"]
    assert len(openai.requests) == 2
    assert kept_images() == []
    assert not out.exists()


def test_what_a_useless_picture_cost_is_told(illustrate, services):
    _, openai = services
    openai.faults.on_call(1, openai_faults.blank_image)
    ran = illustrate(2, "--sequential")
    assert ran.slide(2)["cost_usd"] > 1.5 * ran.slide(3)["cost_usd"] > 0


def test_webp_nobody_asked_for_is_accepted_and_converted(illustrate, services, out):
    _, openai = services
    openai.faults.always(openai_faults.webp_image)
    ran = illustrate(1)
    assert ran.code == 0, ran.err
    assert our_pictures(out)[2].image.ext in {"png", "jpg"}
    with Image.open(ran.slide(2)["image"]) as image:
        assert image.format == "WEBP"
    assert ran.slide(2)["image"].endswith(".webp")


@pytest.mark.parametrize("size", [(512, 512), (2000, 400), (300, 900)])
def test_a_picture_of_another_size_than_asked_is_cropped_to_its_slot(illustrate, services, out, size):
    _, openai = services
    openai.faults.always(openai_faults.wrong_size_image(*size))
    ran = illustrate(1)
    assert ran.code == 0, ran.err
    picture, slot = our_pictures(out)[2], ran.slide(2)["slot"]
    assert (picture.width, picture.height) == (slot["width_emu"], slot["height_emu"])
    with Image.open(BytesIO(picture.image.blob)) as image:
        shown_px = image.width * (1 - picture.crop_left - picture.crop_right)
        shown_high_px = image.height * (1 - picture.crop_top - picture.crop_bottom)
    assert shown_px / shown_high_px == pytest.approx(picture.width / picture.height, rel=0.01)


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": 40, "output_tokens": 900, "total_tokens": 940}])
def test_a_good_picture_is_used_however_little_is_said_of_its_tokens(illustrate, services, usage):
    _, openai = services

    def terse(exchange: Exchange) -> Reply:
        return Reply.of_json(exchange.answer().json() | {"usage": usage})

    openai.faults.always(terse)
    ran = illustrate(1)
    assert ran.code == 0, ran.slide(2)["reason"]
    assert len(openai.requests) == 1


class Hiccups(OpenAIServer):
    """A compatible server whose files are not there at the first asking."""

    def file(self, path: str) -> Reply:
        if path in self.asked:
            return super().file(path)
        self.asked.add(path)
        return Reply(status=503)


def test_a_picture_that_is_paid_for_is_fetched_again_not_made_again(illustrate, claude, monkeypatch):
    with Hiccups(compatible=True) as server:
        server.asked = set()
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", server.api_key)
        ran = illustrate(2, "--image-model", "some-local-model")
        assert ran.code == 0, ran.err
        assert len(server.requests) == 2
        assert [ran.slide(number)["attempts"] for number in (2, 3)] == [2, 2]


def test_a_picture_wrapped_in_lines_or_in_a_data_address_is_taken(illustrate, services):
    _, openai = services

    def wrapped(exchange: Exchange) -> Reply:
        answer = exchange.answer().json()
        text = answer["data"][0]["b64_json"]
        lines = "\n".join(text[at : at + 76] for at in range(0, len(text), 76))
        return Reply.of_json(answer | {"data": [{"b64_json": f"data:image/png;base64,{lines}"}]})

    openai.faults.always(wrapped)
    assert illustrate(1).code == 0
    assert len(openai.requests) == 1


# --- policy ---


def test_a_blocked_prompt_is_made_milder_once_by_claude(illustrate, services):
    claude, openai = services
    openai.faults.on_call(1, openai_faults.moderation_blocked())
    ran = illustrate(1)
    assert ran.code == 0, ran.err
    refused, accepted = (request.body["prompt"] for request in openai.requests)
    _, milder = calls_for(claude, 2)
    assert refused.partition(".")[0] in milder, "Claude is told which prompt was refused"
    assert accepted != refused
    assert ran.slide(2)["prompt"] == accepted
    assert ran.slide(2)["attempts"] == 2


def test_a_milder_prompt_that_is_the_same_is_not_sent_again(illustrate, services):
    claude, openai = services
    give_subjects(claude, {2: KITE})
    openai.faults.when(picturing(KITE), openai_faults.moderation_blocked())
    ran = illustrate(2, config=LENIENT)
    assert ran.code == 20, ran.err
    assert "safety" in ran.slide(2)["reason"]
    assert ran.slide(2)["attempts"] == len([r for r in openai.requests if picturing(KITE)(r.body)]) == 1


def test_a_slide_refused_twice_has_failed(illustrate, services):
    claude, openai = services
    claude.faults.when(for_slide(2), anthropic_faults.answering_with(prompt=KITE), times=1)
    give_subjects(claude, {2: BOAT})
    for subject in (KITE, BOAT):
        openai.faults.when(picturing(subject), openai_faults.moderation_blocked())
    ran = illustrate(2, config=LENIENT)
    assert ran.code == 20, ran.err
    assert ran.slide(2)["status"] == "failed"
    assert "safety" in ran.slide(2)["reason"]
    assert ran.slide(2)["attempts"] == len(ran.slide(2)["failed_calls"]) == 2
    assert [call["kind"] for call in ran.slide(2)["failed_calls"]] == ["policy", "policy"]
    assert len(calls_for(claude, 2)) == 2
    assert ran.report["prompts"] == {"succeeded": 2, "failed": 0}
    assert ran.report["images"] == {"succeeded": 1, "failed": 1}
