"""Which key wins, where it was found, and where a service is."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from pipeline.config.credentials import KeySource
from pipeline.config.keys import find_credentials
from pipeline.config.surroundings import Place
from pipeline.errors import UsageError
from tests.unit.config.entries import catalog, service

ENVIRONMENT = Place("environment", {"ALPHA_API_KEY": "environs"})
OWN_FILE = Place("/home/me/keys.env", {"ALPHA_API_KEY": "files"})
TEAM = Place("/etc/team.env", {"ALPHA_API_KEY": "teams"})
NOTHING = Place("", {})
CATALOG = catalog(service(), service("beta"), service("free", key=None))


def found(*personal, shared=NOTHING, keys=None, among=CATALOG):
    return find_credentials(among, personal, shared, keys)


def key_of(credentials, name="alpha"):
    access = credentials.of(name)
    return (access.key.get_secret_value() if access.key else None, access.source, access.found_in)


def test_an_argument_beats_ones_own_which_beats_the_teams():
    keys = {"alpha": "arguments"}
    assert key_of(found(ENVIRONMENT, OWN_FILE, shared=TEAM, keys=keys)) == ("arguments", KeySource.ARGUMENT, "argument")
    expected = ("environs", KeySource.PERSONAL, "environment ALPHA_API_KEY")
    assert key_of(found(ENVIRONMENT, OWN_FILE, shared=TEAM)) == expected
    assert key_of(found(OWN_FILE, shared=TEAM)) == ("files", KeySource.PERSONAL, "/home/me/keys.env ALPHA_API_KEY")
    assert key_of(found(shared=TEAM)) == ("teams", KeySource.SHARED, "/etc/team.env ALPHA_API_KEY")
    assert key_of(found()) == (None, None, "")


def test_keys_that_come_second_are_taken_out_of_what_is_written_too():
    secrets = found(ENVIRONMENT, OWN_FILE, shared=TEAM, keys={"alpha": "arguments"}).secrets
    assert {"arguments", "environs", "files", "teams"} < set(secrets)


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_value_counts_as_none(text):
    empty = Place("environment", {"ALPHA_API_KEY": text, "ALPHA_BASE_URL": text})
    assert key_of(found(empty, OWN_FILE, keys={"alpha": text}))[0] == "files"
    alpha = found(empty).of("alpha")
    assert (alpha.key, alpha.base_url) == (None, "https://alpha.example/v1")


def test_a_copied_key_often_ends_in_a_line_break():
    assert key_of(found(Place("environment", {"ALPHA_API_KEY": " k\n"})))[0] == "k"


def test_a_services_other_variables_are_read_after_the_first():
    assert key_of(found(Place("environment", {"ALPHA_TOKEN": "other"})))[2] == "environment ALPHA_TOKEN"
    both = Place("environment", {"ALPHA_TOKEN": "other", "ALPHA_API_KEY": "first"})
    assert key_of(found(both))[0] == "first"
    assert key_of(found(Place("environment", {"ALPHA_TOKEN": "near"}), OWN_FILE))[0] == "near"


def test_a_service_without_keys_gets_none():
    free = found(Place("environment", {"FREE_API_KEY": "k"})).of("free")
    assert (free.key, free.lacking) == (None, ())


@pytest.mark.parametrize("name", ["beta", "BETA_API_KEY", "BETA_TOKEN"])
@pytest.mark.parametrize("kind", [str, SecretStr])
def test_keys_are_given_by_service_or_variable(name, kind):
    assert key_of(found(keys={name: kind(" k ")}), "beta")[:2] == ("k", KeySource.ARGUMENT)


def test_a_variable_of_two_services_is_for_both_and_the_services_name_comes_before_it():
    sharing = catalog(service(), service("beta", key={"variables": ["ALPHA_API_KEY"]}))
    credentials = found(keys={"beta": "betas", "ALPHA_API_KEY": "both"}, among=sharing)
    assert key_of(credentials)[0] == "both"
    assert key_of(credentials, "beta")[0] == "betas"


@pytest.mark.parametrize("name", ["alpa", "ALPHA_API_KEI", "free", "sk-hush-hush"])
def test_a_name_that_stands_for_nothing_is_refused_and_not_quoted(name):
    with pytest.raises(UsageError, match=r"^keys: ") as caught:
        found(keys={name: "sk-hush"})
    assert "hush" not in str(caught.value)
    assert "alpha" in str(caught.value).lower()


def test_an_address_of_ones_own_replaces_the_catalogs():
    places = (Place("environment", {}), Place(".env", {"ALPHA_BASE_URL": "http://localhost:8080/v1/"}))
    credentials = found(*places)
    assert credentials.of("alpha").base_url == "http://localhost:8080/v1"
    assert credentials.of("beta").base_url == "https://beta.example/v1"


def test_a_teams_file_gives_no_address():
    team = Place("/etc/team.env", {"ALPHA_BASE_URL": "https://elsewhere.example"})
    assert found(ENVIRONMENT, shared=team).of("alpha").base_url == "https://alpha.example/v1"


def test_a_service_that_is_nowhere_says_so():
    assert found(among=catalog(service(base_url=None))).of("alpha").base_url is None
