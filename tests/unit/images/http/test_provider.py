"""A whole service made up of data alone draws, says what it costs and what it cannot do."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from pipeline.errors import CredentialsError, FailureKind, ServiceError, UsageError
from pipeline.images.http.provider import HttpImages
from pipeline.images.parameters import Wishes
from pipeline.images.unfinished import ReceiptsInMemory
from pipeline.records import Allowance
from tests.fakes.wire import Reply
from tests.unit.images.http.invented import (
    IMAGE,
    PICTURE,
    Clock,
    InventedServer,
    access,
    chosen,
    entry,
    provider,
    refusal,
)
from tests.unit.images.test_offline import REQUEST

ENCODED = base64.b64encode(PICTURE).decode()
BYTES = {"result": {"bytes": True, "image": None}}


def generate(server, service=None, **more):
    drawing = provider(server, service, **more)
    try:
        return drawing.generate(REQUEST, 10.0)
    finally:
        drawing.close()


@pytest.mark.parametrize(
    "found",
    [
        ENCODED,
        "\n".join([ENCODED[:40], ENCODED[40:]]),
        f"data:image/png;base64,{ENCODED[:40]}\n{ENCODED[40:]}",
        [ENCODED, "x"],
        [[None, ENCODED]],
    ],
    ids=["base64", "lines", "data", "list", "lists"],
)
def test_a_picture_is_found_in_whatever_way_it_stands_in_the_answer(found):
    with InventedServer({"picture": found}) as server:
        assert generate(server).data == PICTURE


def test_a_picture_may_be_the_answer_itself():
    with InventedServer(IMAGE) as server:
        assert generate(server, entry(BYTES)).data == PICTURE


@pytest.mark.parametrize("reply", [{"finish": "ok"}, Reply(headers={"content-type": "image/png"}), Reply(body=b"<p>")])
def test_where_the_answer_should_be_the_picture_nothing_else_is_taken_for_one(reply):
    with InventedServer(reply) as server, pytest.raises(ServiceError) as caught:
        generate(server, entry(BYTES))
    assert caught.value.kind is FailureKind.EMPTY


def test_an_error_in_the_body_of_a_200_is_told_by_its_rule():
    service = entry(errors={"rules": [{"kind": "policy", "when": "finish == 'filtered'"}]})
    content = {"finish": "filtered", "picture": ENCODED, "usd": 0.03}
    with InventedServer(content) as server, pytest.raises(ServiceError) as caught:
        generate(server, service)
    assert (caught.value.kind, caught.value.cost_usd) == (FailureKind.POLICY, 0.03)
    assert ENCODED[:20] not in str(caught.value)


def test_an_endpoint_has_its_own_word_on_errors():
    service = entry({"errors": {"rules": [{"kind": "billing", "status": [418]}]}})
    with InventedServer(refusal(418, "teapot")) as server, pytest.raises(ServiceError) as caught:
        generate(server, service)
    assert caught.value.kind is FailureKind.BILLING


def test_pictures_come_only_from_the_hosts_a_service_is_known_for():
    service = entry({"result": {"hosts": [".pictures.example"]}})
    with InventedServer({"picture": "https://other.example/1.png"}) as server, pytest.raises(ServiceError) as caught:
        generate(server, service)
    assert caught.value.kind is FailureKind.EMPTY
    assert str(caught.value).startswith("Invented: ")


@pytest.mark.parametrize(("answer", "usd"), [({"usd": 0.07}, 0.07), ({}, 0.25), ({"usd": "much"}, 0.25)])
def test_a_picture_costs_what_the_answer_says_else_what_the_catalog_does(answer, usd):
    with InventedServer({"picture": ENCODED} | answer) as server:
        assert generate(server).cost_usd == usd


def test_an_answer_without_a_picture_costs_only_what_it_says():
    for answer, usd in (({"usd": 0.07}, 0.07), ({}, 0.0)):
        with InventedServer(answer) as server, pytest.raises(ServiceError) as caught:
            generate(server)
        assert (caught.value.kind, caught.value.cost_usd) == (FailureKind.EMPTY, usd)


def test_what_the_headers_say_is_left_comes_with_the_picture():
    reply = Reply.of_json({"picture": ENCODED}, headers={"x-ratelimit-remaining": "3", "x-ratelimit-reset": "20"})
    with InventedServer(reply) as server:
        assert generate(server).allowance == Allowance(remaining=3, reset_s=20.0)


def test_an_address_that_cannot_be_asked_for_again_has_expired():
    with InventedServer() as server:
        server.posts = [{"picture": f"{server.origin}/gone"}]
        with pytest.raises(ServiceError) as caught:
            generate(server)
    assert (caught.value.kind, caught.value.cost_usd) == (FailureKind.EXPIRED_URL, 0.25)


def test_what_was_delivered_by_address_is_not_ordered_again():
    with InventedServer(gets={"/1.png": [Reply(status=503), IMAGE]}) as server:
        server.posts = [{"picture": f"{server.origin}/1.png"}]
        drawing = provider(server)
        with pytest.raises(ServiceError) as caught:
            drawing.generate(REQUEST, 10.0)
        assert (caught.value.cost_usd, caught.value.may_be_charged) == (0.0, True)
        image = drawing.generate(replace(REQUEST), 10.0)
        assert (image.cost_usd, image.continues) == (0.25, True)
        drawing.close()
    assert len(server.requests) == 1


def test_it_says_what_it_is_what_it_costs_and_what_it_leaves_out():
    wishes = Wishes(quality="high", parameters={"seed": 7, "steps": 3})
    with InventedServer({"picture": ENCODED}) as server:
        drawing = provider(server, wishes=wishes)
        drawing.generate(REQUEST, 10.0)
        drawing.close()
    assert server.requests[0].body["options"] == {"shape": "16:9", "seed": 7}
    assert (drawing.name, drawing.model, drawing.is_remote) == ("invented", "painter", True)
    assert drawing.dropped == ("images.quality", "images.parameters.steps")
    assert drawing.estimate_usd(1.0, 1000) == 0.25
    assert (drawing.prompt_limit_chars, drawing.takes_transparency) == (4000, False)


def test_a_wish_that_is_refused_is_refused_before_anything_is_sent():
    refusal_says = r"images\.parameters\.seed: .*invented/painter.*whole number.*'x'"
    with InventedServer(IMAGE) as server, pytest.raises(UsageError, match=refusal_says):
        provider(server, wishes=Wishes(parameters={"seed": "x"}))
    assert server.requests == ()


def test_a_service_without_an_address_says_which_variable_gives_it_one():
    service = entry()
    with pytest.raises(CredentialsError, match="INVENTED_BASE_URL"):
        HttpImages(chosen(service), access(service, None), Wishes(), Clock().timing, ReceiptsInMemory())
