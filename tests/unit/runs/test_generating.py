"""Pictures without a deck go the way of a run's: limits, retries, checks, fallbacks, and on disk before all else."""

from __future__ import annotations

import random

import pytest

from pipeline.config.loader import load_configuration
from pipeline.errors import CredentialsError, ExitCode, FailureKind, FileAccessError, UsageError
from pipeline.runs.generating import Around, PictureWish, exit_code_of, generate
from tests.clocks import ManualClock
from tests.fakes import OpenAIServer, StabilityServer, openai_faults, stability_faults
from tests.fakes.faults import fine

FLARE = "openai/gpt-image-2.6-flare"


class Memory:
    """A shelf that remembers what was done with each picture, in order."""

    def __init__(self):
        self.done = []

    def put(self, number, image):
        self.done.append(("put", number))

    def accept(self, number, image, picture):
        self.done.append(("accept", number, picture.size))

    def discard(self, number):
        self.done.append(("discard", number))


class Full(Memory):
    def put(self, number, image):
        raise FileAccessError("disk full")


@pytest.fixture
def openai():
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def stability():
    with StabilityServer() as server:
        yield server


class Asker:
    def __init__(self, *servers):
        names = {OpenAIServer: "OPENAI", StabilityServer: "STABILITY"}
        self.environ = {}
        for server in servers:
            name = names[type(server)]
            self.environ |= {f"{name}_BASE_URL": server.base_url, f"{name}_API_KEY": server.api_key}
        self.clock, self.shelf, self.told = ManualClock(), Memory(), []

    def ask(self, prompt="a red kite", size=None, count=1, **settings):
        dotted = {key.replace("__", "."): value for key, value in settings.items()}
        around = Around(shelf=self.shelf, tell=self.told.append, clock=self.clock, rng=random.Random(1))
        wish = PictureWish(prompt=prompt, size=size, count=count)
        return generate(wish, load_configuration(None, dotted, self.environ), around)


def test_the_prompt_is_sent_as_it_is_with_a_square_of_the_usual_size(openai):
    prompt = "Grüße — Title: „Рыба“ DALL-E Prompt: 3 fish"
    found = Asker(openai).ask(prompt)
    body = openai.requests[0].body
    assert (body["prompt"], body["size"], body["quality"], body["n"]) == (prompt, "1024x1024", "medium", 1)
    assert found[0].image.cost_usd > 0
    assert exit_code_of(found) is ExitCode.OK


@pytest.mark.parametrize(
    ("size", "sent"), [("1536x1024", "1536x1024"), ("16:9", "1280x720"), ("1024x1536", "1024x1536")]
)
def test_a_size_is_asked_for_as_it_is_given(openai, size, sent):
    Asker(openai).ask(size=size, images__model="gpt-image-2")
    assert openai.requests[0].body["size"] == sent


def test_what_a_model_refuses_is_an_error_before_any_call(openai):
    for wish, said in (
        ({"size": "100x100"}, "100x100"),
        ({"size": "huge"}, "huge"),
        ({"images__quality": "ultra"}, r"images\.quality"),
        ({"prompt": " \n"}, "prompt is empty"),
        ({"count": 0}, "--n"),
        ({"count": 101}, "--n"),
    ):
        with pytest.raises(UsageError, match=said):
            Asker(openai).ask(**wish)
    assert openai.requests == ()


def test_a_prompt_that_is_too_long_is_cut_at_a_word_and_told(stability):
    asker = Asker(stability)
    asker.ask("lynx " * 2500, images__provider="stability")
    sent = stability.requests[0].body["prompt"]
    assert len(sent) <= 10_000
    assert sent.endswith("lynx")
    assert any("10000" in line for line in asker.told)


def test_what_was_paid_for_is_kept_before_it_is_looked_at_and_several_start_apart(openai):
    asker = Asker(openai)
    asker.ask(count=3)
    for number in (1, 2, 3):
        assert asker.shelf.done.index(("put", number)) < asker.shelf.done.index(("accept", number, (1024, 1024)))
    assert sum(asker.clock.slept) == pytest.approx(4.0), "two distances of workers.image_delay_s"


def test_a_blank_picture_is_none_is_asked_for_once_more_and_paid_for_all_the_same(openai):
    openai.faults.on_call(1, openai_faults.blank_image)
    asker = Asker(openai)
    (found,) = asker.ask()
    assert [step[:2] for step in asker.shelf.done] == [("put", 1), ("discard", 1), ("put", 1), ("accept", 1)]
    assert [call.kind for call in found.failed_calls] == [FailureKind.EMPTY]
    assert found.image.cost_usd == pytest.approx(2 * found.failed_calls[0].cost_usd, rel=0.01)


def test_a_rate_limit_is_waited_for(openai):
    openai.faults.on_call(1, openai_faults.rate_limited(retry_after="7"))
    asker = Asker(openai)
    assert exit_code_of(asker.ask()) is ExitCode.OK
    assert sum(asker.clock.slept) >= 7


def test_the_next_of_a_chain_is_asked_where_one_cannot_help(openai, stability):
    openai.faults.always(openai_faults.quota_exhausted())
    asker = Asker(openai, stability)
    found = asker.ask(count=2, images__chain=[FLARE, "stability/core", "placeholder"])
    assert [outcome.image.provider for outcome in found] == ["stability", "stability"]
    assert len(stability.requests) == 2
    assert any("openai is left" in line for line in asker.told)


def test_a_placeholder_is_no_picture(openai):
    openai.faults.always(openai_faults.moderation_blocked())
    (found,) = Asker(openai).ask(images__chain=[FLARE, "placeholder"])
    assert found.image is None
    assert found.error.kind is FailureKind.POLICY
    assert exit_code_of([found]) is ExitCode.IMAGE_GATE


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (openai_faults.bad_key(), ExitCode.CREDENTIALS),
        (openai_faults.quota_exhausted(), ExitCode.CREDENTIALS),
        (openai_faults.retired_model(), ExitCode.IMAGE_GATE),
        (openai_faults.server_error(), ExitCode.IMAGE_GATE),
    ],
)
def test_where_none_can_be_made_the_code_says_why(openai, fault, code):
    openai.faults.always(fault)
    assert exit_code_of(Asker(openai).ask(count=2)) is code


def test_where_some_fail_the_others_are_kept(openai):
    openai.faults.on_call(1, openai_faults.moderation_blocked())
    openai.faults.always(fine)
    found = Asker(openai).ask(count=3)
    assert sum(outcome.image is not None for outcome in found) == 2
    assert exit_code_of(found) is ExitCode.PARTIAL


def test_where_a_picture_cannot_be_kept_nothing_more_is_paid_for(openai):
    asker = Asker(openai)
    asker.shelf = Full()
    with pytest.raises(FileAccessError, match="disk full"):
        asker.ask(count=40)
    assert len(openai.requests) < 40


def test_without_any_key_it_is_drawn_on_this_machine_and_told():
    asker = Asker()
    found = asker.ask(size="1536x1024", count=2)
    assert {outcome.image.provider for outcome in found} == {"offline"}
    assert found[0].image.data != found[1].image.data
    assert ("accept", 1, (1536, 1024)) in asker.shelf.done
    assert any("OPENAI_API_KEY" in line for line in asker.told)
    assert not any("ANTHROPIC" in line for line in asker.told), "no prompt is written"
    with pytest.raises(UsageError, match="--size"):
        asker.ask(size="huge")


def test_a_service_named_without_its_key_is_never_replaced():
    with pytest.raises(CredentialsError, match="STABILITY_API_KEY"):
        Asker().ask(images__model="stability/core")


def test_a_setting_the_model_does_not_have_is_told(stability):
    asker = Asker(stability)
    asker.ask(images__provider="stability", images__quality="high")
    assert any("images.quality" in line for line in asker.told)


def test_a_model_that_is_shut_down_soon_is_told_of(openai):
    asker = Asker(openai)
    asker.ask(images__model="gpt-image-1.5")
    assert any("2026-12-01" in line for line in asker.told)


def test_a_refusal_in_a_services_own_way_moves_on(openai, stability):
    stability.faults.always(stability_faults.policy_refusal())
    (found,) = Asker(openai, stability).ask(images__chain=["stability/core", FLARE])
    assert found.image.provider == "openai"
    assert [call.service for call in found.failed_calls] == ["stability"]
