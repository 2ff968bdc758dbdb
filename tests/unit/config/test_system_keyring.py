"""The system's keyring is asked late, once, and cannot make a run fail."""

from __future__ import annotations

import sys

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoBackend

from pipeline.config.system_keyring import SystemKeyring


class Kept(KeyringBackend):
    """Keeps what a test gives it and remembers what it was asked."""

    priority = 1

    def __init__(self, **keys):
        super().__init__()
        self.keys = keys
        self.asked = []

    def get_password(self, service, username):
        self.asked.append((service, username))
        return self.keys.get(username)

    def set_password(self, service, username, password):
        raise NotImplementedError


class Locked(Kept):
    def get_password(self, service, username):
        super().get_password(service, username)
        raise OSError("the collection\nis locked")


@pytest.fixture
def use():
    before = keyring.get_keyring()

    def set_backend(backend):
        keyring.set_keyring(backend)
        return backend

    yield set_backend
    keyring.set_keyring(before)


def test_a_kept_key_is_found_under_the_program_and_the_variable(use):
    backend = use(Kept(ALPHA_API_KEY=" sk-kept\n"))
    kept = SystemKeyring()
    assert kept.find("ALPHA_API_KEY").get_secret_value() == "sk-kept"
    assert backend.asked == [("deck-illustrator", "ALPHA_API_KEY")]
    assert [key.get_secret_value() for key in kept.found] == ["sk-kept"]


def test_each_variable_is_asked_for_once(use):
    backend = use(Kept(ALPHA_API_KEY="sk-kept"))
    kept = SystemKeyring()
    for _ in range(2):
        assert kept.find("ALPHA_API_KEY")
        assert kept.find("BETA_API_KEY") is None
    assert len(backend.asked) == 2


def test_a_keyring_that_fails_is_one_line_and_is_left_alone(use):
    backend = use(Locked())
    kept = SystemKeyring()
    assert kept.find("ALPHA_API_KEY") is None
    assert kept.find("BETA_API_KEY") is None
    assert backend.asked == [("deck-illustrator", "ALPHA_API_KEY")]
    assert kept.notices == [
        "The system's keyring could not be asked for ALPHA_API_KEY (OSError: the collection is locked)."
    ]


def test_no_backend_means_no_key_and_no_word(use):
    use(NoBackend())
    kept = SystemKeyring()
    assert kept.find("ALPHA_API_KEY") is None
    assert kept.notices == []


def test_without_the_extra_there_is_no_key_and_no_word(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    kept = SystemKeyring()
    assert kept.find("ALPHA_API_KEY") is None
    assert kept.notices == []
