"""Services are asked what they have at most every six hours, and what they say is used until they say otherwise."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipeline.config.loader import load_configuration
from pipeline.errors import ExitCode, UsageError
from pipeline.images.unfinished import ReceiptsInMemory
from pipeline.prompting.templates import load_templates
from pipeline.records.listings import ListedModel, Listing
from pipeline.runs.services.choosing import choose_services
from pipeline.runs.services.learned import Learned
from pipeline.runs.services.refreshing import exit_code_of, refresh
from pipeline.store.choices import set_disabled
from pipeline.store.listings import clear_listings, keep_listing
from tests.clocks import ManualClock
from tests.fakes import OpenAIServer, OpenRouterServer
from tests.fakes.wire import Reply

HOURS = 3600


@pytest.fixture
def openai():
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def openrouter():
    with OpenRouterServer() as server:
        yield server


def configured(tmp_path, openai=None, openrouter=None, **more):
    environ = {"DECK_ILLUSTRATOR_HOME": str(tmp_path / "home")}
    if openai:
        environ |= {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": openai.api_key}
    if openrouter:
        environ |= {"OPENROUTER_BASE_URL": openrouter.base_url, "OPENROUTER_API_KEY": openrouter.api_key}
    return load_configuration(None, {}, environ | more)


def row_of(rows, service):
    return next(row for row in rows if row.service == service)


def test_all_that_can_be_used_are_asked_and_the_others_told_of(tmp_path, openai, openrouter):
    rows = refresh(configured(tmp_path, openai, openrouter), None, ManualClock())
    assert row_of(rows, "openai").shutdowns > 5
    assert (row_of(rows, "openrouter").models, row_of(rows, "openrouter").prices) == (11, 6)
    assert "ANTHROPIC_API_KEY" in row_of(rows, "anthropic").problem
    assert not row_of(rows, "anthropic").was_asked
    assert exit_code_of(rows) is ExitCode.OK


def test_within_six_hours_nobody_is_asked_again_and_after_them_everybody(tmp_path, openai):
    configuration, clock = configured(tmp_path, openai), ManualClock()
    refresh(configuration, None, clock)
    clock.advance(6 * HOURS - 1)
    (again,) = refresh(configuration, "openai", clock)
    assert (again.was_asked, again.age) == (False, timedelta(hours=6, seconds=-1))
    assert len(openai.fetches) == 1
    clock.advance(1)
    assert refresh(configuration, "openai", clock)[0].was_asked
    assert len(openai.fetches) == 2


def test_what_was_heard_in_a_future_that_has_not_come_is_asked_anew(tmp_path, openai):
    configuration, late = configured(tmp_path, openai), ManualClock()
    late.advance(1000 * HOURS)
    refresh(configuration, "openai", late)
    assert refresh(configuration, "openai", ManualClock())[0].was_asked


def test_cleared_it_is_asked_anew(tmp_path, openai):
    configuration, clock = configured(tmp_path, openai), ManualClock()
    refresh(configuration, "openai", clock)
    clear_listings(configuration.home)
    assert refresh(configuration, "openai", clock)[0].was_asked


def test_a_public_list_is_asked_for_without_a_key_where_it_is_named(tmp_path, openrouter):
    configuration = configured(tmp_path, OPENROUTER_BASE_URL=openrouter.base_url)
    assert row_of(refresh(configuration, None, ManualClock()), "openrouter").problem
    assert refresh(configuration, "openrouter", ManualClock())[0].models == 11


class Unpriced(OpenRouterServer):
    """Cannot tell the price of one of its models now."""

    def look_up(self, request):
        if request.path.endswith("krea-2-large/endpoints"):
            return Reply.of_json(self.error_body(500, "later"), status=500)
        return super().look_up(request)


def test_a_price_that_cannot_be_had_now_leaves_the_rest_as_it_is(tmp_path):
    with Unpriced() as server:
        (row,) = refresh(configured(tmp_path, openrouter=server), "openrouter", ManualClock())
    assert (row.models, row.prices, row.problem) == (11, 5, "")


def test_a_refused_key_is_told_and_what_was_known_stays(tmp_path, openai):
    configuration, clock = configured(tmp_path, openai), ManualClock()
    refresh(configuration, "openai", clock)
    clock.advance(7 * HOURS)
    rows = refresh(configured(tmp_path, openai, OPENAI_API_KEY="sk-wrong"), "openai", clock)
    assert "OPENAI_API_KEY" in rows[0].problem
    assert exit_code_of(rows) is ExitCode.CREDENTIALS
    assert Learned(configuration).listings["openai"].models


def test_a_service_that_is_not_there_is_told_and_no_more(tmp_path):
    with OpenAIServer() as gone:
        configuration = configured(tmp_path, gone)
    rows = refresh(configuration, "openai", ManualClock())
    assert rows[0].problem.startswith("OpenAI: ")
    assert exit_code_of(rows) is ExitCode.OK


@pytest.mark.parametrize(("service", "said"), [("stability", "openrouter"), ("nobody", "no service")])
def test_a_name_that_lists_nothing_is_refused(tmp_path, service, said):
    with pytest.raises(UsageError, match=said):
        refresh(configured(tmp_path), service, ManualClock())


def test_what_is_switched_off_is_not_asked(tmp_path, openai):
    configuration = configured(tmp_path, openai)
    set_disabled(configuration.home, "openai", disabled=True)
    assert "switched off" in row_of(refresh(configuration, None, ManualClock()), "openai").problem
    with pytest.raises(UsageError, match="providers enable openai"):
        refresh(configuration, "openai", ManualClock())
    assert openai.fetches == ()


def test_a_date_that_only_the_service_knows_warns_before_a_run(tmp_path, openai):
    """The catalog knows no end of gpt-5.4-nano, its service one in April 2027; the manual clock stands in 2026."""
    configuration, clock = (
        configured(tmp_path, openai, DECK_ILLUSTRATOR_PROMPTS__MODEL="openai/gpt-5.4-nano"),
        ManualClock(),
    )
    notices = choose_services(configuration, load_templates(None), clock, ReceiptsInMemory()).notices
    assert not any("gpt-5.4-nano" in line for line in notices)
    refresh(configuration, "openai", clock)
    clock.advance(100 * 24 * HOURS)
    notices = choose_services(configuration, load_templates(None), clock, ReceiptsInMemory()).notices
    assert "openai/gpt-5.4-nano is shut down on 2027-04-01; choose another." in notices


@pytest.mark.parametrize(("model", "usd"), [("krea/krea-2-large", 0.03), ("google/gemini-3-pro-image", 0.134)])
def test_a_price_that_only_the_service_knows_is_what_a_plan_goes_by(tmp_path, openrouter, model, usd):
    configuration, clock = configured(tmp_path, openrouter=openrouter), ManualClock()
    refresh(configuration, "openrouter", clock)
    environ = {"DECK_ILLUSTRATOR_IMAGES__MODEL": f"openrouter/{model}", "OPENROUTER_API_KEY": "k"}
    services = choose_services(
        configured(tmp_path, openrouter=openrouter, **environ), load_templates(None), clock, ReceiptsInMemory()
    )
    assert services.painters[0].estimate_usd(1.0, 1024) == usd
    assert not any("price" in notice for notice in services.notices)
    clear_listings(configuration.home)
    unknown = choose_services(
        configured(tmp_path, openrouter=openrouter, **environ), load_templates(None), clock, ReceiptsInMemory()
    )
    assert any("price" in notice for notice in unknown.notices) == (model == "krea/krea-2-large")


def test_a_service_that_tells_no_date_takes_back_none(tmp_path):
    configuration = configured(tmp_path)
    choice = configuration.catalog.choose("openai/gpt-image-1.5", "image", "test")
    listing = Listing(
        base_url="https://api.openai.com/v1", fetched=ManualClock().now(), models=(ListedModel(id="gpt-image-1.5"),)
    )
    keep_listing(configuration.home, "openai", listing)
    assert Learned(configuration).of(choice) == ListedModel(id="gpt-image-1.5")
    assert Learned(configuration).retires(choice) == date(2026, 12, 1)
