"""An answer that was paid for is found again, for the same question only."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import FileAccessError
from pipeline.records import Allowance
from tests.unit.store.stores import ANSWER, NOW, files_in, full, question, store_in


@pytest.fixture
def store(tmp_path):
    return store_in(tmp_path / "store")


def path_of(request, tmp_path):
    return tmp_path / "store" / "answers" / f"{request.key}.json"


def test_it_is_found_again_with_what_it_cost_then(tmp_path, store):
    assert store.find_answer(question()) is None
    assert not list(tmp_path.iterdir())
    store.keep_answer(question(), ANSWER)
    assert store_in(tmp_path / "store").find_answer(question()) == ANSWER
    assert store.find_answer(question(2)) is None


def test_an_answer_that_a_slide_is_not_worth_a_picture_is_kept_too(store):
    declined = replace(ANSWER, worth_illustrating=False, reason="A table of figures", prompt="", tokens=None)
    store.keep_answer(question(), declined)
    assert store.find_answer(question()) == declined


def test_what_the_service_said_of_its_limits_is_not_kept(store):
    store.keep_answer(question(), replace(ANSWER, allowance=Allowance(remaining=0, reset_s=60)))
    assert store.find_answer(question()) == ANSWER


def test_a_person_can_read_it_but_not_what_the_slide_says(tmp_path, store):
    store.keep_answer(question(), ANSWER)
    text = path_of(question(), tmp_path).read_text(encoding="utf-8")
    assert "Лиса" in text
    assert "Slide 1" not in text


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b"3", b'{"prompt": "x"}', b'{"surprise": 1}', b"\xff\xfe", b'"text"']
)
def test_a_damaged_answer_counts_as_none(tmp_path, store, damage):
    store.keep_answer(question(), ANSWER)
    path_of(question(), tmp_path).write_bytes(damage)
    assert store.find_answer(question()) is None


def test_an_answer_that_cannot_be_read_is_told_and_not_paid_for_twice(tmp_path, store):
    path_of(question(), tmp_path).mkdir(parents=True)
    with pytest.raises(FileAccessError, match="cannot be read"):
        store.find_answer(question())


def test_a_discarded_answer_is_gone_and_may_be_discarded_twice(tmp_path, store):
    store.keep_answer(question(), ANSWER)
    store.discard_answer(question())
    store.discard_answer(question())
    assert store.find_answer(question()) is None
    assert files_in(tmp_path / "store") == []


def test_it_is_used_when_it_is_kept_and_when_it_is_found(tmp_path, store):
    store.keep_answer(question(), ANSWER)
    assert path_of(question(), tmp_path).stat().st_mtime == NOW.timestamp()
    later = NOW + timedelta(days=3)
    store_in(tmp_path / "store", later).find_answer(question())
    assert path_of(question(), tmp_path).stat().st_mtime == later.timestamp()


def test_a_disk_that_fails_leaves_the_older_answer_and_no_temporary_file(tmp_path, store, monkeypatch):
    store.keep_answer(question(), ANSWER)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileAccessError, match=r"\.json: cannot be written"):
        store.keep_answer(question(), replace(ANSWER, prompt="another"))
    assert store.find_answer(question()) == ANSWER
    assert len(files_in(tmp_path / "store")) == 1


def test_what_is_no_text_is_kept_all_the_same(store):
    store.keep_answer(question(), replace(ANSWER, prompt="a fox \ud800"))
    assert store.find_answer(question()).prompt == "a fox ?"
