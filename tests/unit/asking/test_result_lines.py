"""Results as they come over the network: whose they are, what is damaged, how long they take, how much is held."""

from __future__ import annotations

import json
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.asking.result_lines import ResultLine, ResultLines, damaged
from pipeline.errors import FailureKind, ServiceError
from tests.unit.images.http.invented import judge

LINES = [{"custom_id": "a" * 64, "n": 1}, {"custom_id": "b-2", "text": "two\nlines"}, {"custom_id": "c_3"}]
BODY = b"".join(json.dumps(line).encode() + b"\n" for line in LINES)


def read(*pieces, seconds=lambda: 0.0, timeout_s=10.0, **more):
    return ResultLines(judge({}), seconds, **more).read(pieces, timeout_s)


@given(cuts=st.lists(st.integers(0, len(BODY)), max_size=20), has_end=st.booleans())
def test_lines_are_whole_wherever_the_network_cuts_them(cuts, has_end):
    body = BODY if has_end else BODY[:-1]
    ends = [0, *sorted(cuts), len(body)]
    pieces = [body[start:end] for start, end in pairwise(ends)]
    assert [line.content for line in read(*pieces)] == LINES


@pytest.mark.parametrize(
    "line",
    [b'{"custom_id": "x", "response": {"b64', b'{"id":"r","custom_id" :"x"}}', b'{"custom_id":"x","n":' + b"9" * 5000],
)
def test_a_damaged_line_is_told_with_its_id_and_those_around_it_are_whole(line):
    found = list(read(BODY + line + b"\n" + BODY))
    assert [each.id for each in found] == ["a" * 64, "b-2", "c_3", "x", "a" * 64, "b-2", "c_3"]
    assert found[3] == ResultLine(id="x", content=None)


@pytest.mark.parametrize("line", [b"", b"\r", b"[]", b'"custom"', b"<html>", b'{"custom_id": 7}', b"\xff\xfe", b"{}"])
def test_a_line_that_is_nobodys_is_passed_over(line):
    assert [each.content for each in read(line + b"\n" + BODY)] == LINES


def test_a_line_beyond_all_bounds_is_damaged_and_the_rest_is_read():
    long = json.dumps({"custom_id": "long", "data": "x" * 50_000}).encode() + b"\n"
    pieces = [long[start : start + 1000] for start in range(0, len(long), 1000)]
    found = list(read(BODY, *pieces, BODY, max_bytes=10_000))
    assert [each.id for each in found if each.content is None] == ["long"]
    assert len(found) == 7


def test_each_line_has_its_own_time_and_what_the_reader_does_takes_none_of_it():
    now_s = 0.0

    def pieces():
        nonlocal now_s
        for line in BODY.splitlines(keepends=True) * 3:
            now_s += 9.0
            yield line

    lines = ResultLines(judge({}), lambda: now_s).read(pieces(), 10.0)
    for _ in lines:
        now_s += 1000.0
    assert now_s > 9000.0


def test_a_line_that_does_not_come_to_its_end_in_time_ends_the_reading():
    now_s = 0.0

    def pieces():
        nonlocal now_s
        yield BODY
        while True:
            now_s += 4.0
            yield b"x"

    lines = ResultLines(judge({}), lambda: now_s).read(pieces(), 10.0)
    assert [next(lines).content for _ in LINES] == LINES
    with pytest.raises(ServiceError, match="no answer within 10 s") as caught:
        next(lines)
    assert (caught.value.kind, caught.value.may_be_charged) == (FailureKind.TRANSIENT, False)


def test_two_hundred_megabytes_of_pictures_take_the_memory_of_one():
    piece, pieces_a_line, lines = b"A" * 65_536, 16, 200
    head, end = b'{"custom_id": "x", "b64_json": "', b'"}\n'

    def body():
        for _ in range(lines):
            yield head
            yield from [piece] * pieces_a_line
            yield end

    tracemalloc.start()
    count = sum(line.content is not None for line in ResultLines(judge({}), lambda: 0.0).read(body(), 10.0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == lines
    assert peak < 8 * len(piece) * pieces_a_line


def test_what_is_damaged_was_answered_and_may_have_been_charged():
    error = damaged(judge({}))
    assert (error.kind, error.may_be_charged) == (FailureKind.TRANSIENT, True)
