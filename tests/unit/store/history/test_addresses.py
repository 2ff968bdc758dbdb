"""What history.url may say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.store.history.addresses import address_of, looks_like_a_database

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (None, "data/history.sqlite"),
        ("team/history.db", "team/history.db"),
        ("~/history.db", str(Path.home() / "history.db")),
        ("sqlite:////srv/history.db", "/srv/history.db"),
        ("sqlite:///history.db?mode=ro", "history.db"),
    ],
)
def test_a_file(url, path):
    assert address_of(url, Path("data")) == Path(path)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_server_with_the_driver_that_is_installed(scheme):
    url = address_of(f"{scheme}://ada:{SECRET}@host:5433/name?sslmode=require", Path())
    assert url.drivername == "postgresql+psycopg"
    assert (url.password, url.port, url.query["sslmode"]) == (SECRET, 5433, "require")


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://ada:{SECRET}@host/name",
        f"postgresql+asyncpg://ada:{SECRET}@host/name",
        "sqlite://",
        "sqlite:///:memory:",
        f"sqlite+aiosqlite:///{SECRET}",
        f"postgresql://ada:{SECRET}@host:port/name",
        f"://ada:{SECRET}@",
    ],
)
def test_anything_else_is_refused_without_its_password(url):
    with pytest.raises(UsageError, match=r"^history\.url: .*; write the path of a file, or postgresql://") as caught:
        address_of(url, Path())
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_without_its_driver_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match=r"history\.url.*deck-illustrator\[postgres\]"):
        address_of("postgresql://host/name", Path())


def test_which_files_were_meant_to_be_databases():
    assert looks_like_a_database(Path("a.SQLITE"))
    assert looks_like_a_database(Path("a.db"))
    assert not looks_like_a_database(Path("deck.pptx"))
