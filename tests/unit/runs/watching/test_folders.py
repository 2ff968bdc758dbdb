"""Each folder of a watch has one part to play."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import FileAccessError, UsageError
from pipeline.runs.watching.folders import Role, open_folders


def test_folders_are_made_and_known_by_their_whole_paths(tmp_path):
    (tmp_path / "in").mkdir()
    folders = open_folders(Path("in"), Path("a/done"), Path("failed"))
    assert folders.outbox == tmp_path / "a" / "done"
    assert all(folder.is_dir() for folder in (folders.processing, folders.outbox, folders.failed))
    assert folders.of(Role.ORIGINALS) == tmp_path / "a" / "done" / "originals"


@pytest.mark.parametrize(
    ("outbox", "failed"),
    [("in", "f"), ("d", "in"), ("d", "d"), ("in/processing", "f"), ("d", "in/processing"), ("d", "d/originals")],
)
def test_no_folder_has_two_parts(tmp_path, outbox, failed):
    (tmp_path / "in").mkdir()
    with pytest.raises(UsageError, match="is both"):
        open_folders(Path("in"), Path(outbox), Path(failed))


def test_an_inbox_that_is_not_there_and_an_outbox_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no such folder to watch"):
        open_folders(Path("in"), Path("d"), Path("f"))
    (tmp_path / "in").mkdir()
    (tmp_path / "d").touch()
    with pytest.raises(FileAccessError, match="set --outbox to another"):
        open_folders(Path("in"), Path("d/below"), Path("f"))
