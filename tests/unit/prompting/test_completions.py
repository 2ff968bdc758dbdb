"""What a chat completion costs: what it says itself, else what its tokens cost; what it says is left of the limits."""

from __future__ import annotations

import pytest

from pipeline.records import Allowance
from tests.builders import brief
from tests.fakes.revising import revised
from tests.fakes.wire import Reply
from tests.unit.prompting.asked import wrote


@pytest.mark.parametrize(
    ("usage", "cost_usd"),
    [
        ({"prompt_tokens": 1000, "completion_tokens": 100}, (1000 * 2 + 100 * 10) / 1e6),
        (
            {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 600}},
            (400 * 2 + 600 * 0.2 + 100 * 10) / 1e6,
        ),
        (
            {"prompt_tokens": 1000, "completion_tokens": 0, "prompt_tokens_details": {"cache_write_tokens": 1000}},
            1000 * 2 / 1e6,
        ),
        ({"prompt_tokens": 1000, "completion_tokens": 100, "cost": 0.0123}, 0.0123),
        ({"prompt_tokens": 1000, "completion_tokens": 100, "cost": {"total": 1}}, (1000 * 2 + 100 * 10) / 1e6),
        ({"prompt_tokens": "many"}, None),
        (None, None),
    ],
)
def test_an_answer_costs_what_it_says_else_what_its_tokens_cost(at_openai, openai_server, usage, cost_usd):
    openai_server.faults.always(revised(lambda completion: completion | {"usage": usage}))
    answer = at_openai().complete("", "Write a poem.", 5)
    assert answer.cost_usd == (None if cost_usd is None else pytest.approx(cost_usd))


def test_where_the_catalog_says_where_the_cost_stands_it_is_read_there(at_openai, openai_server):
    openai_server.faults.always(revised(lambda completion: completion | {"credits": 3}))
    writer = at_openai(price={"reported": "credits", "reported_usd": 0.01})
    assert wrote(writer).cost_usd == pytest.approx(0.03)


def test_openrouter_says_itself_what_an_answer_cost(at_openrouter, openrouter_server):
    costs = []

    def note(completion):
        costs.append(completion["usage"]["cost"])
        return completion

    openrouter_server.faults.always(revised(note))
    answer = wrote(at_openrouter(price=None))
    assert [answer.cost_usd] == costs
    assert answer.cost_usd > 0


def test_an_estimate_is_near_the_cost_and_none_where_no_price_is_known(at_openai):
    writer = at_openai()
    assert writer.estimate_usd(brief()) == pytest.approx(wrote(writer).cost_usd, rel=1.5)
    assert at_openai(price=None).estimate_usd(brief()) is None


def test_what_is_left_of_the_allowance_comes_with_the_answer(at_openai, openai_server):
    def strike(exchange):
        reply = exchange.answer()
        left = {"x-ratelimit-remaining-requests": "7", "x-ratelimit-reset-requests": "1m30s"}
        return Reply(status=200, headers=dict(reply.headers) | left, body=reply.body)

    openai_server.faults.always(strike)
    assert wrote(at_openai()).allowance == Allowance(remaining=7, reset_s=90)


def test_an_error_field_that_is_empty_is_no_error(at_openai, openai_server):
    openai_server.faults.always(revised(lambda c: c | {"error": None, "choices": [c["choices"][0] | {"error": {}}]}))
    assert wrote(at_openai()).prompt
