"""The Python door opens on the same run as the command line's."""

from __future__ import annotations

import pytest
from pptx import Presentation

from pipeline import (
    ExitCode,
    GeneratedImage,
    PipelineError,
    Settings,
    generate_image,
    illustrate_deck,
    strip_deck,
    write_text,
)
from pipeline.errors import FailureKind, ServiceError, UsageError
from pipeline.events import RunEnded, RunStarted
from tests.conftest import ROOT
from tests.fakes import OpenAIServer, chat_faults, openai_faults

SAMPLE = ROOT / "samples" / "rtl-hebrew.pptx"
OFFLINE = Settings.model_validate({"prompts": {"provider": "offline"}, "images": {"provider": "offline"}})


def test_a_deck_is_illustrated_and_told_of_as_it_happens(tmp_path):
    events = []
    report = illustrate_deck(SAMPLE, tmp_path / "out.pptx", settings=OFFLINE, slides="2-3", progress=events.append)
    assert report.exit_code is ExitCode.OK
    assert report.output == tmp_path / "out.pptx"
    assert len(Presentation(str(report.output)).slides) == 9
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunEnded)


def test_settings_are_made_in_python_with_the_documented_defaults():
    settings = Settings(style="photo")
    assert settings.workers.image_workers == 2
    assert settings.gate.min_success_rate == 0.8


def test_a_run_that_cannot_begin_raises(tmp_path):
    with pytest.raises(PipelineError, match="gone"):
        illustrate_deck(tmp_path / "gone.pptx", settings=OFFLINE)


def test_our_pictures_can_be_taken_out_again(tmp_path):
    illustrate_deck(SAMPLE, tmp_path / "out.pptx", settings=OFFLINE, slides="2")
    report = strip_deck(tmp_path / "out.pptx")
    assert (report.exit_code, report.removed) == (ExitCode.OK, 1)
    assert report.output == tmp_path / "out.stripped.pptx"
    assert report.output.is_file()


@pytest.fixture
def openai(monkeypatch):
    """OpenAI's protocol on loopback, its address in the environment; whoever calls it brings the key."""
    with OpenAIServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("DECK_ILLUSTRATOR_WORKERS__IMAGE_DELAY_S", "0")
        yield server


def test_pictures_are_made_in_one_call(openai):
    found = generate_image(
        "a lynx", model="openai/gpt-image-2", size="16:9", quality="low", n=2, keys={"openai": openai.api_key}
    )
    assert [type(image) for image in found] == [GeneratedImage] * 2
    assert {(image.provider, image.model) for image in found} == {("openai", "gpt-image-2")}
    assert all(image.data.startswith(b"\x89PNG") and image.cost_usd for image in found)
    assert [(one.body["size"], one.body["quality"]) for one in openai.requests] == [("1280x720", "low")] * 2


def test_a_model_that_is_named_stands_in_place_of_the_settings(openai):
    settings = Settings.model_validate(
        {"images": {"chain": ["stability", "placeholder"]}, "workers": {"image_delay_s": 0}}
    )
    keys = {"OPENAI_API_KEY": openai.api_key}
    assert generate_image("a lynx", "gpt-image-2", settings=settings, keys=keys)[0].model == "gpt-image-2"
    assert generate_image("a lynx", settings=OFFLINE)[0].provider == "offline"


def test_what_a_model_refuses_is_raised_before_any_call(openai):
    with pytest.raises(UsageError, match="size"):
        generate_image("a lynx", size="100x100", keys={"openai": openai.api_key})
    assert openai.requests == ()


@pytest.mark.parametrize("wrong", [{"quality": ""}, {"quality": 5}, {"model": ""}])
def test_what_is_no_setting_is_refused_and_not_passed_over(wrong):
    with pytest.raises(UsageError, match=r"images\."):
        generate_image("a lynx", **wrong)
    with pytest.raises(UsageError, match=r"images\."):
        generate_image("a lynx", settings=Settings(), **wrong)


def test_fewer_pictures_come_back_where_some_fail_and_an_error_where_all_do(openai):
    openai.faults.on_call(1, openai_faults.moderation_blocked())
    keys = {"openai": openai.api_key}
    assert len(generate_image("a lynx", n=2, keys=keys)) == 1
    openai.faults.always(openai_faults.bad_key())
    with pytest.raises(ServiceError) as told:
        generate_image("a fox", n=2, keys=keys)
    assert told.value.kind is FailureKind.AUTH


def test_what_was_made_once_is_given_again_without_a_call(openai):
    keys = {"openai": openai.api_key}
    (made,) = generate_image("a lynx", keys=keys)
    (again,) = generate_image("a lynx", keys=keys)
    assert (again.data, again.cost_usd) == (made.data, 0.0)
    assert len(openai.requests) == 1


def test_a_text_is_written_in_one_call(openai):
    openai.faults.always(chat_faults.answering("A lynx is a cat."))
    keys = {"openai": openai.api_key}
    assert write_text("What is a lynx?", "openai/gpt-6-sol", keys=keys) == "A lynx is a cat."
    assert openai.requests[0].body["model"] == "gpt-6-sol"
    assert write_text("What is a lynx?", settings=Settings(), keys=keys) == "A lynx is a cat."


def test_keys_are_handed_to_a_run_too(openai, tmp_path):
    settings = Settings.model_validate(
        {"prompts": {"provider": "offline"}, "images": {"provider": "openai"}, "workers": {"image_delay_s": 0}}
    )
    report = illustrate_deck(
        SAMPLE, tmp_path / "out.pptx", settings=settings, slides="2", keys={"openai": openai.api_key}
    )
    assert report.exit_code is ExitCode.OK
    assert len(openai.requests) == 1
