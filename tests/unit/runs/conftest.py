"""A scene for every test that wants one."""

from __future__ import annotations

import pytest

from tests.unit.runs.scenes import Scene


@pytest.fixture
def scene(tmp_path):
    with_history = Scene(tmp_path)
    yield with_history
    with_history.history.close()
