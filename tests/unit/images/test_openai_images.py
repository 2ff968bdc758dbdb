"""What the SDK is told to ask, and what its answers mean, of OpenAI and of servers that copy its protocol."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image
from pydantic import SecretStr

from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.errors import CredentialsError, FailureKind, ServiceError, UsageError
from pipeline.images.openai_images import OpenAIImages
from pipeline.images.parameters import Wishes
from pipeline.images.unfinished import ReceiptsInMemory
from pipeline.records import Allowance, Ground
from pipeline.services.catalog import load_catalog
from tests.fakes import OpenAIServer, openai_faults
from tests.fakes.faults import hang, html_error_page, malformed_json, reset_in_mid_body
from tests.fakes.revising import revised
from tests.fakes.wire import Reply
from tests.unit.images.test_offline import REQUEST

TIMING = Timing(now=lambda: datetime.now(UTC), monotonic=time.monotonic, sleep=time.sleep)
FLARE = "openai/gpt-image-2.6-flare"
# At about 1920x1080 or 1024x1536, with a usual prompt.
ESTIMATED_USD = pytest.approx(0.01087)


@pytest.fixture
def server():
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def compatible():
    with OpenAIServer(compatible=True) as running:
        yield running


def provider(server, name=FLARE, wishes=None, key=None, service=None, receipts=None):
    choice = load_catalog().choose(name, "image", "images.model")
    if service is not None:
        choice = replace(choice, service=service)
    key = server.api_key if key is None else key
    access = Access(service=choice.service, base_url=server.base_url, key=SecretStr(key) if key else None)
    return OpenAIImages(choice, access, wishes or Wishes(), TIMING, receipts or ReceiptsInMemory())


def draw(server, name=FLARE, wishes=None, *, timeout_s=10.0, **more):
    drawing = provider(server, name, wishes, **{k: more.pop(k) for k in ("key", "service") if k in more})
    try:
        return drawing.generate(replace(REQUEST, **more), timeout_s)
    finally:
        drawing.close()


def failed(server, *args, **more):
    with pytest.raises(ServiceError) as caught:
        draw(server, *args, **more)
    assert server.api_key not in str(caught.value)
    return caught.value


def test_a_picture_is_asked_for_in_the_slots_shape_at_medium_quality_and_costs_its_tokens(server):
    image = draw(server)
    body = server.requests[0].body
    assert (body["size"], body["quality"], body["n"]) == ("1600x896", "medium", 1)
    assert body.keys() == {"model", "prompt", "size", "quality", "n"}
    assert image.cost_usd == pytest.approx(0.0103, rel=0.1)
    assert (image.provider, image.model) == ("openai", "gpt-image-2.6-flare")
    assert image.allowance == Allowance(remaining=49, reset_s=1.2)


def test_wishes_reach_the_service(server):
    wishes = Wishes(quality="xhigh", size="1024x1024", parameters={"output_format": "webp", "moderation": "low"})
    image = draw(server, wishes=wishes)
    sent = {"quality": "xhigh", "size": "1024x1024", "output_format": "webp", "moderation": "low"}
    assert sent.items() <= server.requests[0].body.items()
    assert Image.open(BytesIO(image.data)).format == "WEBP"


def test_a_wish_it_refuses_costs_nothing(server):
    with pytest.raises(UsageError, match=r"images\.quality: for openai/gpt-image-2 .*'max'"):
        provider(server, "openai/gpt-image-2", Wishes(quality="max"))
    assert server.requests == ()


def test_a_subject_on_nothing_is_asked_for_and_comes(server):
    image = draw(server, "openai/gpt-image-2.5-flare", ground=Ground.TRANSPARENT)
    assert server.requests[0].body["background"] == "transparent"
    assert Image.open(BytesIO(image.data)).convert("RGBA").getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("ground", [Ground.SCENE, Ground.PLAIN])
def test_otherwise_the_parameter_is_left_out(server, ground):
    """Compatible servers refuse parameters they do not know."""
    draw(server, ground=ground)
    assert "background" not in server.requests[0].body


def test_it_says_what_it_can_and_costs(server):
    drawing = provider(server, wishes=Wishes(parameters={"steps": 4}))
    drawing.close()
    assert (drawing.prompt_limit_chars, drawing.takes_transparency) == (32_000, False)
    assert drawing.dropped == ("images.parameters.steps",)
    assert drawing.estimate_usd(1.5, 1536) == ESTIMATED_USD
    assert drawing.estimate_usd(1.0, 1024) == pytest.approx(0.0138, rel=0.01)


@pytest.mark.parametrize("name", ["openai-compatible/x", "localai/x", "ollama/z-image-turbo"])
def test_servers_of_ones_own_are_asked_for_base64_without_a_key(compatible, name):
    drawn = draw(compatible, name, key="")
    assert compatible.requests[0].body["response_format"] == "b64_json"
    assert compatible.fetches == ()
    Image.open(BytesIO(drawn.data)).load()


def test_the_endpoint_says_what_is_sent_besides_and_what_is_left_out(compatible):
    service = load_catalog().service("openai-compatible", "test")
    endpoint = service.endpoints["images"].model_copy(
        update={"send": {"w": "{{width}}", "x": "{{seed}}"}, "omit": ("size", "n")}
    )
    changed = service.model_copy(update={"endpoints": {"images": endpoint}, "headers": {"X-Title": "t"}})
    draw(compatible, "openai-compatible/x", service=changed)
    assert compatible.requests[0].body == {"model": "x", "prompt": REQUEST.prompt, "w": 1536}
    assert compatible.requests[0].headers["x-title"] == "t"


def test_a_key_goes_out_in_the_services_own_header(compatible):
    service = load_catalog().service("openai", "test")
    key = service.key.model_copy(update={"header": "api-key", "value": "{{key}}"})
    draw(compatible, service=service.model_copy(update={"key": key}))
    headers = compatible.requests[0].headers
    assert headers["api-key"] == compatible.api_key
    assert "authorization" not in headers


def test_what_the_sdk_finds_of_an_openai_account_is_told_to_openai_alone(server, compatible, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    draw(server)
    own = server.requests[0].headers
    assert (own["openai-organization"], own["openai-project"]) == ("org-mine", "proj-mine")
    draw(compatible, "localai/x", key="")
    others = compatible.requests[0].headers
    assert not {"openai-organization", "openai-project", "authorization"} & others.keys()
    assert not any("-mine" in value for value in others.values())


def test_a_redirect_is_told_with_the_one_thing_to_do_and_not_followed(server):
    elsewhere = {"location": f"{server.origin}/elsewhere"}
    server.faults.always(lambda _: Reply(status=307, headers=elsewhere))
    error = failed(server)
    assert (error.kind, str(error)) == (
        FailureKind.BAD_PARAMETER,
        "OpenAI: its address leads elsewhere (307); check OPENAI_BASE_URL",
    )
    assert len(server.requests) == 1


def test_an_answer_without_a_picture_costs_only_what_it_says_was_used(server, compatible):
    for each in (server, compatible):
        each.faults.always(openai_faults.without_image())
    assert failed(server).cost_usd == pytest.approx(0.0103, rel=0.1)
    assert failed(compatible).cost_usd == 0.0


def test_a_quality_the_model_chose_itself_is_what_is_paid(server):
    server.faults.always(revised(lambda content: content | {"quality": "high"}))
    assert draw(server, "openai/gpt-image-1.5", Wishes(quality="auto")).cost_usd == 0.2


class Hiccup(OpenAIServer):
    """Its files are not there at the first asking."""

    def file(self, path):
        return Reply(status=503) if len(self.fetches) == 1 else super().file(path)


def test_a_picture_that_was_paid_for_is_fetched_by_the_next_try():
    receipts = ReceiptsInMemory()
    with Hiccup(compatible=True) as server:
        drawing = provider(server, receipts=receipts)
        with pytest.raises(ServiceError) as caught:
            drawing.generate(REQUEST, 10.0)
        error = caught.value
        assert (error.kind, error.cost_usd, error.may_be_charged) == (FailureKind.TRANSIENT, 0.0, True)
        drawing.close()
        drawing = provider(server, receipts=receipts)
        image = drawing.generate(REQUEST, 10.0)
        assert (image.cost_usd, image.continues) == (ESTIMATED_USD, True)
        drawing.close()
    assert (len(server.requests), len(server.fetches)) == (1, 2)


def test_a_picture_that_came_with_the_answer_leaves_no_receipt(server):
    receipts = ReceiptsInMemory()
    drawing = provider(server, receipts=receipts)
    assert not drawing.generate(REQUEST, 10.0).continues
    drawing.close()
    assert receipts.find_receipt(drawing.request(REQUEST).key) is None


def test_what_is_settled_is_a_new_order_the_next_time(compatible):
    drawing = provider(compatible)
    for orders in (1, 2):
        drawing.generate(REQUEST, 10.0)
        assert len(compatible.requests) == orders
        drawing.settled(REQUEST)
    drawing.close()


def test_an_address_whose_time_is_over_has_expired(compatible):
    compatible.faults.always(openai_faults.expired_url)
    error = failed(compatible)
    assert (error.kind, error.cost_usd) == (FailureKind.EXPIRED_URL, ESTIMATED_USD)


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (openai_faults.bad_key(), "auth", "check the key (OPENAI_API_KEY)"),
        (openai_faults.no_credit(), "billing", "the key (OPENAI_API_KEY) has no credit"),
        (openai_faults.billing_hard_limit_reached(), "billing", "no credit"),
        (openai_faults.rate_limited(5), "rate", "429"),
        (openai_faults.moderation_blocked(), "policy", "safety system"),
        (openai_faults.retired_model(), "unknown_model", "models --service openai"),
        (openai_faults.bad_parameter(), "bad_parameter", "images.parameters"),
        (openai_faults.overloaded(), "transient", "503"),
        (openai_faults.without_image(), "empty", "holds no image"),
        (openai_faults.garbage(), "empty", "holds no image"),
        (html_error_page(502), "transient", "502"),
        (html_error_page(200), "empty", "holds no image"),
        (malformed_json, "empty", "holds no image"),
        (reset_in_mid_body, "transient", "OpenAI: "),
    ],
)
def test_whatever_goes_wrong_is_an_error_of_the_service(server, fault, kind, says):
    server.faults.always(fault)
    error = failed(server)
    assert error.kind == kind
    assert says in str(error)
    assert str(error).startswith("OpenAI: ")
    assert len(server.requests) == 1


def test_a_hint_when_to_come_back_is_passed_on(server):
    server.faults.always(openai_faults.rate_limited("7"))
    assert failed(server).retry_after_s == 7.0


def test_a_service_that_hangs_is_left_in_time(server):
    server.faults.always(hang())
    error = failed(server, timeout_s=0.3)
    assert (error.kind, str(error)) == (FailureKind.TRANSIENT, "OpenAI: no answer within 0 s")


def test_a_service_without_an_address_says_which_variable_gives_it_one():
    choice = load_catalog().choose("openai-compatible/x", "image", "images.model")
    with pytest.raises(CredentialsError, match="OPENAI_COMPATIBLE_BASE_URL"):
        OpenAIImages(choice, Access(service=choice.service, base_url=None), Wishes(), TIMING, ReceiptsInMemory())


@pytest.mark.parametrize(
    ("fault", "may_be_charged"),
    [
        (hang(), True),
        (reset_in_mid_body, True),
        (html_error_page(200), True),
        (malformed_json, True),
        (openai_faults.without_image(), False),
        (openai_faults.overloaded(), False),
        (openai_faults.rate_limited(5), False),
        (html_error_page(502), False),
    ],
)
def test_what_may_be_charged_is_what_was_sent_and_not_answered_whole(compatible, fault, may_be_charged):
    compatible.faults.always(fault)
    error = failed(compatible, "openai-compatible/x", timeout_s=0.5)
    assert (error.cost_usd, error.may_be_charged) == (0.0, may_be_charged)


def test_what_the_answer_says_it_cost_is_known_and_no_matter_of_maybe(server):
    server.faults.always(revised(lambda content: content | {"data": [{"b64_json": "%"}]}))
    error = failed(server)
    assert error.cost_usd > 0
    assert not error.may_be_charged


def test_a_server_that_is_not_there_charges_nothing(server):
    with OpenAIServer() as gone:
        pass
    assert not failed(gone).may_be_charged


def test_the_tokens_come_with_the_picture_where_they_are_told(server, compatible):
    tokens = draw(server).tokens
    assert tokens is not None
    assert tokens.read > 0
    assert tokens.written > 100
    assert draw(compatible, "openai-compatible/x").tokens is None
