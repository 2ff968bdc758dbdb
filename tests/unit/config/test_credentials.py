"""An access says what it lacks and never shows its key; the keyring is asked for what is asked for by name."""

from __future__ import annotations

import pickle
from dataclasses import asdict, replace

import pytest
from pydantic import SecretStr

from pipeline.config.credentials import Access, Credentials, KeySource, ServiceState
from pipeline.config.system_keyring import SystemKeyring
from pipeline.errors import CredentialsError, UsageError
from tests.unit.config.entries import service

KEY = "sk-hush-hush-hush-0123"


def access(key=KEY, entry=None, base_url="https://alpha.example/v1", source=KeySource.PERSONAL):
    return Access(
        service=entry or service(),
        base_url=base_url,
        key=SecretStr(key) if key else None,
        source=source if key else None,
        found_in="environment ALPHA_API_KEY" if key else "",
    )


class Kept(SystemKeyring):
    """A keyring that holds what a test gives it."""

    def __init__(self, **keys):
        super().__init__()
        self.keys = keys
        self.asked = []

    def _ask(self, variable):
        self.asked.append(variable)
        return self.keys.get(variable, "")


def credentials(*accesses, **more):
    return Credentials(accesses={found.service.service: found for found in accesses}, **more)


def test_an_address_that_nobody_gave_is_asked_for_by_its_variable():
    assert access().address == "https://alpha.example/v1"
    with pytest.raises(CredentialsError, match=r"^Alpha: nothing says where it is; set ALPHA_BASE_URL$"):
        access(base_url=None).address  # noqa: B018


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (KEY, "sk-…0123"),
        ("0123456789ab", "012…89ab"),
        ("0123456789a", "…"),
        ("k", "…"),
        (None, ""),
        ("sk-0123456789\x1b[31m", "…"),
        ("ключ-ключ-ключ-ключ", "…"),
    ],
)
def test_a_key_is_shown_by_its_ends_at_most(key, shown):
    assert access(key).masked == shown


@pytest.mark.parametrize("show", [repr, str, "{}".format, lambda thing: repr(asdict(thing))])
def test_no_printing_shows_a_key(show):
    one = access()
    for thing in (one, replace(one, found_in="argument"), credentials(one, others=(SecretStr(KEY),))):
        assert "hush" not in show(thing)


def test_no_pickling_holds_a_key():
    for thing in (access(), credentials(access())):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing)


def test_what_is_lacking_is_the_variables_to_set():
    nowhere = service(base_url=None)
    assert access().lacking == ()
    assert access(None).lacking == ("ALPHA_API_KEY",)
    assert access(None, nowhere, None).lacking == ("ALPHA_BASE_URL", "ALPHA_API_KEY")
    assert access(KEY, nowhere, None).lacking == ("ALPHA_BASE_URL",)
    local = service(key={"variables": ["ALPHA_API_KEY"], "is_optional": True})
    assert access(None, local).lacking == ()
    keyless = access(None, service(key=None))
    assert (keyless.lacking, keyless.key_variable, keyless.needs_key) == ((), "", False)


NO_ADDRESSES = [
    *("localhost:8080", "ftp://host/", "https:", "http://:80", "https://host:99999", "https://host:0", "https://[::1"),
    *("file:///etc", "https://host/v1?key=1", "https://host/v1#x", "https://ho st", "https://host\n.evil.example"),
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_that_is_none_is_told_by_its_variable_alone(address):
    with pytest.raises(UsageError, match=r"^ALPHA_BASE_URL: ") as caught:
        credentials(access(base_url=address)).of("alpha")
    assert str(caught.value).endswith("; write it like https://host/path")
    assert "host:" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/v1", "https://me:word@host/v1", "https://[::1]:8080", "http://a"]
)
def test_addresses_of_all_sorts_are_taken(address):
    assert credentials(access(base_url=address)).of("alpha").base_url == address


@pytest.mark.parametrize("flaw", ["\n", "\x07", "é", "ключ"])
def test_a_key_that_was_pasted_badly_is_refused_without_being_shown(flaw):
    with pytest.raises(CredentialsError, match=r"^environment ALPHA_API_KEY: ") as caught:
        credentials(access(f"{KEY}{flaw}{KEY}")).of("alpha")
    assert "hush" not in str(caught.value)


def test_the_keyring_is_asked_by_name_and_only_without_a_personal_key():
    keyring = Kept(ALPHA_TOKEN="sk-kept", GAMMA_API_KEY="sk-kept-too")
    beta, gamma = service("beta"), service("gamma")
    found = credentials(access(None), access(KEY, beta), access(KEY, gamma, source=KeySource.SHARED), keyring=keyring)
    assert found.of("beta").key.get_secret_value() == KEY
    assert keyring.asked == []
    alpha = found.of("alpha")
    assert (alpha.key.get_secret_value(), alpha.source) == ("sk-kept", KeySource.PERSONAL)
    assert alpha.found_in == "keyring ALPHA_TOKEN"
    assert keyring.asked == ["ALPHA_API_KEY", "ALPHA_TOKEN"]
    assert found.of("gamma").key.get_secret_value() == "sk-kept-too", "one's own comes before a shared one"


def test_every_key_is_known_for_taking_it_out_of_what_is_written():
    keyring = Kept(BETA_API_KEY="sk-kept-in-keyring")
    beta = access(None, service("beta"), "https://me:pass%20word@beta.example/v1")
    gamma = access(None, service("gamma"), "https://token-as-a-user@gamma.example/")
    found = credentials(access(), beta, gamma, others=(SecretStr("sk-of-the-team"),), keyring=keyring)
    assert "sk-kept-in-keyring" not in found.secrets
    found.of("beta")
    assert {KEY, "sk-kept-in-keyring", "sk-of-the-team", "pass%20word", "pass word"} < set(found.secrets)
    assert "token-as-a-user" in found.secrets
    assert "me" not in found.secrets


def test_what_keys_and_keyring_have_to_say_is_told():
    keyring = Kept()
    found = credentials(access(None), warnings=("others can read it",), keyring=keyring)
    keyring.notices.append("locked")
    assert found.notices == ("others can read it", "locked")


@pytest.mark.parametrize(
    ("one", "state", "advice"),
    [
        (access(), "available_personal", ""),
        (access(source=KeySource.ARGUMENT), "available_personal", ""),
        (access(source=KeySource.SHARED), "available_shared", ""),
        (access(None), "no_access", "set ALPHA_API_KEY"),
        (access(None, base_url=None), "no_access", "set ALPHA_BASE_URL and ALPHA_API_KEY"),
        (access(None, service(key={"variables": ["ALPHA_API_KEY"], "is_optional": True})), "available_personal", ""),
        (access(base_url="nonsense"), "no_access", "ALPHA_BASE_URL: not an http or https address; write it like"),
        (access("sk-\n-hush"), "no_access", "environment ALPHA_API_KEY: the key holds"),
    ],
)
def test_how_things_stand_with_a_service(one, state, advice):
    standing = credentials(one).standing("alpha", frozenset())
    assert standing.state == ServiceState(state)
    assert standing.advice.startswith(advice)
    assert bool(standing.advice) == bool(advice)


def test_a_service_that_is_switched_off_is_asked_nothing():
    keyring = Kept(ALPHA_API_KEY="sk-kept")
    found = credentials(access(None), keyring=keyring)
    standing = found.standing("alpha", {"alpha"})
    assert standing.state is ServiceState.DISABLED
    assert "providers enable alpha" in standing.advice
    assert keyring.asked == []
    assert found.standing("alpha", {"beta"}).access.masked == "…"
