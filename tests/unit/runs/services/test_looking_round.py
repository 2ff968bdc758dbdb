"""What there is, for this person: prices, shapes, states; of the catalog and of what services were heard to say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.config.credentials import ServiceState
from pipeline.config.loader import load_configuration
from pipeline.errors import UsageError
from pipeline.records.listings import ListedModel, Listing
from pipeline.reporting.rows import ModelState
from pipeline.runs.services import looking_round
from pipeline.runs.services.looking_round import list_models, list_services
from pipeline.services.models import Model
from pipeline.store.choices import set_disabled
from pipeline.store.listings import keep_listing
from tests.clocks import ManualClock

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OPENROUTER = "https://openrouter.ai/api/v1"
OPENAI = "https://api.openai.com/v1"


@pytest.fixture
def look(tmp_path):
    home = tmp_path / "home"

    def call(kind=None, service=None, environ=None, **changes):
        configuration = load_configuration(None, changes, {"DECK_ILLUSTRATOR_HOME": str(home), **(environ or {})})
        found = list_models(configuration, kind, service, ManualClock())
        return found, {row.name: row for row in found.rows}

    call.home = home
    return call


def keep(look, service, base_url, *models):
    keep_listing(look.home, service, Listing(base_url=base_url, fetched=NOON - timedelta(hours=2), models=models))


def test_prices_are_those_of_the_usual_size_and_quality(look):
    _, rows = look()
    assert rows["openai/gpt-image-2.6-flare"].usd == 0.01377
    assert rows["bfl/flux-3-image"].usd == 0.048
    assert rows["stability/stable-image-ultra"].usd == 0.08
    assert rows["openrouter/krea/krea-2-large"].usd is None
    haiku = rows["anthropic/claude-haiku-5-5"]
    assert (haiku.usd, haiku.usd_read, haiku.usd_written) == (None, 0.10, 0.50)


def test_shapes_and_qualities_are_the_catalogs(look):
    _, rows = look(service="openai")
    assert rows["openai/gpt-image-2.6-flare"].qualities == ("low", "medium", "high", "xhigh", "max", "auto")
    assert len(rows["openai/gpt-image-1.5"].shapes.sizes) == 3
    assert rows["openai/gpt-6-luna"].shapes is None


def test_one_type_or_service_alone_and_in_order(look):
    found, rows = look("image", "openai")
    assert [row.id for row in found.rows] == sorted(row.id for row in found.rows)
    assert {(row.service, row.type) for row in found.rows} == {("openai", "image")}
    assert [row.id for row in found.rows if row.is_default] == ["gpt-image-2.6-flare"]
    everything, _ = look()
    assert [row.service for row in everything.rows] == sorted(row.service for row in everything.rows)
    assert not any("any-image" in name for name in rows)
    with pytest.raises(UsageError, match="did you mean openai"):
        look(service="openia")


def test_services_that_take_whatever_they_have_are_named(look):
    assert "openai-compatible" in look("image")[0].others
    assert "stability" not in look()[0].others
    assert "lmstudio" not in look("image")[0].others


def test_states_are_those_of_the_service_but_for_what_is_over(look, tmp_path):
    shared = tmp_path / "team.env"
    shared.write_text("STABILITY_API_KEY=sk-team\n")
    look.home.mkdir()
    set_disabled(look.home, "bfl", disabled=True)
    environ = {"OPENAI_API_KEY": "sk-own", "BFL_API_KEY": "k"}
    _, rows = look(environ=environ, **{"services.shared_keys": str(shared)})
    assert rows["openai/gpt-image-2"].state is ModelState.AVAILABLE_PERSONAL
    assert rows["stability/stable-image-core"].state is ModelState.AVAILABLE_SHARED
    assert rows["bfl/flux-dev"].state is ModelState.DISABLED
    assert rows["gemini/gemini-3-pro-image"].state is ModelState.NO_ACCESS


@pytest.mark.parametrize(("day", "state"), [(20, ModelState.SHUT_DOWN), (21, ModelState.NO_ACCESS)])
def test_a_model_is_over_from_its_last_day_on(look, day, state):
    """The manual clock stands at 2026-11-20."""
    keep(look, "openai", OPENAI, ListedModel(id="gpt-image-2", retires=date(2026, 11, day)))
    row = look(service="openai")[1]["openai/gpt-image-2"]
    assert (row.state, row.retires) == (state, date(2026, 11, day))


def test_what_a_service_says_of_its_prices_wins_over_the_catalog(look):
    keep(look, "openrouter", OPENROUTER, ListedModel(id="krea/krea-2-large", usd=0.03))
    found, rows = look(service="openrouter")
    assert rows["openrouter/krea/krea-2-large"].usd == 0.03
    assert rows["openrouter/google/gemini-3-pro-image"].usd == 0.134
    assert found.ages == {"openrouter": timedelta(hours=2)}


def test_a_model_only_its_service_lists_is_there_too(look):
    keep(look, "openrouter", OPENROUTER, ListedModel(id="new/one", usd=0.01))
    keep(look, "openai", OPENAI, ListedModel(id="gpt-image-3"), ListedModel(id="gpt-image"))
    _, rows = look()
    assert (rows["openrouter/new/one"].state, rows["openrouter/new/one"].type) == (ModelState.LISTED, "image")
    assert rows["openai/gpt-image-3"].type == ""
    assert "openai/gpt-image" not in rows, "an alias of one that is listed"
    assert "openai/gpt-image-3" not in look("image")[1], "nobody says what it is for"


def test_every_service_is_told_with_its_state_and_counts(tmp_path):
    environ = {"DECK_ILLUSTRATOR_HOME": str(tmp_path), "OPENAI_API_KEY": "sk-own"}
    rows = {row.standing.access.service.service: row for row in list_services(load_configuration(None, {}, environ))}
    assert list(rows) == sorted(load_configuration(None, {}, {}).catalog.services)
    assert rows["openai"].standing.state is ServiceState.AVAILABLE_PERSONAL
    assert (rows["stability"].image_models, rows["stability"].text_models) == (6, 0)
    assert "STABILITY_API_KEY" in rows["stability"].standing.advice


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ({"allowed": ["basic", "high"], "words": {"low": "basic", "max": "high"}}, ("low", "high", "max")),
        ({"allowed": ["auto", "high", "low"]}, ("low", "high", "auto")),
        ({"allowed": ["draft"]}, ("draft",)),
        ({}, ("any",)),
    ],
)
def test_qualities_are_told_in_our_words_where_a_model_has_its_own(parameter, words):
    model = Model.model_validate({"shape": {"ratios": ["1:1"]}, "parameters": {"quality": parameter}})
    assert looking_round._qualities(model) == words
    assert looking_round._qualities(model.model_copy(update={"parameters": {}})) == ()
