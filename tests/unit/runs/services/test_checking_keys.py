"""Keys are tried where they are, and only a refusal of one is a failure."""

from __future__ import annotations

import pytest

from pipeline.config.loader import load_configuration
from pipeline.errors import ExitCode, UsageError
from pipeline.runs.services.checking_keys import check_keys, exit_code_of
from pipeline.store.choices import set_disabled
from tests.clocks import ManualClock
from tests.fakes import OpenAIServer, StabilityServer

# Servers on one's own machine are tried without a key: here they are where nobody listens.
NOWHERE = {f"{name}_BASE_URL": "http://127.0.0.1:9" for name in ("OLLAMA", "LOCALAI", "LMSTUDIO")}


def checked(tmp_path, name=None, **environ):
    configuration = load_configuration(None, {}, {"DECK_ILLUSTRATOR_HOME": str(tmp_path), **NOWHERE, **environ})
    rows = check_keys(configuration, name, ManualClock())
    return {row.service: row for row in rows}, exit_code_of(rows)


@pytest.fixture
def there():
    """Two services and the variables that lead to them."""
    with OpenAIServer() as openai, StabilityServer() as stability:
        yield {
            "OPENAI_BASE_URL": openai.base_url,
            "OPENAI_API_KEY": openai.api_key,
            "STABILITY_BASE_URL": stability.base_url,
            "STABILITY_API_KEY": stability.api_key,
        }


def test_all_that_can_be_used_are_tried(tmp_path, there):
    rows, code = checked(tmp_path, **there)
    assert set(rows) == {"openai", "stability", "ollama", "localai", "lmstudio"}
    assert (rows["openai"].state, rows["stability"].state) == ("works", "works")
    assert "812.5 credits" in rows["stability"].message
    assert rows["ollama"].state == "unreachable"
    assert code is ExitCode.OK


def test_a_refused_key_is_code_6_and_shown_masked(tmp_path, there):
    rows, code = checked(tmp_path, **(there | {"OPENAI_API_KEY": "sk-Quokka_Zephyr-0123456789"}))
    assert rows["openai"].state == "refused"
    assert rows["openai"].key == "sk-…6789"
    assert "Quokka" not in repr(rows)
    assert code is ExitCode.CREDENTIALS


def test_one_alone_also_where_it_is_switched_off(tmp_path, there):
    set_disabled(tmp_path, "stability", disabled=True)
    assert "stability" not in checked(tmp_path, **there)[0]
    rows, _ = checked(tmp_path, "stability", **there)
    assert [(row.service, row.state) for row in rows.values()] == [("stability", "works")]


def test_one_without_a_key_says_what_to_set(tmp_path):
    rows, code = checked(tmp_path, "stability")
    assert (rows["stability"].state, rows["stability"].message) == ("unknown", "set STABILITY_API_KEY")
    assert code is ExitCode.OK


def test_a_name_that_is_none_is_refused(tmp_path):
    with pytest.raises(UsageError, match="did you mean openai"):
        checked(tmp_path, "openia")
