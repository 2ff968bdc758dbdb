"""The whole program with each service: one key, one line of YAML, and a picture is in the deck."""

from __future__ import annotations

import pytest

from tests.fakes import AnthropicServer, OpenAIServer
from tests.integration.support import our_pictures
from tests.services.table import SERVICES, every


def line_for(row) -> str:
    model = f", model: {row.model}" if row.model and not row.choice.is_listed else ""
    return f"images: {{provider: {row.service}{model}}}\n"


@every(SERVICES)
def test_one_key_and_one_line_bring_a_picture_into_the_deck(person, illustrate, out, row):
    [watched] = person(row)
    ran = illustrate(1, config=line_for(row))
    assert ran.code == 0, ran.err
    slide = ran.slide(2)
    assert (slide["status"], slide["provider"], slide["model"]) == ("illustrated", row.service, row.choice.id)
    assert slide["failed_calls"] == []
    assert set(our_pictures(out)) == {2}
    assert ran.report["offline"] is False
    drawn = [post for post in watched.posts if not post.path.endswith("/chat/completions")]
    assert len(drawn) == 1
    assert slide["prompt"] in str(drawn[0].body) or slide["prompt"] in drawn[0].body.get("prompt", "")


def test_a_service_named_without_its_key_ends_with_the_name_of_the_variable(person, make_deck, run, out, monkeypatch):
    deck = make_deck(1)
    for row in SERVICES:
        [watched] = person(row)
        if row.needs_key:
            monkeypatch.delenv(row.key_variable)
            ran = run(deck, "-o", out, config=line_for(row))
            assert ran.code == 6
            assert row.key_variable in ran.err
            assert watched.posts == ()


# --- who writes the prompts ---


def test_claude_writes_prompts(person, illustrate, claude):
    person()
    ran = illustrate(1, config="prompts: {provider: anthropic}\n")
    assert ran.code == 0, ran.err
    assert len(claude.requests) == 1
    assert ran.slide(2)["provider"] == "offline"


@pytest.mark.parametrize("service", ["openai", "openrouter"])
def test_a_service_that_writes_is_asked_for_prompts(person, illustrate, service):
    [watched] = person(service)
    ran = illustrate(1, config=f"{{prompts: {{provider: {service}}}, images: {{provider: offline}}}}\n")
    assert ran.code == 0, ran.err
    [post] = watched.posts
    assert post.path.endswith("/chat/completions")
    assert ran.slide(2)["prompt"]
    assert ran.slide(2)["provider"] == "offline"


@pytest.mark.parametrize("service", ["ollama", "lmstudio", "localai", "openai-compatible"])
def test_a_server_on_this_machine_writes_prompts_without_a_key(person, illustrate, monkeypatch, service):
    person()
    with OpenAIServer(compatible=True) as server:
        monkeypatch.setenv(f"{service.upper().replace('-', '_')}_BASE_URL", server.base_url)
        ran = illustrate(1, config=f"prompts: {{provider: {service}, model: llama3.2}}\n")
        assert ran.code == 0, ran.err
        [post] = server.requests
    assert post.body["model"] == "llama3.2"
    assert ran.slide(2)["prompt"]


def test_one_service_writes_and_another_draws(person, illustrate, claude: AnthropicServer):
    [watched] = person("stability")
    ran = illustrate(2, config="images: {provider: stability}\n")
    assert ran.code == 0, ran.err
    assert (len(claude.requests), len(watched.posts)) == (2, 2)
