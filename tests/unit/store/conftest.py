"""Processes of their own for what several do with one store or one count."""

from __future__ import annotations

import pytest

from tests.unit.store.nursery import Nursery
from tests.unit.store.stores import WITH_STORE


@pytest.fixture(scope="session")
def nursery():
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def program(nursery):
    """Start a program in a process of its own; none outlives its test."""
    started = []

    def start(source, *arguments):
        started.append(nursery.start(source, *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.returncode is None:
            one.kill()
            one.communicate()


@pytest.fixture
def store_program(program):
    """The same, where the program has the store in the folder of its first argument as `store`."""
    return lambda source, *arguments: program(WITH_STORE + source, *arguments)
