"""The gate lets exactly the promised share fail and says so as soon as more have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.gate import Gate


@pytest.mark.parametrize(
    ("planned", "rate", "allowed"),
    [(10, 0.8, 2), (12, 0.8, 2), (5, 0.8, 1), (4, 0.8, 0), (1, 0.8, 0), (3, 0.0, 3), (7, 1.0, 0), (100, 0.8, 20)],
)
def test_the_gate_is_lost_with_the_first_failure_too_many(planned, rate, allowed):
    gate = Gate(planned, rate)
    gate.failed = allowed
    assert not gate.is_lost
    gate.failed = allowed + 1
    assert gate.is_lost


def test_a_skipped_slide_no_longer_counts():
    gate = Gate(5, 0.8)
    gate.failed = 1
    assert not gate.is_lost
    gate.skip()
    assert gate.is_lost


@given(st.integers(0, 200), st.floats(0, 1), st.data())
def test_it_is_lost_exactly_when_the_rate_can_no_longer_be_reached(planned, rate, data):
    gate = Gate(planned, rate)
    gate.failed = data.draw(st.integers(0, planned))
    best = planned - gate.failed
    assert gate.is_lost == (best < rate * planned - 1e-9)
