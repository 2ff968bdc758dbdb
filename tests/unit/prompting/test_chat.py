"""Chat completions as prompts: asked for properly, read whatever they come wrapped in, failures told by their kind."""

from __future__ import annotations

import json

import pytest

from pipeline.errors import CredentialsError, FailureKind
from pipeline.prompting.chat import MAX_TOKENS, ChatWriter
from pipeline.services.catalog import load_catalog
from tests.builders import brief
from tests.fakes import chat_faults, openai_faults
from tests.fakes.revising import revised
from tests.fakes.wire import Reply
from tests.unit.prompting.asked import TEMPLATES, TIMING, access, choice, failure, wrote

PROMPT = "A lighthouse guiding small boats through fog"
GOOD = {"worth_illustrating": True, "reason": "An idea.", "prompt": PROMPT, "alt_text": "Ein Leuchtturm."}


# --- what is asked ---


def test_a_prompt_is_asked_for_in_the_form_of_a_strict_schema_and_without_sampling(at_openai, openai_server):
    answer = wrote(at_openai())
    assert answer.prompt
    (request,) = openai_server.requests
    assert request.body.keys() == {"model", "messages", "response_format", "max_completion_tokens"}
    assert request.body["model"] == "gpt-6-luna"
    assert request.body["max_completion_tokens"] == MAX_TOKENS
    schema = request.body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"]["required"] == list(GOOD)
    assert request.headers["authorization"] == f"Bearer {openai_server.api_key}"


def test_what_all_slides_share_stands_first(at_openai, openai_server):
    writer = at_openai()
    for title in ("One", "Two"):
        writer.write(brief(title=title), 5)
    first, second = ([m["content"] for m in request.body["messages"]] for request in openai_server.requests)
    assert first[0] == second[0]
    assert first[0].startswith(TEMPLATES.rules)
    deck_part = TEMPLATES.deck_part(brief())
    assert first[1].startswith(deck_part)
    assert second[1].startswith(deck_part)
    assert first[1] != second[1]


def test_a_plain_question_gets_a_plain_text(at_openai, openai_server):
    openai_server.faults.always(chat_faults.answering("<think>Hm.</think>\nA poem."))
    answer = at_openai().complete("Be brief.", "Write a poem.", 5)
    assert answer.text == "A poem."
    assert answer.cost_usd > 0
    (request,) = openai_server.requests
    assert "response_format" not in request.body
    assert [(m["role"], m["content"]) for m in request.body["messages"]] == [
        ("system", "Be brief."),
        ("user", "Write a poem."),
    ]


def test_a_plain_question_without_rules_sends_none(at_openai, openai_server):
    at_openai().complete("", "Write a poem.", 5)
    assert [m["role"] for m in openai_server.requests[0].body["messages"]] == ["user"]


def test_what_the_catalog_has_a_server_sent_is_sent_and_what_it_omits_is_not(at_home, local_server):
    local_server.faults.always(chat_faults.answering(json.dumps(GOOD)))
    wrote(at_home(send={"max_tokens": 900, "usage": {"include": True}}, omit=["response_format"]))
    (request,) = local_server.requests
    assert request.body.keys() == {"model", "messages", "max_tokens", "usage"}
    assert request.body["max_tokens"] == 900


def test_a_server_without_keys_is_asked_without_one(at_home, local_server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-service")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-of-another-service")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-of-another-service")
    assert wrote(at_home()).prompt
    headers = local_server.requests[0].headers
    assert "authorization" not in headers
    assert not any("of-another-service" in value for value in headers.values())


def test_a_key_goes_into_the_header_the_catalog_names(writing, local_server):
    chosen = choice("azure", "gpt-6-luna", key={"header": "api-key", "value": "{{key}}"})
    wrote(writing(ChatWriter, chosen, local_server.base_url, "azure-key"))
    headers = local_server.requests[0].headers
    assert headers["api-key"] == "azure-key"
    assert "authorization" not in headers


def test_the_services_own_headers_are_sent_with_their_values_put_in(writing, local_server):
    chosen = choice("azure", "gpt-6-luna", headers={"X-Trace": "t {{key}}", "X-Title": "deck"})
    wrote(writing(ChatWriter, chosen, local_server.base_url, "azure-key"))
    headers = local_server.requests[0].headers
    assert (headers["x-trace"], headers["x-title"]) == ("t azure-key", "deck")


def test_a_key_does_not_follow_where_the_address_leads(at_home, local_server, openai_server):
    elsewhere = {"location": f"{openai_server.base_url}/chat/completions"}
    local_server.faults.always(lambda _: Reply(status=307, headers=elsewhere))
    error = failure(at_home(key="sk-home"), FailureKind.BAD_PARAMETER)
    assert str(error) == "Ollama: its address leads elsewhere (307); check OLLAMA_BASE_URL"
    assert openai_server.requests == ()


def test_a_service_without_an_address_says_which_variable_to_set():
    chosen = choice("ollama", "llama3.2")
    with pytest.raises(CredentialsError, match="OLLAMA_BASE_URL"):
        ChatWriter(chosen, access(chosen, None, "key"), TEMPLATES, TIMING)


@pytest.mark.parametrize(
    "name", ["openai/gpt-4o", "openrouter", "azure/my-deployment", "ollama/llama3.2", "lmstudio/a", "localai/a"]
)
def test_the_services_of_the_catalog_write_prompts(writing, local_server, name):
    chosen = load_catalog().choose(name, "text", "prompts.model")
    answer = wrote(writing(ChatWriter, chosen, local_server.base_url, "a-key"))
    assert answer.prompt
    assert [request.body["model"] for request in local_server.requests] == [chosen.route]


# --- servers that take less ---


def wants_form(*words):
    """Requests with any of these as their response_format."""
    return lambda body: (body.get("response_format") or {}).get("type") in words


def refuses_form(_exchange):
    """As LM Studio says it, its error a mere text."""
    return Reply.of_json({"error": "'response_format.type' must be 'text'"}, status=400)


@pytest.mark.parametrize(
    ("refused", "asked"),
    [
        (("json_schema",), ["json_schema", "json_object", "json_object"]),
        (("json_schema", "json_object"), ["json_schema", "json_object", None, None]),
    ],
)
def test_a_form_that_is_refused_is_left_out_from_then_on(at_home, local_server, refused, asked):
    local_server.faults.when(wants_form(*refused), refuses_form)
    local_server.faults.always(chat_faults.answering(json.dumps(GOOD)))
    writer = at_home()
    assert [wrote(writer).prompt for _ in range(2)] == [PROMPT] * 2
    forms = [(request.body.get("response_format") or {}).get("type") for request in local_server.requests]
    assert forms == asked
    system = local_server.requests[-1].body["messages"][0]["content"]
    assert "JSON" in system
    assert "worth_illustrating" in system


@pytest.mark.parametrize(
    "message",
    [
        "'max_tokens' or 'max_completion_tokens' is too large: 16000. This model's maximum context length is 8192",
        "This model's maximum context length is 8192 tokens. However, you requested 16000 output tokens.",
        "max_completion_tokens: Extra inputs are not permitted",
    ],
)
def test_a_cap_that_is_refused_is_left_out_from_then_on(at_home, local_server, message):
    refuse = openai_faults.error(400, message)
    local_server.faults.when(lambda body: "max_completion_tokens" in body, refuse)
    writer = at_home()
    for _ in range(2):
        assert wrote(writer).prompt
    assert ["max_completion_tokens" in request.body for request in local_server.requests] == [True, False, False]


def test_what_is_refused_for_good_is_asked_for_three_times_at_most(at_home, local_server):
    local_server.faults.always(refuses_form)
    failure(at_home(), FailureKind.BAD_PARAMETER)
    assert len(local_server.requests) == 3


def test_what_is_asked_again_has_the_time_that_is_left(at_home, local_server, passing):
    def slow(exchange):
        passing.seconds += 2
        return refuses_form(exchange)

    local_server.faults.always(slow)
    error = failure(at_home(timing=passing.timing), FailureKind.TRANSIENT, timeout_s=3.5)
    assert str(error) == "Ollama: no answer within 4 s"
    left = [float(request.headers["x-stainless-read-timeout"]) for request in local_server.requests]
    assert left == [3.5, 1.5]


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{json.dumps(GOOD)}\n```",
        f"Sure! Here is the answer:\n\n{json.dumps(GOOD, indent=2)}\n\nLet me know {{if}} it helps.",
        f'<think>The form is {{"prompt": "…"}}, so</think>\n{json.dumps(GOOD)}',
        f"{json.dumps(GOOD | {'prompt': 'A draft'})}</think>{json.dumps(GOOD)}",
        json.dumps({"answer": GOOD}),
        json.dumps(GOOD).replace("An idea.", "An\nidea."),
        json.dumps({"worth_illustrating": "true", "reason": None, "prompt": PROMPT}),
    ],
    ids=["fence", "sentences", "thoughts", "thoughts unopened", "nested", "line break", "less"],
)
def test_an_answer_is_found_whatever_it_is_wrapped_in(at_home, local_server, text):
    local_server.faults.always(chat_faults.answering(text))
    answer = wrote(at_home())
    assert (answer.worth_illustrating, answer.prompt) == (True, PROMPT)


def test_an_answer_in_parts_is_put_together(at_home, local_server):
    text = json.dumps(GOOD)
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]
    parts += [{"type": "text", "text": text[:20]}, {"type": "text", "text": text[20:]}]
    local_server.faults.always(revised(lambda c: c | {"choices": [{"message": {"content": parts}}]}))
    assert wrote(at_home()).prompt == PROMPT
