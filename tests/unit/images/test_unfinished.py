"""What is kept for a request is given out once, oldest first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pipeline.images.unfinished import Unfinished
from tests.unit.images.test_offline import REQUEST


def test_each_thing_is_given_to_one_taker_and_to_its_own_request_only():
    kept: Unfinished[int] = Unfinished()
    for number in range(100):
        kept.keep(REQUEST, number)
    assert kept.take(replace(REQUEST, prompt="another")) is None
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: kept.take(replace(REQUEST)), range(120)))
    assert sorted(number for number in taken if number is not None) == list(range(100))
    assert kept.take(REQUEST) is None
