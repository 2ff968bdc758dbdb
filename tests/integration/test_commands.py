"""Looking round and making pictures without a deck, as a person types it, against protocol servers on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from pipeline.cli import main
from tests.conftest import ROOT
from tests.fakes import OpenRouterServer, StabilityServer, openai_faults, stability_faults
from tests.fakes.faults import late
from tests.integration.conftest import FAST, Ran
from tests.integration.support import names_in

NOWHERE = ("OLLAMA", "LOCALAI", "LMSTUDIO")


@pytest.fixture
def type_in(capsys, tmp_path):
    """Run the program as a person types it, delays off unless a config is given."""

    def call(*words: object, config: str = FAST) -> Ran:
        path = tmp_path.with_name(f"{tmp_path.name}.yaml")  # beside the folder the pictures go to
        path.write_text(config, encoding="utf-8")
        try:
            code = main([*map(str, words), "--config", str(path)])
        except SystemExit as ended:  # argparse
            code = int(ended.code)
        captured = capsys.readouterr()
        return Ran(code=code, out=captured.out, err=captured.err)

    return call


@pytest.fixture
def openrouter(monkeypatch):
    with OpenRouterServer() as server:
        monkeypatch.setenv("OPENROUTER_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENROUTER_API_KEY", server.api_key)
        yield server


@pytest.fixture
def stability(monkeypatch):
    with StabilityServer() as server:
        monkeypatch.setenv("STABILITY_BASE_URL", server.base_url)
        monkeypatch.setenv("STABILITY_API_KEY", server.api_key)
        yield server


def lines_of(text):
    return {line.split()[0]: line for line in text.splitlines() if line}


# --- models ---


def test_a_refresh_is_seen_in_the_list_and_forgotten_again(type_in, openrouter):
    before = json.loads(type_in("models", "--service", "openrouter", "--json").out)["models"]
    assert {row["model"]: row["usd"] for row in before}["openrouter/krea/krea-2-large"] is None
    assert openrouter.fetches == ()
    assert type_in("models", "refresh").code == 0
    asked = len(openrouter.fetches)
    again = type_in("models", "refresh", "--service", "openrouter")
    assert "asked just now, not again" in again.out
    assert len(openrouter.fetches) == asked
    shown = lines_of(type_in("models", "--type", "image").out)
    assert " 0.03 " in shown["openrouter/krea/krea-2-large"]
    assert type_in("models", "refresh", "--clear").code == 0
    after = json.loads(type_in("models", "--service", "openrouter", "--json").out)["models"]
    assert after == before


def test_a_date_a_service_tells_warns_before_a_deck_is_planned(type_in, openai, make_deck, monkeypatch):
    planned = ("plan", make_deck(1), "--prompt-model", "openai/gpt-5.4-nano")
    assert "shut down" not in type_in(*planned).err
    monkeypatch.setattr("tests.fakes.openai_server.SHUTDOWNS", {"gpt-5.4-nano": "2026-11-25"})
    assert "1 with a shutdown date" in type_in("models", "refresh", "--service", "openai").out
    assert "openai/gpt-5.4-nano is shut down on 2026-11-25" in type_in(*planned).err
    assert openai.requests == ()


def test_a_refused_key_is_code_6(type_in, openai, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-Quokka_Zephyr-0123456789")
    ran = type_in("models", "refresh", "--json")
    assert ran.code == json.loads(ran.out)["exit_code"] == 6
    assert "Quokka" not in ran.out + ran.err


# --- providers ---


def test_services_are_listed_tried_and_switched(type_in, openai, monkeypatch):
    for name in NOWHERE:
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9")
    assert "available_personal" in lines_of(type_in("providers").out)["openai"]
    checked = type_in("providers", "check")
    assert checked.code == 0
    assert "works" in lines_of(checked.out)["openai"]
    assert "disabled" in type_in("providers", "disable", "openai").out
    assert "disabled" in lines_of(type_in("providers").out)["openai"]
    refused = type_in("generate", "a kite", "-o", "x.png", "--model", "openai/gpt-image-2")
    assert refused.code == 6
    assert "providers enable openai" in refused.err
    assert type_in("providers", "enable", "openai").code == 0
    assert type_in("generate", "a kite", "-o", "x.png", "--model", "openai/gpt-image-2").code == 0
    monkeypatch.setenv("OPENAI_API_KEY", "sk-Quokka_Zephyr-0123456789")
    checked = type_in("providers", "check", "openai", "--json")
    assert (checked.code, json.loads(checked.out)["checks"][0]["state"]) == (6, "refused")
    assert "Quokka" not in checked.out + checked.err


# --- generate ---


def test_one_picture_under_its_name(type_in, openai, tmp_path):
    openai.shrink = 1
    ran = type_in("generate", "a red kite", "-o", "x.png", "--size", "1536x1024", "--quality", "low")
    assert ran.code == 0
    assert ran.out.split()[:2] == ["x.png", "openai/gpt-image-2.6-flare"]
    with Image.open(tmp_path / "x.png") as picture:
        assert (picture.size, picture.format) == ((1536, 1024), "PNG")
    assert openai.requests[0].body["quality"] == "low"
    assert names_in(tmp_path) == {"x.png"}


def test_three_pictures_and_as_many_at_once_as_there_are_workers(type_in, openai, tmp_path):
    openai.latency_s = 0.3
    ran = type_in("generate", "a red kite", "-o", "x.jpg", "--n", "3", "--json")
    report = json.loads(ran.out)
    assert (ran.code, report["exit_code"]) == (0, 0)
    assert [row["path"] for row in report["pictures"]] == ["x-1.jpg", "x-2.jpg", "x-3.jpg"]
    assert report["cost_usd"] == pytest.approx(sum(row["cost_usd"] for row in report["pictures"]))
    assert openai.peak_in_flight == 2
    assert names_in(tmp_path) == {"x-1.jpg", "x-2.jpg", "x-3.jpg"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--size", "100x100"], 2, "100x100"),
        (["--quality", "ultra"], 2, "images.quality"),
        (["--model", "stability/no-such"], 2, "no image model"),
        (["--model", "stability/core"], 6, "STABILITY_API_KEY"),
        (["--n", "0"], 2, "--n"),
        (["--n", "x"], 2, "invalid int"),
        (["-o", "x.tiff"], 2, ".webp"),
        (["-o", "gone/x.png"], 5, "no such folder"),
    ],
)
def test_what_cannot_be_is_said_before_any_call(type_in, openai, tmp_path, words, code, said):
    ran = type_in("generate", "a red kite", "-o", "x.png", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert openai.requests == ()
    assert names_in(tmp_path) == set()


@pytest.mark.usefixtures("openai")
def test_nothing_is_overwritten_without_force(type_in, tmp_path):
    (tmp_path / "x.png").write_bytes(b"yours")
    ran = type_in("generate", "a red kite", "-o", "x.png")
    assert ran.code == 5
    assert "--force" in ran.err
    assert (tmp_path / "x.png").read_bytes() == b"yours"
    assert type_in("generate", "a red kite", "-o", "x.png", "--force").code == 0
    assert (tmp_path / "x.png").read_bytes() != b"yours"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (openai_faults.bad_key(), 6),
        (openai_faults.quota_exhausted(), 6),
        (openai_faults.moderation_blocked(), 8),
        (openai_faults.blank_image, 8),
    ],
    ids=["key", "credit", "policy", "blank"],
)
def test_where_no_picture_can_be_made_there_is_none(type_in, openai, tmp_path, fault, code):
    openai.faults.always(fault)
    once = FAST.replace("}", ", max_attempts: 1}") + "images: {chain: [openai, placeholder]}\n"
    ran = type_in("generate", "a red kite", "-o", "x.png", config=once)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err
    assert names_in(tmp_path) == set(), "no placeholder, no blank, nothing half done"


def test_where_some_fail_the_others_stay(type_in, openai, tmp_path):
    openai.faults.on_call(1, openai_faults.moderation_blocked())
    ran = type_in("generate", "a red kite", "-o", "x", "--n", "3")
    assert ran.code == 20
    assert ran.err.count("error: picture") == 1
    assert len(names_in(tmp_path)) == 2
    assert all(name.endswith(".png") for name in names_in(tmp_path))


def test_a_chain_is_followed_and_told(type_in, openai, stability):
    stability.faults.always(stability_faults.no_credit())
    chain = FAST + "images: {chain: [stability/core, openai/gpt-image-2, placeholder]}\n"
    ran = type_in("generate", "a red kite", "-o", "x.png", "--json", config=chain)
    (row,) = json.loads(ran.out)["pictures"]
    assert (ran.code, row["provider"], row["model"]) == (0, "openai", "gpt-image-2")
    assert [call["kind"] for call in row["failed_calls"]] == ["billing"]
    assert "stability is left" in ran.err
    assert type_in("generate", "a red kite", "-o", "y.png", "--model", "stability/core", config=chain).code == 6
    assert len(openai.requests) == 1, "a model that is named stands in place of the chain"


def test_a_key_is_given_as_an_argument_and_in_a_file(type_in, openai, monkeypatch, tmp_path):
    monkeypatch.delenv("OPENAI_API_KEY")
    (tmp_path / "key.txt").write_text(openai.api_key)
    for number, key in enumerate((f"openai={openai.api_key}", "OPENAI_API_KEY=@key.txt")):
        assert type_in("generate", f"{number} kites", "-o", f"{number}.png", "--key", key).code == 0
    assert len(openai.requests) == 2


def test_a_key_that_a_service_quotes_is_told_nowhere(type_in, openai):
    openai.api_key = "sk-Quokka_Zephyr-0123456789"
    openai.faults.always(openai_faults.error(400, f"no picture for {openai.api_key}"))
    for more in ([], ["--json"]):
        ran = type_in("generate", "a kite", "-o", "x.png", "--key", f"openai={openai.api_key}", *more)
        assert ran.code == 8
        assert "no picture for ***" in ran.out + ran.err
        assert "Quokka" not in ran.out + ran.err


def test_without_any_service_it_is_drawn_here_and_said(type_in, tmp_path):
    ran = type_in("generate", "a red kite", "-o", "x.png")
    assert ran.code == 0
    assert "Offline" in ran.err
    assert names_in(tmp_path) == {"x.png"}


def test_offline_stands_in_place_of_whatever_a_file_names(type_in, openai, make_deck):
    chain = FAST + "images: {chain: [openai, placeholder]}\n"
    planned = type_in("plan", make_deck(1), "--offline", config=chain)
    assert planned.code == 0
    assert "offline" in planned.out
    ran = type_in("generate", "a red kite", "-o", "x.png", "--offline", config=chain)
    assert ran.code == 0
    assert ran.out.split() == ["x.png", "offline", "$0"]
    assert openai.requests == ()


def test_ctrl_c_waits_a_moment_for_what_was_paid_for_and_ends(openai, tmp_path):
    openai.faults.on_call(2, late(0.5))
    command = [sys.executable, str(ROOT / "run.py"), "generate", "a red kite", "-o", "x.png", "--n", "2"]
    environ = dict(os.environ, DECK_ILLUSTRATOR_WORKERS__IMAGE_DELAY_S="0")
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 40
        while len(openai.requests) < 2 or not names_in(tmp_path) & {"x-1.png", "x-2.png"}:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err.strip().splitlines()[-1] == "interrupted"
    assert names_in(tmp_path) == {"x-1.png", "x-2.png"}


# --- all ---


def test_who_stops_listening_is_no_bug():
    command = f"'{sys.executable}' '{ROOT / 'run.py'}' models --json | head -c 10"
    ran = subprocess.run(["/bin/bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    assert ran.returncode == 5


@pytest.mark.parametrize(
    "command",
    [
        *("", "plan", "strip", "config", "models", "models refresh", "generate"),
        *("providers", "providers check", "providers enable", "providers disable"),
    ],
)
def test_every_command_says_what_it_does(type_in, command):
    ran = type_in(*command.split(), "--help")
    assert ran.code == 0
    assert "%(" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 120
    assert "--json" in ran.out
