"""The README's table of services is the catalog's."""

from __future__ import annotations

from pipeline.services.catalog import load_catalog
from samples.build_services_table import BEGINS, ENDS, README, services_table
from tests.unit.services.files import MADE_UP, catalog_of

ROWS = services_table(load_catalog()).splitlines()


def _row(title: str, table: list[str] = ROWS) -> str:
    return next(line for line in table if line.startswith(f"| {title} |"))


def test_every_service_has_one_row_of_as_many_cells():
    assert len(ROWS) == 2 + len(load_catalog().services)
    assert {line.count("|") for line in ROWS} == {6}


def test_a_row_says_what_to_write_and_which_variable_to_set():
    row = _row("Black Forest Labs")
    assert "`images: {provider: bfl}`" in row
    assert "`BFL_API_KEY`" in row


def test_a_service_without_models_of_its_own_is_given_one():
    assert "`images: {provider: azure, model: …}`" in _row("Azure OpenAI")


def test_a_service_without_an_address_is_given_one():
    assert "`AZURE_BASE_URL`" in _row("Azure OpenAI")


def test_a_row_says_how_much():
    assert "$0.03–0.08 a picture" in _row("Stability AI")
    assert "$0.1–10 a million tokens read, $0.5–50 written" in _row("Anthropic")
    assert "free" in _row("Ollama")


def test_ones_own_service_has_its_row(tmp_path):
    row = _row("Acme", services_table(catalog_of(tmp_path, MADE_UP)).splitlines())
    expected = "| Acme | `images: {provider: acme}` | `ACME_API_KEY` | pictures: 1, `acme-1` unasked | $0.5 a picture |"
    assert row == expected


def test_the_readme_has_this_table():
    """Else run `python -m samples.build_services_table`."""
    _, _, rest = README.read_text(encoding="utf-8").partition(BEGINS)
    table, marker, _ = rest.partition(ENDS)
    assert marker
    assert table.strip().splitlines() == ROWS
