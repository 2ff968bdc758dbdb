"""The real `openai` SDK talks to the Images server: what a test may rely on when it scripts a fault."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import httpx2
import openai
import pytest
from PIL import Image

from tests.fakes import OpenAIServer, openai_faults
from tests.fakes.answers import Draw, bytes_of, opened
from tests.fakes.faults import Fault
from tests.fakes.pictures import picture


@pytest.mark.parametrize("size", ["1536x864", "1024x1024", "864x1536", "2048x688", "auto"])
def test_the_picture_has_exactly_the_size_asked_for(draw: Draw, size: str) -> None:
    answer = draw(size=size)
    image = opened(bytes_of(answer))
    assert f"{image.width}x{image.height}" == answer.size == ("1024x1024" if size == "auto" else size)
    assert image.format == "PNG"


def test_a_picture_is_as_much_smaller_as_a_test_says(draw: Draw, painter: OpenAIServer) -> None:
    painter.shrink = 4
    answer = draw(size="1536x864")
    assert (opened(bytes_of(answer)).size, answer.size) == ((384, 216), "1536x864")


def test_different_prompts_give_different_pictures_and_the_same_prompt_the_same(draw: Draw) -> None:
    first, again, other = (bytes_of(draw(prompt)) for prompt in ("Sea", "Sea", "Sky"))
    assert first == again != other


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_the_picture_is_encoded_as_asked(draw: Draw, kind: str) -> None:
    answer = draw(output_format=kind)
    assert (opened(bytes_of(answer)).format or "").lower() == kind == answer.output_format


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_transparent_picture_comes_where_the_model_makes_one(draw: Draw, kind: str) -> None:
    answer = draw(model="gpt-image-2.5-flare", background="transparent", output_format=kind)
    opacity = opened(bytes_of(answer)).convert("RGBA").getchannel("A")
    assert (opacity.getextrema(), answer.background) == ((0, 255), "transparent")


def test_as_many_pictures_come_as_asked_for(draw: Draw) -> None:
    answer = draw(n=3)
    assert answer.data is not None
    assert len({item.b64_json for item in answer.data}) == 3


@pytest.mark.parametrize(
    ("model", "size", "quality", "price_usd"),
    [
        ("gpt-image-2.6-flare", "1024x1024", "low", 0.0059),
        ("gpt-image-2.5-sunburst", "1536x1024", "high", 0.0412),
        ("gpt-image-2.6-flare", "2560x1440", "max", 0.2211),
        ("gpt-image-2.6-flare", "1920x1088", "medium", 0.0103),
        ("gpt-image-2", "1024x1024", "medium", 0.053),
        ("gpt-image-1.5", "1024x1536", "low", 0.013),
    ],
)
def test_usage_costs_what_the_price_table_says(
    draw: Draw, model: str, size: str, quality: str, price_usd: float
) -> None:
    usage = draw(model=model, size=size, quality=quality).usage
    assert usage is not None
    assert usage.output_tokens * 30 / 1e6 == pytest.approx(price_usd, rel=0.005)
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("gpt-image-2.6-flare", "1920x1080"),  # 1080 is no multiple of 16
        ("gpt-image-2.6-flare", "3072x512"),  # longer than 3:1
        ("gpt-image-2.6-flare", "3856x2048"),  # an edge over 3840
        ("gpt-image-2.6-flare", "3840x2176"),  # too many pixels
        ("gpt-image-2.6-flare", "800x800"),  # too few
        ("gpt-image-2.6-flare", "wide"),
        ("gpt-image-1.5", "1536x864"),  # three sizes only
    ],
)
def test_a_size_the_model_does_not_draw_is_refused(draw: Draw, model: str, size: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        draw(model=model, size=size)
    assert (caught.value.code, caught.value.param) == ("invalid_value", "size")


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"response_format": "b64_json"}, "response_format", "unknown_parameter"),
        ({"style": "vivid"}, "style", "unknown_parameter"),
        ({"quality": "hd"}, "quality", "invalid_value"),
        ({"quality": "max", "model": "gpt-image-2"}, "quality", "invalid_value"),
        ({"n": 11}, "n", "invalid_value"),
        ({"prompt": "x" * 32_001}, "prompt", "invalid_value"),
        ({"prompt": ""}, "prompt", "missing_required_parameter"),
        ({"output_compression": 50}, "output_compression", "invalid_value"),
        ({"background": "transparent", "output_format": "jpeg"}, "background", "invalid_value"),
        ({"background": "transparent", "model": "gpt-image-2.6-flare"}, "background", "invalid_value"),
        ({"extra_body": {"stream": True}}, "stream", "invalid_value"),
    ],
)
def test_what_the_images_api_does_not_take_is_a_bad_request(
    draw: Draw, changes: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        draw(**changes)
    assert (caught.value.param, caught.value.code) == (param, code)


@pytest.mark.parametrize("model", ["dall-e-3", "gpt-image-1", "flux-3"])
def test_a_retired_or_foreign_image_model_is_not_found(draw: Draw, model: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        draw(model=model)
    assert caught.value.code == "model_not_found"


def test_an_answer_names_its_request_and_the_rate_limits(painter: OpenAIServer, http: httpx2.Client) -> None:
    client = openai.OpenAI(base_url=painter.base_url, api_key=painter.api_key, max_retries=0, http_client=http)
    raw = client.images.with_raw_response.generate(prompt="Sea", model="gpt-image-2.6-flare")
    assert raw.headers["x-request-id"]
    assert raw.headers["x-ratelimit-remaining-requests"] == "49"


def test_a_wrong_key_is_refused_without_being_repeated(draw: Draw) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        draw(extra_headers={"authorization": "Bearer sk-secret"})
    assert caught.value.code == "invalid_api_key"
    assert "secret" not in str(caught.value)


# --- the faults ---


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        (openai_faults.bad_key(), openai.AuthenticationError, (401, "invalid_request_error", "invalid_api_key")),
        (openai_faults.forbidden(), openai.PermissionDeniedError, (403, "invalid_request_error", None)),
        (
            openai_faults.quota_exhausted(),
            openai.RateLimitError,
            (429, "insufficient_quota", "credit_balance_exhausted"),
        ),
        (
            openai_faults.quota_exhausted("insufficient_quota"),
            openai.RateLimitError,
            (429, "insufficient_quota", "insufficient_quota"),
        ),
        (
            openai_faults.billing_hard_limit_reached(),
            openai.BadRequestError,
            (400, "billing_limit_user_error", "billing_hard_limit_reached"),
        ),
        (openai_faults.rate_limited(), openai.RateLimitError, (429, "rate_limit_error", "rate_limit_exceeded")),
        (openai_faults.server_error(), openai.InternalServerError, (500, "server_error", None)),
        (openai_faults.overloaded("1"), openai.InternalServerError, (503, "server_error", "server_is_overloaded")),
        (
            openai_faults.moderation_blocked(),
            openai.BadRequestError,
            (400, "image_generation_user_error", "moderation_blocked"),
        ),
    ],
)
def test_an_error_carries_its_class_status_type_and_code(
    draw: Draw, painter: OpenAIServer, fault: Fault, error: type[openai.APIStatusError], told: tuple[Any, ...]
) -> None:
    painter.faults.always(fault)
    with pytest.raises(error) as caught:
        draw()
    assert (caught.value.status_code, caught.value.type, caught.value.code) == told
    assert caught.value.request_id


def test_a_blocked_prompt_names_stage_and_category(draw: Draw, painter: OpenAIServer) -> None:
    painter.faults.always(openai_faults.moderation_blocked("violence", "output"))
    with pytest.raises(openai.BadRequestError, match=re.escape("safety_violations=[violence]")) as caught:
        draw()
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["moderation_details"] == {"moderation_stage": "output", "categories": ["violence"]}


def test_an_image_rate_limit_names_its_wait(draw: Draw, painter: OpenAIServer) -> None:
    painter.faults.always(openai_faults.rate_limited(retry_after="2", code="slow_down"))
    with pytest.raises(openai.RateLimitError) as caught:
        draw()
    assert (caught.value.code, caught.value.response.headers["retry-after"]) == ("slow_down", "2")


def test_an_answer_can_hold_no_picture(draw: Draw, painter: OpenAIServer) -> None:
    painter.faults.always(openai_faults.empty_data)
    assert draw().data == []


def test_a_truncated_image_has_a_size_and_does_not_decode(draw: Draw, painter: OpenAIServer) -> None:
    painter.faults.always(openai_faults.truncated_image)
    image = Image.open(BytesIO(bytes_of(draw())))
    assert image.size == (1536, 864)
    with pytest.raises(OSError, match="truncated"):
        image.load()


def test_a_blank_image_has_the_right_size_and_one_colour(draw: Draw, painter: OpenAIServer) -> None:
    painter.faults.always(openai_faults.blank_image)
    image = opened(bytes_of(draw()))
    assert image.size == (1536, 864)
    assert image.getcolors() == [(1536 * 864, (0, 0, 0))]


@pytest.mark.parametrize(
    ("fault", "kind", "size"),
    [
        (openai_faults.one_pixel_image, "PNG", (1, 1)),
        (openai_faults.webp_image, "WEBP", (1536, 864)),
        (openai_faults.wrong_size_image(512, 512), "PNG", (512, 512)),
        (openai_faults.image(picture("mine", 64, 32, "jpeg")), "JPEG", (64, 32)),
    ],
)
def test_a_tester_chooses_the_picture(
    draw: Draw, painter: OpenAIServer, fault: Fault, kind: str, size: tuple[int, int]
) -> None:
    painter.faults.always(fault)
    image = opened(bytes_of(draw()))
    assert (image.format, image.size) == (kind, size)


def test_text_can_come_where_an_image_should_be(draw: Draw, painter: OpenAIServer) -> None:
    painter.faults.always(openai_faults.text_instead_of_image)
    assert bytes_of(draw()).startswith(b"I am sorry")


def test_a_fault_does_not_hide_a_request_the_service_refuses(draw: Draw, painter: OpenAIServer) -> None:
    painter.faults.always(openai_faults.blank_image)
    with pytest.raises(openai.BadRequestError):
        draw(size="1920x1080")
