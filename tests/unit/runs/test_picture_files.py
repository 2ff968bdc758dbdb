"""A picture's file is there whole under its name, in the kind that its name says; nothing else is lost."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from pipeline.errors import ExitCode, FileAccessError, UsageError
from pipeline.images.checking import checked
from pipeline.records import GeneratedImage
from pipeline.runs.picture_files import PictureFiles
from tests.fakes.pictures import picture


def image(kind="png"):
    return GeneratedImage(data=picture("a kite", 64, 64, kind), provider="alpha", model="one", cost_usd=0.1)


def kept(files, number, made):
    files.put(number, made, checked(made.data))
    return files.paths[number]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_one_picture_has_the_name_that_was_given(tmp_path):
    made = image()
    path = kept(PictureFiles(tmp_path / "x.png", 1, may_overwrite=False), 1, made)
    assert path.read_bytes() == made.data
    assert names(tmp_path) == ["x.png"]


def test_several_are_numbered(tmp_path):
    files = PictureFiles(tmp_path / "x.png", 2, may_overwrite=False)
    for number in (2, 1):
        kept(files, number, image())
    assert names(tmp_path) == ["x-1.png", "x-2.png"]


def test_without_a_suffix_the_bytes_say_which(tmp_path):
    assert kept(PictureFiles(tmp_path / "x", 1, may_overwrite=False), 1, image("jpeg")).name == "x.jpg"


def test_with_one_the_file_is_of_that_kind(tmp_path):
    path = kept(PictureFiles(tmp_path / "x.PNG", 1, may_overwrite=False), 1, image("webp"))
    assert path.name == "x.PNG"
    assert Image.open(BytesIO(path.read_bytes())).format == "PNG"


def test_what_was_there_is_replaced_where_that_is_asked_for_and_nothing_else_is(tmp_path):
    for name in ("x.png", "y.png"):
        (tmp_path / name).write_bytes(b"yours")
    made = image()
    kept(PictureFiles(tmp_path / "x.png", 1, may_overwrite=True), 1, made)
    assert (tmp_path / "x.png").read_bytes() == made.data
    assert (tmp_path / "y.png").read_bytes() == b"yours"
    assert names(tmp_path) == ["x.png", "y.png"]


@pytest.mark.parametrize(
    ("there", "output", "count"),
    [("x.png", "x.png", 1), ("x-2.png", "x.png", 2), ("x.webp", "x", 1), ("x-3.jpg", "x", 3)],
)
def test_nothing_is_overwritten_unasked(tmp_path, there, output, count):
    (tmp_path / there).write_bytes(b"yours")
    with pytest.raises(FileAccessError, match=f"{there}: exists already"):
        PictureFiles(tmp_path / output, count, may_overwrite=False)
    PictureFiles(tmp_path / output, count, may_overwrite=True)


def test_a_number_that_is_not_asked_for_is_nobodys_concern(tmp_path):
    (tmp_path / "x-3.png").write_bytes(b"yours")
    PictureFiles(tmp_path / "x.png", 2, may_overwrite=False)


@pytest.mark.parametrize(
    ("output", "code", "said"),
    [
        ("x.tiff", ExitCode.USAGE, ".png, .jpg, .jpeg, .webp"),
        ("", ExitCode.FILE_ACCESS, "folder"),
        ("gone/x.png", ExitCode.FILE_ACCESS, "no such folder"),
    ],
)
def test_where_no_picture_can_be_written_is_said_before_one_is_paid_for(tmp_path, output, code, said):
    with pytest.raises((UsageError, FileAccessError), match=said) as told:
        PictureFiles(tmp_path / output, 1, may_overwrite=True)
    assert told.value.exit_code is code


def test_a_folder_that_went_away_is_told(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    files = PictureFiles(folder / "x.png", 1, may_overwrite=False)
    folder.rmdir()
    with pytest.raises(FileAccessError, match=r"x\.png: cannot be written"):
        kept(files, 1, image())
    assert files.paths == {}
