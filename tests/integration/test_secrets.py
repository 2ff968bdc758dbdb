"""A key appears nowhere: not on the terminal, not in a report, not in a log, not in a file of any kind."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.fakes import anthropic_faults, openai_faults
from tests.fakes.faults import Fault
from tests.fakes.wire import Exchange, Reply
from tests.integration.conftest import Ran
from tests.integration.support import QUICK, for_slide

CLAUDES = "sk-ant-api03-Quokka_Zephyr-0123456789abcdefAA"
OPENAIS = "sk-proj-Narwhal_Obelisk-9876543210fedcbaBB"
OPEN_GATE = QUICK.replace("}", ", max_attempts: 1}") + "gate: {min_success_rate: 0}\n"


@pytest.fixture
def keys(monkeypatch, services):
    """Both services with keys that can be told from all else."""
    claude, openai = services
    claude.api_key, openai.api_key = CLAUDES, OPENAIS
    monkeypatch.setenv("ANTHROPIC_API_KEY", CLAUDES)
    monkeypatch.setenv("OPENAI_API_KEY", OPENAIS)
    return services


@pytest.fixture
def illustrate(run, make_deck, tmp_path):
    """Run the program on a deck with so many content slides."""

    def call(content: int, *words: str, **how: object) -> Ran:
        return run(make_deck(content), "-o", tmp_path / "out.pptx", *words, **how)

    return call


def leaks(folder: Path, *printed: str) -> list[str]:
    """Where a key stands in plain text: the terminal, the files of `folder`, the members of its archives."""
    found = [f"printed: {text}" for text in printed if _holds_key(text.encode())]
    for path in folder.rglob("*"):
        if path.is_file() and (_holds_key(path.read_bytes()) or _holds_key(str(path).encode())):
            found.append(str(path))
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                found += [f"{path}: {name}" for name in archive.namelist() if _holds_key(archive.read(name))]
    return found


def _holds_key(data: bytes) -> bool:
    return any(word in data for key in (CLAUDES, OPENAIS) for word in (key.encode(), key[8:30].encode()))


def echoing(error, status: int, **more) -> Fault:
    """An error that quotes the key it was sent, as some servers and proxies do."""

    def strike(exchange: Exchange) -> Reply | None:
        key = exchange.request.headers["authorization"]
        words = f"Rejected: '{key}' is not welcome here, {key.removeprefix('Bearer ')}. " + "Sorry. " * 80 + key
        return error(status, words, **more)(exchange)

    return strike


def echoing_page(exchange: Exchange) -> Reply:
    """What a badly made proxy answers: the whole request as it came."""
    page = f"<html><body>500 while forwarding {dict(exchange.request.headers)}</body></html>".encode()
    return Reply(status=500, headers={"content-type": "text/html"}, body=page)


def empty_but_quoting(exchange: Exchange) -> Reply:
    """Status 200, no answer in it, and the key beside."""
    return Reply.of_json({"data": [], "content": "none", "key": exchange.request.headers["authorization"]})


def faults_of(error) -> list[Fault]:
    return [*(echoing(error, status) for status in (400, 404, 429, 500)), echoing_page, empty_but_quoting]


def test_what_claude_quotes_back_is_nowhere(illustrate, keys, tmp_path):
    claude, _ = keys
    faults = faults_of(anthropic_faults.error)
    for number, fault in enumerate(faults, 2):
        claude.faults.when(for_slide(number), fault)
    for mode in ([], ["--force"]):
        ran = illustrate(len(faults) + 1, "-v", *mode, config=OPEN_GATE, as_json=not mode)
        assert ran.code == 20, ran.err
        assert "Rejected" in ran.out, "the test means to see the message, with the key taken out"
        assert leaks(tmp_path, ran.out, ran.err) == []


def test_what_the_image_service_quotes_back_is_nowhere(illustrate, keys, tmp_path):
    _, openai = keys
    faults = faults_of(openai_faults.error)
    for call, fault in enumerate(faults, 1):
        openai.faults.on_call(call, fault)
    ran = illustrate(len(faults) + 1, "-v", "--sequential", config=OPEN_GATE)
    assert ran.code == 20, ran.err
    assert "Rejected" in ran.out
    assert leaks(tmp_path, ran.out, ran.err) == []


@pytest.mark.parametrize("loudness", ["-v", "-q"])
@pytest.mark.parametrize("status", [401, 402])
def test_a_refused_key_is_not_quoted(illustrate, keys, tmp_path, loudness, status):
    claude, openai = keys
    claude.faults.on_call(2, echoing(anthropic_faults.error, status))
    openai.faults.always(echoing(openai_faults.error, status))
    ran = illustrate(2, loudness, as_json=False)
    assert ran.code == 6, ran.err
    assert leaks(tmp_path, ran.out, ran.err) == []


def test_a_run_that_succeeds_holds_no_key_either(illustrate, keys, tmp_path):
    ran = illustrate(1, "-v")
    assert ran.code == 0, ran.err
    assert leaks(tmp_path, ran.out, ran.err) == []


def test_config_tells_that_the_keys_are_set_and_not_what_they_are(run, keys, tmp_path):
    for as_json in (True, False):
        ran = run("config", as_json=as_json)
        assert ran.code == 0
        assert leaks(tmp_path, ran.out, ran.err) == []
    assert "OPENAI_API_KEY is set" in ran.out


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("variable", ["ANTHROPIC_BASE_URL", "OPENAI_BASE_URL"])
def test_a_password_inside_a_services_address_is_not_shown(illustrate, run, monkeypatch, tmp_path, variable):
    monkeypatch.setenv(variable, f"http://me:{OPENAIS}@127.0.0.1:9/v1")
    told = run("config", as_json=False)
    ran = illustrate(1, "-v", config=OPEN_GATE)
    assert leaks(tmp_path, told.out, told.err, ran.out, ran.err) == []


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("flaw", ["\n", "\x07", "é", "ключ"], ids=["line break", "bell", "accent", "Cyrillic"])
@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"])
def test_a_key_that_was_pasted_badly_is_refused_without_being_shown(illustrate, monkeypatch, tmp_path, variable, flaw):
    key = CLAUDES if variable.startswith("ANTHROPIC") else OPENAIS
    monkeypatch.setenv(variable, f"{key}{flaw}{key}")
    ran = illustrate(1, "-v", config=OPEN_GATE.replace("rate: 0", "rate: 1"))
    assert ran.code in {6, 7, 8}, ran.err
    assert "Traceback" not in ran.err
    assert leaks(tmp_path, ran.out, ran.err) == []
