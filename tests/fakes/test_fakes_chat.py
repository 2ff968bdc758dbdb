"""The real `openai` SDK writes text: OpenAI's own server and the ones that copy it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletion

from tests.fakes import OpenAIServer, chat_faults, openai_faults
from tests.fakes.answers import FORMAT, Answer
from tests.fakes.faults import Fault

Write = Callable[..., ChatCompletion]
SCHEMA = FORMAT["schema"]


def asked_for(schema: dict[str, Any], *, strict: bool = True) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": strict, "schema": schema}}


def text_of(completion: ChatCompletion) -> str:
    return completion.choices[0].message.content or ""


@pytest.fixture
def compatible() -> Iterator[OpenAIServer]:
    with OpenAIServer(compatible=True) as server:
        yield server


@pytest.fixture
def write(painter: OpenAIServer, http: httpx2.Client) -> Write:
    client = openai.OpenAI(
        base_url=painter.base_url, api_key=painter.api_key, max_retries=0, timeout=5, http_client=http
    )

    def call(text: str = "Slide 3: Photosynthesis", **changes: Any) -> ChatCompletion:
        arguments: dict[str, Any] = {
            "model": "gpt-6.2-sol",
            "messages": [{"role": "system", "content": "Rules"}, {"role": "user", "content": text}],
            "response_format": asked_for(SCHEMA),
        }
        completion: ChatCompletion = client.chat.completions.create(**(arguments | changes))
        return completion

    return call


def test_the_answer_satisfies_the_schema_of_the_request(write: Write) -> None:
    completion = write()
    assert Answer.model_validate_json(text_of(completion)).worth_illustrating
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


def test_the_same_slide_always_gives_the_same_answer_and_another_slide_another(write: Write) -> None:
    first, again, other = (text_of(write(text)) for text in ("Sun", "Sun", "Moon"))
    assert first == again != other


def test_without_a_schema_the_answer_is_a_sentence(write: Write) -> None:
    assert text_of(write(response_format={"type": "text"})).endswith(".")
    assert json.loads(text_of(write(response_format={"type": "json_object"})))


def test_a_token_limit_cuts_the_answer_off(write: Write) -> None:
    completion = write(max_completion_tokens=5)
    assert (completion.choices[0].finish_reason, len(text_of(completion))) == ("length", 20)


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"extra_body": {"style": "terse"}}, "style", "unknown_parameter"),
        ({"messages": []}, "messages", "missing_required_parameter"),
        ({"messages": [{"role": "human", "content": "Sun"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages[0].content", "invalid_value"),
        ({"response_format": {"type": "yaml"}}, "response_format.type", "invalid_value"),
        ({"max_tokens": 100}, "max_tokens", "unsupported_parameter"),
        ({"temperature": 0.2}, "temperature", "unsupported_value"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}},
            "response_format.json_schema.name",
            "missing_required_parameter",
        ),
        (
            {"response_format": asked_for(SCHEMA | {"required": ["prompt"]})},
            "response_format",
            "invalid_json_schema",
        ),
        (
            {"response_format": asked_for(SCHEMA | {"additionalProperties": True})},
            "response_format",
            "invalid_json_schema",
        ),
    ],
)
def test_what_the_chat_api_does_not_take_is_a_bad_request(
    write: Write, changes: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        write(**changes)
    assert (caught.value.param, caught.value.code) == (param, code)


def test_a_model_without_reasoning_takes_a_temperature_and_a_loose_schema(write: Write) -> None:
    loose = {"type": "object", "properties": {"prompt": {"type": "string"}}}
    completion = write(
        model="gpt-4o-mini", temperature=0.2, max_tokens=500, response_format=asked_for(loose, strict=False)
    )
    assert set(json.loads(text_of(completion))) == {"prompt"}


@pytest.mark.parametrize("model", ["gpt-3.5-turbo", "gpt-image-2.6-flare"])
def test_a_retired_model_or_one_that_draws_does_not_write(write: Write, model: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        write(model=model)
    assert caught.value.code == "model_not_found"


def test_a_compatible_server_writes_without_a_key_and_takes_any_field(
    compatible: OpenAIServer, http: httpx2.Client
) -> None:
    body = {"model": "llama3.2", "messages": [{"role": "user", "content": "Sun"}], "keep_alive": "5m"}
    answer = http.post(f"{compatible.base_url}/chat/completions", json=body | {"response_format": asked_for(SCHEMA)})
    assert Answer.model_validate_json(answer.json()["choices"][0]["message"]["content"])
    listed = http.get(f"{compatible.base_url}/models").json()["data"]
    assert "llama3.2" in [model["id"] for model in listed]
    assert all("shutdown_date" not in model for model in listed)


def test_the_list_of_models_tells_when_each_is_shut_down_and_tries_the_key(
    painter: OpenAIServer, http: httpx2.Client
) -> None:
    client = openai.OpenAI(base_url=painter.base_url, api_key=painter.api_key, max_retries=0, http_client=http)
    days = {model.id: model.shutdown_date for model in client.models.list()}
    assert (days["gpt-image-2.6-flare"], days["gpt-image-1.5"], days["gpt-4o"]) == (None, "2026-12-01", "2027-01-14")
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sk-wrong").models.list()


@pytest.mark.parametrize(
    ("fault", "reason", "text"),
    [
        (chat_faults.refusal(), "stop", ""),
        (chat_faults.content_filtered(), "content_filter", ""),
        (chat_faults.answering("Слайд 3: Море"), "stop", "Слайд 3: Море"),
    ],
)
def test_a_completion_can_say_less_or_other_than_asked(
    painter: OpenAIServer, write: Write, fault: Fault, reason: str, text: str
) -> None:
    painter.faults.always(fault)
    completion = write()
    assert (completion.choices[0].finish_reason, text_of(completion)) == (reason, text)


def test_a_refusal_says_so(painter: OpenAIServer, write: Write) -> None:
    painter.faults.always(chat_faults.refusal())
    assert "can't assist" in (write().choices[0].message.refusal or "")


def test_a_cut_off_answer_is_not_json_any_more(painter: OpenAIServer, write: Write) -> None:
    painter.faults.always(chat_faults.cut_off())
    with pytest.raises(json.JSONDecodeError):
        json.loads(text_of(write()))


def test_a_tester_chooses_some_of_the_fields_or_no_choice_at_all(painter: OpenAIServer, write: Write) -> None:
    painter.faults.on_call(1, chat_faults.answering_with(worth_illustrating=False))
    painter.faults.on_call(2, chat_faults.no_choices())
    assert not Answer.model_validate_json(text_of(write())).worth_illustrating
    assert write().choices == []


def test_a_fault_of_pictures_leaves_texts_alone(painter: OpenAIServer, write: Write) -> None:
    painter.faults.always(openai_faults.without_image())
    assert text_of(write())
