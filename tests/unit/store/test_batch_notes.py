"""The notes of batches under way: there whole, or not at all, and read as they were written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.errors import FileAccessError
from pipeline.records import CallKind, Request
from pipeline.store.batch_notes import (
    BatchNote,
    BatchQuestion,
    drop_note,
    is_batch_under_way,
    read_note,
    write_note,
)

REQUEST = Request(
    kind=CallKind.PROMPT,
    service="anthropic",
    model="claude-haiku-5-5",
    parameters={"size": "1x1", "n": 1, "x": None},
    context={"title": "Größe 🌊", "body": ["a", "b"], "ratio": 1.25, "is_cover": False},
)
NOTE = BatchNote(
    run_id="20261120-120000-abcd",
    kind=CallKind.PROMPT,
    created=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
    questions={REQUEST.key: BatchQuestion(request=REQUEST, slide_number=2, price_usd=None)},
)


def test_a_note_is_read_as_it_was_written(tmp_path):
    write_note(tmp_path, NOTE)
    found = read_note(tmp_path, CallKind.PROMPT)
    assert found == NOTE
    assert [one.request.key for one in found.questions.values()] == list(found.questions)
    assert (found.name, found.model) == ("20261120-120000-abcd-prompt", ("anthropic", "claude-haiku-5-5"))


def test_each_kind_has_a_note_of_its_own(tmp_path):
    assert not is_batch_under_way(tmp_path)
    write_note(tmp_path, NOTE)
    assert is_batch_under_way(tmp_path)
    assert read_note(tmp_path, CallKind.IMAGE) is None
    drop_note(tmp_path, CallKind.IMAGE)
    drop_note(tmp_path, CallKind.PROMPT)
    assert not is_batch_under_way(tmp_path)


def test_a_damaged_note_is_told_in_one_line_and_not_passed_over(tmp_path):
    (tmp_path / "batch-prompt.json").write_text('{"run_id": ')
    with pytest.raises(FileAccessError, match="damaged; remove it to go on without the batch it tells of"):
        read_note(tmp_path, CallKind.PROMPT)
