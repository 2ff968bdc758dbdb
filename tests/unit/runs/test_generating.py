"""Pictures without a deck go the way of a run's: limits, retries, checks, fallbacks, into the store before all else."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing

import pytest

from pipeline.config.loader import load_configuration
from pipeline.errors import CredentialsError, ExitCode, FailureKind, FileAccessError, UsageError
from pipeline.records.history import AttemptState, RunState
from pipeline.runs.generating import Around, PictureWish, exit_code_of, generate
from pipeline.runs.keeping import store_folder
from pipeline.runs.past.looking_back import history_of
from pipeline.store.history import RunFilter
from pipeline.store.upkeep import entries
from tests.clocks import ManualClock
from tests.fakes import OpenAIServer, StabilityServer, openai_faults, stability_faults
from tests.fakes.faults import fine

FLARE = "openai/gpt-image-2.6-flare"


class Memory:
    """A shelf that remembers the pictures by their numbers, and whether they were in `store` when they came."""

    def __init__(self, store):
        self.store = store
        self.sizes, self.were_kept = {}, {}

    def put(self, number, image, picture):
        self.sizes[number] = picture.size
        self.were_kept[number] = image.data in kept_in(self.store)


class Full(Memory):
    def put(self, number, image, picture):
        raise FileAccessError("disk full")


def kept_in(store):
    """The pictures there, as they came."""
    return [entry.path.read_bytes() for entry in entries(store) if entry.path is not None]


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
        self.configuration = self.configured()
        self.store = store_folder(self.configuration)
        self.clock, self.shelf, self.told = ManualClock(), Memory(self.store), []

    def configured(self, **settings):
        dotted = {key.replace("__", "."): value for key, value in settings.items()}
        return load_configuration(None, dotted, self.environ)

    def attempts(self):
        """What the history has of all calls, oldest first."""
        with closing(history_of(self.configuration, self.clock, self.told.append)) as history:
            return sorted(history.attempts(), key=lambda attempt: attempt.id)

    def ask(self, prompt="a red kite", size=None, count=1, **settings):
        around = Around(shelf=self.shelf, tell=self.told.append, clock=self.clock, rng=random.Random(1))
        wish = PictureWish(prompt=prompt, size=size, count=count)
        return generate(wish, self.configured(**settings), around)


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


def test_what_was_paid_for_is_in_the_store_before_anyone_has_it_and_several_start_apart(openai):
    asker = Asker(openai)
    found = asker.ask(count=3)
    assert asker.shelf.sizes == dict.fromkeys((1, 2, 3), (1024, 1024))
    assert asker.shelf.were_kept == dict.fromkeys((1, 2, 3), True)
    assert sorted(kept_in(asker.store)) == sorted(outcome.image.data for outcome in found)
    assert sum(asker.clock.slept) == pytest.approx(4.0), "two distances of workers.image_delay_s"


def test_a_blank_picture_is_none_is_asked_for_once_more_and_paid_for_all_the_same(openai):
    openai.faults.on_call(1, openai_faults.blank_image)
    asker = Asker(openai)
    (found,) = asker.ask()
    assert asker.shelf.sizes.keys() == {1}
    assert kept_in(asker.store) == [found.image.data], "the blank one is not there any more"
    assert [call.kind for call in found.failed_calls] == [FailureKind.EMPTY]
    assert found.image.cost_usd == pytest.approx(2 * found.failed_calls[0].cost_usd, rel=0.01)
    blank, good = asker.attempts()
    assert (blank.state, good.state) == (AttemptState.ERROR, AttemptState.SUCCESS)
    assert blank.cost_usd + good.cost_usd == pytest.approx(found.image.cost_usd)


def test_what_was_made_once_is_not_asked_for_again(openai):
    asker = Asker(openai)
    first = asker.ask(count=2)
    second = asker.ask(count=3)
    assert len(openai.requests) == 3
    assert [outcome.is_kept for outcome in first + second] == [False, False, True, True, False]
    assert [outcome.image.data for outcome in first] == [outcome.image.data for outcome in second[:2]]
    assert [outcome.image.cost_usd for outcome in second[:2]] == [0.0, 0.0]
    asker.ask("a blue kite")
    assert len(openai.requests) == 4


def test_the_history_has_the_run_and_each_of_its_calls(openai):
    asker = Asker(openai)
    openai.faults.on_call(1, openai_faults.moderation_blocked())
    openai.faults.always(fine)
    asker.ask(count=3, project="acme")
    with closing(history_of(asker.configuration, asker.clock, asker.told.append)) as history:
        (run,) = history.runs(RunFilter(project="acme"))
        assert (run.state, run.planned, run.illustrated, run.failed) == (RunState.PARTIAL, 3, 2, 1)
        assert run.exit_code == ExitCode.PARTIAL
        states = Counter(attempt.state for attempt in history.attempts(run.id))
    assert states == {AttemptState.SUCCESS: 2, AttemptState.ERROR: 1}


def test_a_budget_stops_what_it_does_not_allow_and_leaves_the_rest(openai):
    asker = Asker(openai)
    found = asker.ask(count=4, budget__max_images_per_day=3)
    assert len(openai.requests) == sum(outcome.image is not None for outcome in found) == 3
    (refused,) = [outcome.error for outcome in found if outcome.error]
    assert "budget.max_images_per_day" in str(refused)
    assert exit_code_of(found) is ExitCode.BUDGET


def test_dollars_cannot_be_bounded_where_no_price_is_known(openai):
    with pytest.raises(UsageError, match="price"):
        Asker(openai).ask(images__model="gpt-image-99", budget__max_usd_per_run=1.0)
    assert openai.requests == ()


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
    asker.shelf = Full(asker.store)
    with pytest.raises(FileAccessError, match="disk full"):
        asker.ask(count=40)
    assert len(openai.requests) < 40
    assert len(kept_in(asker.store)) == len(openai.requests), "what was paid for is not"


def test_without_any_key_it_is_drawn_on_this_machine_and_told():
    asker = Asker()
    found = asker.ask(size="1536x1024", count=2)
    assert {outcome.image.provider for outcome in found} == {"offline"}
    assert found[0].image.data != found[1].image.data
    assert asker.shelf.sizes == {1: (1536, 1024), 2: (1536, 1024)}
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
