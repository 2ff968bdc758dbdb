"""No key is told, in whatever spelling a service gives it back: not in a message, a trace, a file, on the terminal."""

from __future__ import annotations

import json
import traceback
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from pipeline.errors import ServiceError
from tests.fakes.faults import Fault
from tests.fakes.wire import Exchange, Reply, Request
from tests.services.asking import paint, request_of
from tests.services.conftest import Watched
from tests.services.table import EVERY, KEY, KEY_OF_TWO, SERVICES, Row

HALVES = KEY_OF_TWO.split(":")


def in_base64(text: str) -> str:
    return b64encode(text.encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": lambda key: quote(key, safe=""),
    "as in a form": quote_plus,
    "in base64": in_base64,
    "in base64 with a user": lambda key: in_base64(f"me:{key}"),
    "in base64 as a header": lambda key: in_base64(f"Bearer {key}"),
}
SHAPES = ("words", "object", "page", "text")
STATUSES = (200, 400, 401, 402, 403, 404, 422, 429, 500)


def spelt() -> Iterator[str]:
    """Every text in which a key, or enough of one, could be found out."""
    for key in (KEY, KEY_OF_TWO, *HALVES):
        yield key
        for spell in SPELLINGS.values():
            yield spell(key).rstrip("=")[4:-4]  # base64 shares its ends with what stands beside


def leaks(text: str) -> list[str]:
    """Which of them stand in a text, or in one unescaped from JSON."""
    plain = text.replace("\\/", "/").replace("\\\\", "\\")
    return [spelling for spelling in spelt() if spelling in plain]


def key_in(request: Request) -> str:
    return next(key for key in (KEY, KEY_OF_TWO) if any(key in value for value in request.headers.values()))


def quoting(words: str, status: int, shape: str) -> Reply:
    """An answer with `words` wherever one of the services would put a message."""
    if shape == "page":
        return Reply(status=status, headers={"content-type": "text/html"}, body=f"<p>{words}</p>".encode())
    if shape == "text":
        return Reply(status=status, headers={"content-type": "text/plain", "x-request-id": words}, body=words.encode())
    fields: dict[str, object] = dict.fromkeys(("detail", "title", "msg", "message", "finish_reason"), words)
    fields |= {"errors": [words], "data": {"failMsg": words}, "error": words}
    if shape == "object":
        fields |= {"error": {"message": words, "code": words, "type": words}, "data": [{"url": f"ftp://{words}"}]}
    return Reply.of_json(fields, status=status)


def echoing(spell: Callable[[str], str], status: int, shape: str) -> Fault:
    def strike(exchange: Exchange) -> Reply:
        return quoting(f"Rejected: {spell(key_in(exchange.request))} is not welcome. ", status, shape)

    return strike


@pytest.fixture
def failures(watch, painter_of) -> Callable[..., Iterator[ServiceError]]:
    """How a provider fails whose service quotes the key in these spellings, each time with another status."""

    def of(row: Row, spellings: Sequence[str]) -> Iterator[ServiceError]:
        watched = watch(row)
        painter = painter_of(row, watched.server)
        for number, (status, spelling) in enumerate(zip(cycle(STATUSES), spellings, strict=False)):
            fault = echoing(SPELLINGS[spelling], status, SHAPES[number % len(SHAPES)])
            watched.server.faults.clear()
            watched.server.faults.always(fault)
            with pytest.raises(ServiceError) as caught:
                paint(painter, request_of(prompt=f"Harbour number {number}"))
            yield caught.value

    return of


@EVERY
def test_no_message_of_a_service_tells_the_key(failures, row):
    for error in failures(row, [*SPELLINGS, *SPELLINGS, *reversed(SPELLINGS)]):
        assert leaks(str(error) + repr(error)) == []


@EVERY
def test_no_traceback_tells_the_key(failures, row):
    for error in failures(row, ["as it is"] * len(STATUSES)):
        assert leaks("".join(traceback.format_exception(error))) == []


@EVERY
def test_a_message_is_told_with_the_key_taken_out(watch, painter_of, row):
    """What the test above is worth: the messages that hold a key are indeed those that people get to see."""
    watched = watch(row)
    for shape in ("words", "object", "text"):
        watched.server.faults.clear()
        watched.server.faults.always(echoing(str, 400, shape))
        with pytest.raises(ServiceError, match=r"Rejected: .*\*\*\*"):
            paint(painter_of(row, watched.server))


@EVERY
def test_neither_a_provider_nor_what_it_holds_tells_the_key(watch, painter_of, row):
    painter = painter_of(row, watch(row).server)
    held = [repr(painter), *(repr(value) for value in vars(painter).values())]
    assert leaks("\n".join(held)) == []


# --- the whole program ---


@pytest.fixture
def everybody(person, monkeypatch) -> list[Watched]:
    """All services, and a key to each, needed or not."""
    watched = person(*SERVICES)
    for row, each in zip(SERVICES, watched, strict=True):
        monkeypatch.setenv(row.key_variable, each.server.api_key)
    return watched


@pytest.fixture
def chain(everybody) -> str:
    """Settings in which all services draw in turn; none of them does, and each quotes the key in another spelling."""
    for number, each in enumerate(everybody):
        spell = list(SPELLINGS.values())[number % len(SPELLINGS)]
        each.server.faults.always(echoing(spell, STATUSES[number % len(STATUSES)], ("words", "object")[number % 2]))
    names = ", ".join(row.name for row in SERVICES)
    return (
        f"{{images: {{chain: [{names}, placeholder]}}, prompts: {{provider: offline}}, "
        "gate: {min_success_rate: 0}, workers: {max_attempts: 1}}\n"
    )


@pytest.mark.parametrize("as_json", [True, False])
def test_a_run_in_which_every_service_quotes_its_key_tells_none(chain, illustrate, tmp_path, as_json):
    ran = illustrate(2, "-v", config=chain, as_json=as_json)
    assert ran.code in {6, 8, 20}, ran.err
    assert "Rejected: " in ran.out + ran.err
    assert leaks(ran.out + ran.err) == []
    assert list(leaking_files(tmp_path)) == []


@pytest.mark.parametrize("spellings", [["as it is"] * 2, [name for name in SPELLINGS if name != "as it is"]])
@pytest.mark.parametrize("provider", ["openai", "openrouter", "anthropic"])
def test_a_writer_whose_service_quotes_its_key_tells_none(
    person, claude, monkeypatch, illustrate, tmp_path, provider, spellings
):
    claude.api_key = KEY
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    server = claude if provider == "anthropic" else person(provider)[0].server
    person()
    for number, name in enumerate(spellings):
        fault = echoing(SPELLINGS[name], (400, 500)[number % 2], "object")
        server.faults.when(lambda _: True, fault, times=1)
    config = (
        f"{{prompts: {{provider: {provider}}}, images: {{provider: offline}}, gate: {{min_success_rate: 0}}, "
        "workers: {max_attempts: 1}}\n"
    )
    ran = illustrate(len(spellings), "-v", config=config)
    assert "Rejected: " in ran.out
    assert leaks(ran.out + ran.err) == []
    assert list(leaking_files(tmp_path)) == []


LOOKING = [["config"], ["models"], ["providers"], ["providers", "check"], ["models", "refresh"]]


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_looking_round_tells_no_key_even_where_services_quote_it(everybody, monkeypatch, run, tmp_path, words, as_json):
    spells = iter(list(SPELLINGS.values()) * 9)
    for each in everybody:
        spell = next(spells)
        monkeypatch.setattr(
            each.server,
            "look_up",
            lambda request, spell=spell: quoting(f"Rejected: {spell(key_in(request))}", 401, "object"),
        )
    ran = run(*words, config="", as_json=as_json)
    assert ran.code in {0, 6, 8}, ran.err
    assert ran.out
    assert leaks(ran.out + ran.err) == []
    assert list(leaking_files(tmp_path)) == []


def test_generate_tells_no_key(chain, run, tmp_path):
    ran = run("generate", "A lynx in the snow", "-o", tmp_path / "lynx.png", config=chain)
    assert ran.code, ran.out
    assert "Rejected: " in ran.out + ran.err
    assert leaks(ran.out + ran.err) == []
    assert list(leaking_files(tmp_path)) == []


def leaking_files(folder: Path) -> Iterator[str]:
    """Files under the test's folder and the person's own, and members of archives, that hold a key."""
    own = folder.with_name(f"{folder.name}.home")
    for path in [*folder.rglob("*"), *own.rglob("*")]:
        if not path.is_file():
            continue
        found = {str(path): path.read_bytes()}
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                found |= {f"{path}: {name}": archive.read(name) for name in archive.namelist()}
        for name, data in found.items():
            if leaks(name + data.decode("latin-1")) or leaks(json.dumps(data.decode("latin-1"))):
                yield name
