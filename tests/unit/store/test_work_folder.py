"""What was paid for is found again, for the same question only."""

from __future__ import annotations

import os
import threading

import pytest

from pipeline.errors import FileAccessError
from pipeline.records import GeneratedImage, WriterAnswer
from pipeline.store.work_folder import WorkFolder, request_key

ANSWER = WriterAnswer(
    worth_illustrating=True, reason="", prompt="A red fox", alt_text="Лиса «рыжая» שועל", cost_usd=0.01
)
KEY = request_key({"brief": 1})


@pytest.fixture
def folder(tmp_path):
    made = WorkFolder(tmp_path / "out.work")
    made.prepare()
    return made


def image(data=b"\x89PNG\r\n\x1a\n..."):
    return GeneratedImage(data=data, provider="openai", model="m", cost_usd=0.1)


def test_nothing_is_made_before_it_is_needed(tmp_path):
    made = WorkFolder(tmp_path / "out.work")
    assert made.find_answer(1, KEY) is None
    assert made.find_image(1, KEY) is None
    assert list(tmp_path.iterdir()) == []


def test_an_answer_is_found_again_and_costs_nothing_then(folder):
    folder.keep_answer(3, KEY, ANSWER)
    found = WorkFolder(folder.path).find_answer(3, KEY)
    assert found == WriterAnswer(
        worth_illustrating=True, reason="", prompt=ANSWER.prompt, alt_text=ANSWER.alt_text, cost_usd=0
    )


def test_a_person_can_read_the_kept_answer(folder):
    folder.keep_answer(3, KEY, ANSWER)
    (path,) = (folder.path / "prompts").iterdir()
    assert path.name == f"slide-003-{KEY}.json"
    assert "Лиса" in path.read_text(encoding="utf-8")


def test_another_slide_or_another_question_finds_nothing(folder):
    folder.keep_answer(3, KEY, ANSWER)
    folder.keep_image(3, KEY, image())
    for slide, key in ((4, KEY), (3, request_key({"brief": 2}))):
        assert folder.find_answer(slide, key) is None
        assert folder.find_image(slide, key) is None


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b"3", b'{"prompt": "x"}', b'{"surprise": 1}', b"\xff\xfe", b'"text"']
)
def test_a_damaged_answer_counts_as_none(folder, damage):
    folder.keep_answer(3, KEY, ANSWER)
    (path,) = (folder.path / "prompts").iterdir()
    path.write_bytes(damage)
    assert folder.find_answer(3, KEY) is None


def test_an_answer_that_cannot_be_read_is_told_and_not_paid_for_twice(folder):
    (folder.path / "prompts" / f"slide-003-{KEY}.json").mkdir()
    with pytest.raises(FileAccessError, match="cannot be read"):
        folder.find_answer(3, KEY)


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"\x89PNG\r\n", ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"GIF89a", ".gif"),
        (b"RIFF\0\0\0\0WEBP", ".webp"),
        (b"<html>", ".bin"),
        (b"", ".bin"),
    ],
)
def test_a_picture_is_kept_as_it_came_and_named_by_its_bytes(folder, data, suffix):
    path = folder.keep_image(12, KEY, image(data))
    assert path == folder.find_image(12, KEY)
    assert path.name == f"slide-012-{KEY}{suffix}"
    assert path.read_bytes() == data


def test_a_discarded_picture_is_gone_and_may_be_discarded_twice(folder):
    path = folder.keep_image(1, KEY, image())
    folder.discard_image(path)
    folder.discard_image(path)
    assert folder.find_image(1, KEY) is None


def test_a_disk_that_fails_is_told_with_the_file_and_leaves_none(folder, monkeypatch):
    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileAccessError, match="No space left on device"):
        folder.keep_image(1, KEY, image())
    with pytest.raises(FileAccessError, match=r"\.json: cannot be written"):
        folder.keep_answer(1, KEY, ANSWER)
    assert [path for path in folder.path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileAccessError, match=r"output\.work_folder"):
        WorkFolder(tmp_path / "file" / "out.work").prepare()


def test_many_threads_may_write_at_once(folder):
    threads = [threading.Thread(target=folder.keep_image, args=(n, KEY, image())) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(folder.find_image(n, KEY) for n in range(20))
    assert not list(folder.path.rglob("*.tmp"))


QUESTION = {"model": "m", "quality": "low", "request": {"prompt": "a fox", "seed": 1, "accents": ["FF0000", "00FF00"]}}


def test_a_key_is_the_same_for_the_same_question_in_any_order():
    turned = dict(reversed(QUESTION.items()))
    assert request_key(QUESTION) == request_key(turned)
    assert request_key(QUESTION).isalnum()


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "M"},
        {"quality": "high"},
        {"extra": None},
        {"request": QUESTION["request"] | {"prompt": "a fox "}},
        {"request": QUESTION["request"] | {"seed": 2}},
        {"request": QUESTION["request"] | {"seed": "1"}},
        {"request": QUESTION["request"] | {"accents": ["00FF00", "FF0000"]}},
    ],
    ids=str,
)
def test_a_key_differs_where_anything_differs(changes):
    assert request_key(QUESTION | changes) != request_key(QUESTION)


def test_two_runs_cannot_hold_one_work_folder(tmp_path):
    one, other = WorkFolder(tmp_path / "out.work"), WorkFolder(tmp_path / "out.work")
    with one.held(), pytest.raises(FileAccessError, match="another run"), other.held():
        pass
    with WorkFolder(tmp_path / "out.work").held():
        pass
