"""Random faults, met by the real SDKs: what torture may rely on."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import anthropic
import openai
import pytest

from tests.fakes import AnthropicServer, OpenAIServer
from tests.fakes.answers import Answer, Ask, Draw, bytes_of, opened, text_of
from tests.fakes.faults import fine, late, reset_in_mid_body
from tests.fakes.random_faults import WHOLE, Randomly, image_faults, prompt_faults
from tests.fakes.wire import Exchange, Reply, Request

IMAGE_FAULTS = image_faults(hang_s=0.3, slow_s=0.01)
PROMPT_FAULTS = prompt_faults(hang_s=0.3, slow_s=0.01)
REFUSALS = {
    "rate_limited": openai.RateLimitError,
    "rate_limited_seconds": openai.RateLimitError,
    "rate_limited_ms": openai.RateLimitError,
    "rate_limited_date": openai.RateLimitError,
    "server_error": openai.InternalServerError,
    "overloaded": openai.InternalServerError,
    "overloaded_529": openai.InternalServerError,
    "proxy_page": openai.InternalServerError,
    "hang": openai.APITimeoutError,
    "dropped": openai.APIConnectionError,
    "reset": openai.APIConnectionError,
    "malformed_json": json.JSONDecodeError,
}


@pytest.mark.parametrize("word", sorted(IMAGE_FAULTS.keys() & REFUSALS.keys()))
def test_each_fault_of_a_picture_is_an_error_of_its_kind(painter: OpenAIServer, draw: Draw, word: str) -> None:
    script = Randomly(1, {word: IMAGE_FAULTS[word]})
    painter.faults.always(script)
    with pytest.raises(REFUSALS[word]):
        draw(timeout=0.1 if word == "hang" else 5)
    assert script.chosen == {1: word}


@pytest.mark.parametrize("word", sorted(IMAGE_FAULTS.keys() - REFUSALS.keys()))
def test_the_other_answers_hold_a_picture_that_is_whole_only_where_they_say_so(
    painter: OpenAIServer, draw: Draw, word: str
) -> None:
    painter.faults.always(Randomly(1, {word: IMAGE_FAULTS[word]}))
    answer = draw(size="1024x640")
    try:
        image = opened(bytes_of(answer))
        is_good = image.size == (1024, 640) and image.convert("RGB").getextrema()[0] != (0, 0)
    except (OSError, IndexError):
        is_good = False
    assert is_good is (word in WHOLE)


@pytest.mark.parametrize("word", sorted(PROMPT_FAULTS))
def test_each_fault_of_a_prompt_leaves_a_usable_answer_only_where_it_says_so(
    writer: AnthropicServer, ask: Ask, word: str
) -> None:
    writer.faults.always(Randomly(1, {word: PROMPT_FAULTS[word]}))
    try:
        Answer.model_validate_json(text_of(ask(timeout=0.1 if word == "hang" else 5)))
        is_good = True
    except (anthropic.APIError, ValueError):
        is_good = False
    assert is_good is (word in WHOLE)


def test_the_same_seed_gives_the_same_faults_whatever_the_order_and_another_seed_others(
    draw_on: Callable[[OpenAIServer], Draw],
) -> None:
    def meet(seed: int, shuffle: int) -> dict[str, list[str]]:
        script = Randomly(seed, {"one": (1, fine), "two": (2, late(0.001)), "three": (1, reset_in_mid_body)})
        prompts = [f"Sea {number % 8}" for number in range(16)]
        random.Random(shuffle).shuffle(prompts)
        with OpenAIServer() as server, ThreadPoolExecutor(4) as pool:
            server.faults.always(script)
            draw = draw_on(server)
            for call in [pool.submit(draw, prompt, size="1024x640") for prompt in prompts]:
                call.exception()
            met: dict[str, list[str]] = {}
            for request in server.requests:
                met.setdefault(request.body["prompt"], []).append(script.chosen[request.number])
        return {prompt: sorted(words) for prompt, words in met.items()}

    first, again, other = meet(7, 1), meet(7, 2), meet(8, 1)
    assert first == again != other


def test_weights_are_shares() -> None:
    words = image_faults(hang_s=0, share_fine=0.6)
    script = Randomly(3, {word: (weight, nothing) for word, (weight, _) in words.items()})
    for number in range(2000):
        request = Request(number=number, at_s=0, path="/", headers={}, body={"prompt": number})
        script(Exchange(request=request, answer=Reply, wait=bool))
    assert script.counts.keys() == words.keys()
    assert script.counts["fine"] / 2000 == pytest.approx(0.6, abs=0.05)


def nothing(_: Exchange) -> None:
    """A fault that takes no time."""
