"""What holds for every service and model that ships."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from importlib import resources

import pytest

from pipeline.services.catalog import ModelChoice, load_catalog
from pipeline.services.expressions import look_up
from pipeline.services.placeholders import names_in
from tests.fakes import openrouter_models

TODAY = date(2026, 11, 20)  # of the price lists
CATALOG = load_catalog()
IMAGES = list(CATALOG.models("image"))
SERVICES = list(CATALOG.services.values())
PATTERNS = [
    ModelChoice(service=service, id=name, model=model)
    for service in SERVICES
    for name, model in service.models.items()
    if model.pattern and model.is_for("image")
]
STYLES = {entry.name.removesuffix(".yaml") for entry in resources.files("prompts").joinpath("styles").iterdir()}
BASES = frozenset({"prompt", "model", "route", "key"})
IDS = {"ids": lambda choice: choice.name}


def _asked(choice: ModelChoice) -> set[str]:
    """Every name that what is sent for a model has in double braces; none for the SDKs, which need no template."""
    endpoint = choice.service.endpoint_for(choice.model, "image")
    if endpoint.submit is None:
        return set()
    return {*names_in(choice.model.request or endpoint.request), *names_in(endpoint.submit.model_dump())}


def test_at_least_the_promised_services_and_models():
    assert {"openai", "azure", "openai-compatible", "localai", "ollama", "lmstudio", "openrouter"} <= set(
        CATALOG.services
    )
    assert {"gemini", "replicate", "stability", "huggingface", "bfl", "fal", "kie", "anthropic"} <= set(
        CATALOG.services
    )
    assert len(IMAGES) >= 55


def test_openai_draws_with_flare_unasked():
    assert CATALOG.choose("openai", "image", "").id == "gpt-image-2.6-flare"


@pytest.mark.parametrize("choice", [*IMAGES, *PATTERNS], **IDS)
def test_a_request_sends_the_prompt_the_shape_and_every_parameter(choice):
    """Each has a place in the template: what a person asks for is never silently left out."""
    asked = _asked(choice)
    if not asked:
        assert choice.service.endpoint_for(choice.model, "image").protocol == "openai"
        return
    assert choice.model.shape is not None
    shape = choice.model.shape.names
    missing = {"prompt", *choice.model.parameters} - asked
    assert not missing
    if choice.model.shape.ratios:
        assert shape <= asked
    else:
        assert "size" in asked or {"width", "height"} <= asked


@pytest.mark.parametrize("choice", [choice for choice in IMAGES if choice.model.request], **IDS)
def test_a_models_own_request_names_nothing_it_has_not(choice):
    assert choice.model.shape is not None
    has = BASES | choice.model.shape.names | choice.model.parameters.keys()
    assert set(names_in(choice.model.request)) <= has


@pytest.mark.parametrize("choice", [*IMAGES, *CATALOG.models("text")], **IDS)
def test_a_price_is_given_or_said_to_be_unknown(choice):
    """`price: null` is a word; no word is a mistake."""
    assert "price" in choice.model.model_fields_set


@pytest.mark.parametrize("choice", [choice for choice in IMAGES if choice.model.price], **IDS)
def test_a_price_table_goes_by_values_that_exist(choice):
    price, model = choice.model.price, choice.model
    assert price is not None
    assert model.shape is not None
    if price.table and price.by == "resolution":
        assert set(price.table) <= set(model.shape.resolutions)
    elif price.table:
        assert set(price.table) <= set(model.parameters[price.by].allowed)
    for listed in price.sizes.values():
        assert set(listed) == set(model.parameters[price.by].allowed) - {"auto"}


@pytest.mark.parametrize("choice", [*IMAGES, *CATALOG.models("text")], **IDS)
def test_nothing_that_is_gone_already_is_offered(choice):
    assert choice.model.retires is None or choice.model.retires > TODAY
    assert not choice.id.startswith(("dall-e", "imagen", "claude-3", "gemini-3.1-flash-image"))


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.service)
def test_every_service_has_one_default_of_each_kind_it_lists(service):
    for kind in ("image", "text"):
        listed = [model for model in service.models.values() if model.is_for(kind) and not model.pattern]
        assert sum(model.default for model in listed) == bool(listed)


def test_no_alias_means_models_of_two_services():
    meanings = Counter(alias for choice in (*IMAGES, *CATALOG.models("text")) for alias in choice.model.aliases)
    assert not [alias for alias, count in meanings.items() if count > 1]


@pytest.mark.parametrize("choice", [*IMAGES, *PATTERNS], **IDS)
def test_styles_are_ours_and_their_words_the_models(choice):
    parameter = choice.model.parameters.get("style_preset")
    if parameter is None:
        return
    assert set(parameter.words) <= STYLES
    assert set(parameter.words.values()) <= set(parameter.allowed)


@pytest.mark.parametrize("choice", [*IMAGES, *PATTERNS], **IDS)
def test_one_picture_a_call(choice):
    """The program takes one picture of an answer: a second would be paid for in vain."""
    count = choice.model.parameters.get("n")
    assert count is None or count.allowed == (1,)


@pytest.mark.parametrize("choice", [*IMAGES, *PATTERNS], **IDS)
def test_transparency_is_not_offered_with_a_format_that_has_none(choice):
    background = choice.model.parameters.get("background")
    if background is not None and "transparent" in background.allowed:
        formats = choice.model.parameters["output_format"]
        assert formats.default in (None, "png")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.service)
def test_a_key_goes_where_it_cannot_be_logged(service):
    """In a header, never in an address."""
    for endpoint in service.endpoints.values():
        if endpoint.submit is not None:
            assert "key" not in {*names_in(endpoint.submit.path), *names_in(endpoint.submit.query)}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.service)
def test_a_server_on_this_machine_needs_no_key_and_any_other_is_called_safely(service):
    if service.base_url is not None and service.base_url.startswith("http://"):
        assert service.base_url.startswith("http://localhost:")
        assert service.key is None or service.key.is_optional


@pytest.mark.parametrize(
    "entry",
    [
        entry
        for entry in resources.files("pipeline.images").joinpath("catalog").iterdir()
        if entry.name.endswith(".yaml")
    ],
    ids=lambda entry: entry.name,
)
def test_every_file_names_its_schema_and_its_sources(entry):
    text = entry.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=./schema.json\n# ")
    assert re.search(r"providers\.md\s[#\s]*section", text)
    assert f"service: {entry.name.removesuffix('.yaml')}\n" in text


def test_what_openai_lists_is_read_with_its_shutdowns():
    listing = CATALOG.services["openai"].listing
    assert listing is not None
    answer = {"object": "list", "data": [{"id": "gpt-image-2", "object": "model", "shutdown_date": "2027-01-31"}]}
    assert look_up(listing.models, answer) == [{"id": "gpt-image-2", "retires": "2027-01-31"}]


@pytest.mark.parametrize(
    ("model", "usd"),
    [("x-ai/grok-imagine-image-2.0", 0.02), ("krea/krea-2-large", 0.03), ("openai/gpt-image-2.6-flare", None)],
    ids=["by the picture", "by the megapixel", "by tokens, which say nothing of a picture"],
)
def test_what_openrouter_lists_is_read_with_the_cheapest_price(model, usd):
    listing = CATALOG.services["openrouter"].listing
    assert listing is not None
    assert listing.usd is not None
    assert {"id": model} in look_up(listing.models, {"data": [openrouter_models.listed(model)]})
    assert look_up(listing.usd, openrouter_models.endpoints(model)) == usd
    assert look_up(listing.usd, {"data": openrouter_models.endpoints(model)}) == usd
