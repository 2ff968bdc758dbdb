"""What a question to a writer is known by; what an answer says was used; what may be charged although none came."""

from __future__ import annotations

import json
from dataclasses import replace
from string import Template

import pytest

from pipeline.errors import ServiceError
from pipeline.prompting.chat import ChatWriter
from pipeline.prompting.claude import ClaudeWriter
from pipeline.prompting.offline import OfflineWriter
from pipeline.records import CallKind, Ground, Theme, Tokens
from tests.builders import brief
from tests.fakes import OpenAIServer, anthropic_faults, chat_faults
from tests.fakes.faults import hang, html_error_page, malformed_json, reset_in_mid_body
from tests.fakes.revising import revised
from tests.unit.prompting.asked import TEMPLATES, TIMING, access, choice, wrote

KEY = "sk-Quokka/Zephyr+0123456789=abcdef"
AROUND = {"slide_number": 9, "deck_title": "Another deck", "outline": ("Three",), "seed": 77}
TOLD = {
    "title": "Another title",
    "body": ("A first point about it", "A second"),
    "language": "de",
    "theme": Theme(background="000000", text="FFFFFF", accents=("4472C4",)),
    "aspect_ratio": 0.5,
    "style": "photo",
    "wish": "Ein Hafen",
    "complaint": "Not in English.",
    "is_cover": True,
    "ground": Ground.PLAIN,
}


@pytest.fixture(params=["anthropic", "openai"])
def writer(request, writing):
    kind = ClaudeWriter if request.param == "anthropic" else ChatWriter
    chosen = choice(request.param, "m", protocol=request.param)
    return writing(kind, chosen, "https://somewhere.example", KEY)


@pytest.fixture
def of(writing):
    """The key of the same slide's question to a writer that is asked otherwise."""

    def key(model="m", base_url="http://localhost:1/v1", templates=TEMPLATES, route=None, **changes):
        chosen = choice("openai", model, **changes)
        if route:
            chosen = replace(chosen, model=chosen.model.model_copy(update={"route": route}))
        writer = ChatWriter(chosen, access(chosen, base_url, KEY), templates, TIMING)
        writer.close()
        return writer.request(brief()).key

    return key


def test_a_slide_that_two_decks_share_is_one_question(writer):
    assert writer.request(brief(**AROUND)) == writer.request(brief())


@pytest.mark.parametrize("name", TOLD)
def test_whatever_is_told_of_a_slide_makes_it_another_question(writer, name):
    assert writer.request(brief(**{name: TOLD[name]})).key != writer.request(brief()).key


def test_a_question_says_whom_it_is_for_and_neither_with_which_key_nor_where(writer):
    request = writer.request(brief())
    assert (request.kind, request.service, request.model) == (CallKind.PROMPT, writer.name, "m")
    text = repr(request) + json.dumps([dict(request.parameters), dict(request.context)])
    assert KEY not in text
    assert "somewhere" not in text


def test_another_model_route_parameter_or_place_is_another_question(of):
    keys = [
        of(),
        of("n"),
        of(route="m-2026"),
        of(send={"temperature": 0}),
        of(base_url="http://localhost:2/v1"),
    ]
    assert len(set(keys)) == len(keys)
    assert of() == keys[0]


def test_changed_templates_ask_again_and_a_style_that_is_not_the_slides_does_not(of):
    flat, photo = TEMPLATES.styles["flat"], TEMPLATES.styles["photo"]
    changed = {
        "rules": replace(TEMPLATES, rules=TEMPLATES.rules + " Be brief."),
        "deck": replace(TEMPLATES, deck=Template(TEMPLATES.deck.template + " Be brief.")),
        "slide": replace(TEMPLATES, slide=Template(TEMPLATES.slide.template + " Be brief.")),
        "style": replace(
            TEMPLATES, styles={**TEMPLATES.styles, "flat": flat.model_copy(update={"guidance": "Draw it flatter."})}
        ),
    }
    keys = [of(), *(of(templates=templates) for templates in changed.values())]
    assert len(set(keys)) == len(keys)
    others = {**TEMPLATES.styles, "photo": photo.model_copy(update={"guidance": "Take it sharper."})}
    assert of(templates=replace(TEMPLATES, styles=others)) == of()


@pytest.mark.parametrize(
    ("changes", "is_other"),
    [
        ({"title": "A lighthouse"}, True),
        ({"outline": ("A lighthouse", "Ships")}, True),
        ({"wish": "a whale"}, True),
        ({"complaint": "Milder."}, True),
        ({"slide_number": 9, "seed": 3}, False),
        ({"style": "photo", "aspect_ratio": 3.0}, False),
    ],
)
def test_without_a_service_a_question_is_known_by_what_it_is_answered_by(changes, is_other):
    offline = OfflineWriter()
    assert (offline.request(brief(**changes)).key != offline.request(brief()).key) == is_other


# --- tokens ---


def test_what_claude_read_from_its_cache_and_put_there_was_read(at_anthropic, anthropic_server):
    usage = {
        "input_tokens": 100,
        "output_tokens": 40,
        "cache_creation_input_tokens": 1000,
        "cache_read_input_tokens": 2000,
    }
    anthropic_server.faults.always(revised(lambda message: message | {"usage": usage}))
    assert wrote(at_anthropic()).tokens == Tokens(read=3100, written=40)


def test_the_tokens_of_a_completion_come_with_the_answer(at_openai, openai_server):
    openai_server.faults.always(revised(lambda c: c | {"usage": {"prompt_tokens": 11, "completion_tokens": 7}}))
    assert wrote(at_openai()).tokens == Tokens(read=11, written=7)


def test_who_says_nothing_of_tokens_used_none_that_are_known(at_openai, at_anthropic, openai_server, anthropic_server):
    openai_server.faults.always(revised(lambda completion: completion | {"usage": None}))
    anthropic_server.faults.always(revised(lambda message: message | {"usage": None}))
    assert wrote(at_openai()).tokens is None
    assert wrote(at_anthropic()).tokens is None


# --- what may be charged ---

LOST = {
    "no answer in time": hang(),
    "no answer": lambda _: None,
    "half an answer": reset_in_mid_body,
    "half of the JSON": malformed_json,
    "a page": html_error_page(200),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
@pytest.mark.parametrize("service", ["anthropic", "openai"])
def test_a_question_whose_answer_was_lost_may_be_charged(
    at_anthropic, at_openai, anthropic_server, openai_server, service, fault
):
    server, asking = (anthropic_server, at_anthropic) if service == "anthropic" else (openai_server, at_openai)
    server.faults.always(fault)
    assert lost(asking()).may_be_charged


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 529])
def test_a_question_that_was_refused_is_not_charged(at_anthropic, at_openai, anthropic_server, openai_server, status):
    anthropic_server.faults.always(html_error_page(status))
    openai_server.faults.always(html_error_page(status))
    assert not lost(at_anthropic()).may_be_charged
    assert not lost(at_openai()).may_be_charged


def test_an_answer_that_came_whole_and_is_of_no_use_is_charged_what_it_says(
    at_anthropic, at_openai, anthropic_server, openai_server
):
    anthropic_server.faults.always(anthropic_faults.answering("Sorry."))
    openai_server.faults.always(chat_faults.answering("Sorry."))
    for error in (lost(at_anthropic()), lost(at_openai())):
        assert error.cost_usd > 0
        assert not error.may_be_charged


@pytest.mark.parametrize("service", ["anthropic", "openai"])
def test_a_service_that_is_not_there_charges_nothing(writing, service):
    with OpenAIServer() as gone:
        pass
    kind = ClaudeWriter if service == "anthropic" else ChatWriter
    assert not lost(writing(kind, choice(service, "m", protocol=service), gone.base_url, KEY)).may_be_charged


def lost(writer):
    with pytest.raises(ServiceError) as caught:
        writer.write(brief(), 0.5)
    return caught.value
