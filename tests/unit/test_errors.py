"""The exit codes are a promise to scripts: by name, by number, and in the README."""

from __future__ import annotations

import pytest

from pipeline import errors
from pipeline.errors import ExitCode, FailureKind, NotEnglishError, PipelineError, PromptError, ServiceError
from tests.conftest import ROOT

CODES = {
    "OK": 0,
    "BUG": 1,
    "USAGE": 2,
    "NOTHING_TO_DO": 3,
    "BAD_DECK": 4,
    "FILE_ACCESS": 5,
    "CREDENTIALS": 6,
    "PROMPT_GATE": 7,
    "IMAGE_GATE": 8,
    "CHECK_FAILED": 9,
    "BUDGET": 10,
    "PARTIAL": 20,
    "WAITING": 21,
    "INTERRUPTED": 130,
    "TERMINATED": 143,
}


def test_codes_keep_their_names_and_numbers():
    assert {code.name: code.value for code in ExitCode} == CODES


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("UsageError", 2),
        ("DeckError", 4),
        ("FileAccessError", 5),
        ("CredentialsError", 6),
        ("DeliveryError", 9),
        ("BudgetError", 10),
    ],
)
def test_each_error_carries_its_code(error, code):
    raised = getattr(errors, error)("deck.pptx: what happened; what to do")
    assert isinstance(raised, PipelineError)
    assert raised.exit_code == code
    assert str(raised) == "deck.pptx: what happened; what to do"


def test_a_service_error_carries_its_hint_its_cost_and_its_calls():
    error = ServiceError(FailureKind.RATE, "slow down", retry_after_s=3.5, cost_usd=0.1)
    assert (error.kind, error.retry_after_s, error.cost_usd, error.calls) == (FailureKind.RATE, 3.5, 0.1, ())
    assert str(error) == "slow down"


def test_a_prompt_that_is_not_english_is_a_prompt_that_cannot_be_used():
    assert issubclass(NotEnglishError, PromptError)
    assert PromptError("no").cost_usd == 0


@pytest.mark.parametrize("code", ExitCode, ids=lambda code: code.name)
def test_the_readme_tells_every_code(code):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("|") and f"`{code.name}`" in line]
    assert len(rows) == 1
    assert str(code.value) in rows[0].split("|")[1]
