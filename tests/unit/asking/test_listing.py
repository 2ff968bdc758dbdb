"""What services list of their own models is read as far as it can be, and nothing of it is trusted."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr

from pipeline.asking.listing import Lister
from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.errors import CredentialsError, FailureKind, ServiceError
from pipeline.records.listings import ListedModel
from pipeline.services.catalog import load_catalog
from pipeline.services.entries import Service
from tests.fakes import OpenAIServer, OpenRouterServer
from tests.fakes.http_server import FakeService
from tests.fakes.wire import Reply

TIMING = Timing(now=lambda: datetime.now(UTC), monotonic=time.monotonic, sleep=time.sleep)
KEY = "sk-Quokka_Zephyr-0123456789"
ENTRY = {
    "service": "alpha",
    "title": "Alpha",
    "key": {"variables": ["ALPHA_API_KEY"]},
    "endpoints": {"images": {"type": "image", "protocol": "openai"}},
    "listing": {"path": "/models", "models": "data[].{id: id, retires: ends, usd: usd}"},
}


class Answering(FakeService):
    """Answers GETs with `replies` by path, or 404."""

    def __init__(self, **replies):
        super().__init__(api_key=KEY)
        self.replies = {f"/{path}": reply for path, reply in replies.items()}

    def answer(self, request):
        raise AssertionError("a listing costs nothing")

    def error_body(self, status, message):
        return {"error": message}

    def look_up(self, request):
        return self.replies.get(request.path, self.file(request.path))


def lister(service, base_url, key=KEY):
    access = Access(service=service, base_url=base_url, key=SecretStr(key) if key else None)
    return closing(Lister(access, service.listing, TIMING, 10.0))


def shipped(name):
    return load_catalog().services[name]


def listed(data, **entry):
    service = Service.model_validate(ENTRY | entry)
    with Answering(models=Reply.of_json({"data": data})) as server, lister(service, server.origin) as alpha:
        return alpha.models()


def test_openai_tells_when_models_are_shut_down():
    with OpenAIServer() as server, lister(shipped("openai"), server.base_url, server.api_key) as openai:
        found = {model.id: model for model in openai.models()}
        assert found["gpt-image-1.5"].retires == date(2026, 12, 1)
        assert found["gpt-image-2.6-flare"] == ListedModel(id="gpt-image-2.6-flare")
        assert server.requests == ()


def test_openrouter_tells_prices_model_by_model_and_needs_no_key():
    with OpenRouterServer() as server, lister(shipped("openrouter"), server.base_url, None) as openrouter:
        found = [openrouter.priced(model) for model in openrouter.models()]
        prices = {model.id: model.usd for model in found}
        assert prices["recraft/recraft-v4.1-pro"] == 0.25
        assert prices["black-forest-labs/flux-3-image"] == 0.041
        assert prices["openai/gpt-image-2.6-flare"] is None, "by the token: no price of a picture"
        assert len(server.fetches) == 1 + len(found)


def test_claude_is_listed_too_where_it_can_be():
    service = shipped("anthropic")
    data = [{"id": "claude-x", "retires_at": "2026-11-30T00:00:00Z"}]
    with Answering() as server:
        server.replies["/v1/models?limit=1000"] = Reply.of_json({"data": data})
        with lister(service, server.origin) as anthropic:
            assert anthropic.models() == (ListedModel(id="claude-x", retires=date(2026, 11, 30)),)
        assert server.fetches[0].headers["authorization"] == f"Bearer {KEY}"


def test_what_is_no_model_is_left_out_and_what_is_no_date_or_price_is_unsaid():
    data = [
        *({"id": bad} for bad in (None, 7, "", "x" * 201, "esc\x1b[2Jape")),
        "text",
        {"id": "one", "ends": "soon", "usd": "dear"},
        {"id": "two", "ends": 7, "usd": -1},
        {"id": "three", "ends": "2027-01-14T12:00:00Z", "usd": "0.5"},
        {"id": "four", "usd": True},
    ]
    assert listed(data) == (
        ListedModel(id="one"),
        ListedModel(id="two"),
        ListedModel(id="three", retires=date(2027, 1, 14), usd=0.5),
        ListedModel(id="four"),
    )


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply.of_json({"error": {"message": f"bad {KEY}"}}, status=401), FailureKind.AUTH),
        (Reply.of_json({}, status=500), FailureKind.TRANSIENT),
        (Reply(headers={"content-type": "text/html"}, body=b"<html>"), FailureKind.EMPTY),
        (Reply.of_json({"models": 7}), FailureKind.EMPTY),
    ],
)
def test_what_is_no_list_is_a_failure_told_without_the_key(reply, kind):
    service = Service.model_validate(ENTRY)
    with (
        Answering(models=reply) as server,
        lister(service, server.origin) as alpha,
        pytest.raises(ServiceError) as told,
    ):
        alpha.models()
    assert told.value.kind is kind
    assert "Quokka" not in str(told.value)


def test_a_model_whose_name_would_lead_elsewhere_is_not_asked_for():
    listing = ENTRY["listing"] | {"detail": "/models/{{id}}/price", "usd": "usd"}
    service = Service.model_validate(ENTRY | {"listing": listing})
    with Answering() as server, lister(service, server.origin) as alpha:
        for name in ("../../key", "a/../b", "/key", "."):
            assert alpha.priced(ListedModel(id=name)) == ListedModel(id=name)
        assert server.fetches == ()
        with pytest.raises(ServiceError):
            alpha.priced(ListedModel(id="maker/a b?c#d"))
        assert [fetch.path for fetch in server.fetches] == ["/models/maker/a%20b%3Fc%23d/price"]


def test_without_an_address_nobody_is_asked():
    service = Service.model_validate(ENTRY)
    with pytest.raises(CredentialsError, match="ALPHA_BASE_URL"):
        lister(service, None)
