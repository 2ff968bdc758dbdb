"""A command that is run: what it gets, what it does not get, and that nothing of it stays."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.config.credentials import Access, Credentials, KeySource
from pipeline.config.settings import Hook as HookSettings
from pipeline.telling.hooks import Hook, without_keys
from pipeline.telling.messages import UntoldError
from tests.unit.config.entries import service

KEY = "sk-hush-hush-hush-0123"
_SAVE = "import json, os, sys; json.dump([sys.stdin.read(), dict(os.environ)], open('got.json', 'w'))"


def credentials_with(key=KEY, base_url="https://alpha.example/v1"):
    access = Access(
        service=service(),
        base_url=base_url,
        key=SecretStr(key),
        source=KeySource.PERSONAL,
        found_in="environment ALPHA_API_KEY",
    )
    return Credentials(accesses={"alpha": access})


def hook_of(*command, timeout_s=20.0, environ=None, credentials=None):
    settings = HookSettings(command=command, timeout_s=timeout_s)
    return Hook(settings, credentials or Credentials(accesses={}), {"PATH": os.environ["PATH"], **(environ or {})})


def python(code, **how):
    return hook_of(sys.executable, "-S", "-c", code, **how)


def tell(hook, output="out.pptx"):
    hook.run("deck.done", "in dir/deck.pptx", output, json.dumps({"run_id": "r"}))


def test_it_gets_the_report_and_what_has_happened():
    tell(python(_SAVE))
    report, environ = json.loads(Path("got.json").read_text())
    assert json.loads(report) == {"run_id": "r"}
    told = {name: environ[name] for name in ("DECK_EVENT", "DECK_INPUT", "DECK_OUTPUT")}
    assert told == {"DECK_EVENT": "deck.done", "DECK_INPUT": "in dir/deck.pptx", "DECK_OUTPUT": "out.pptx"}


def test_an_output_of_another_deck_is_not_handed_on():
    tell(python(_SAVE, environ={"DECK_OUTPUT": "another.pptx"}), output=None)
    assert json.loads(Path("got.json").read_text())[1]["DECK_OUTPUT"] == ""


def test_it_gets_no_key():
    environ = {"ALPHA_API_KEY": KEY, "COPY": f" {KEY}\n", "INSIDE": f"Bearer {KEY}", "MINE": "kept"}
    tell(python(_SAVE, environ=environ, credentials=credentials_with()))
    text = Path("got.json").read_text()
    assert "hush" not in text
    assert json.loads(text)[1]["MINE"] == "kept"


def test_keys_are_told_from_other_variables():
    environ = {
        "ALPHA_API_KEY": "one that is not used",
        "ADDRESS": "https://me:gate-pass-word@gate.example",
        "SHORT": "abc",
        "LONGER": "abcdef",
    }
    assert without_keys(environ, credentials_with("abc", "https://me:gate-pass-word@gate.example/v1")) == {
        "LONGER": "abcdef"
    }


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "import sys; sys.stderr.write('one\\n'); sys.exit('the \\x1b[31mdisk is full\\n')",
            "exit code 1: the  [31mdisk is full",
        ),
        ("raise SystemExit(3)", "exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "signal 15"),
    ],
)
def test_a_failure_is_told_with_its_last_line(code, words):
    with pytest.raises(UntoldError) as caught:
        tell(python(code))
    assert str(caught.value) == f"hook.command: {sys.executable}: ended with {words}"


def test_what_it_prints_is_not_shown(capfd):
    tell(python("import sys; print('hello'); print('careful', file=sys.stderr)"))
    assert capfd.readouterr() == ("", "")


def test_a_report_nobody_reads_is_no_failure():
    hook_of("true").run("deck.done", "deck.pptx", None, "x" * 1_000_000)


def test_a_command_that_is_not_there():
    with pytest.raises(UntoldError, match=r"^hook\.command: no-such-program: cannot be started \(No such file"):
        tell(hook_of("no-such-program"))


def test_no_shell_reads_it():
    tell(hook_of("touch", "$(touch hacked); touch b"))
    assert [path.name for path in Path.cwd().iterdir()] == ["$(touch hacked); touch b"]


def test_one_that_takes_too_long_is_killed_with_all_it_has_started():
    hook = hook_of("sh", "-c", "sleep 600 & echo $! > child; wait", timeout_s=0.3)
    with pytest.raises(UntoldError, match=r"did not end within 0\.3 s and was killed"):
        tell(hook)
    assert is_soon_gone(int(Path("child").read_text()))


def test_what_it_leaves_running_is_not_waited_for():
    began = time.monotonic()
    tell(hook_of("sh", "-c", "sleep 5 & echo $! > child"))
    assert time.monotonic() - began < 4
    os.kill(int(Path("child").read_text()), 9)


def is_soon_gone(pid):
    """Whether the process ends: orphans are reaped by whoever adopts them, in their own time."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False
