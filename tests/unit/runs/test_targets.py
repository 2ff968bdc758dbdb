"""Where results go: beside the input unless told otherwise, and never onto the input."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.runs.targets import partial_of, target_of, work_folder_of


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("a/deck.pptx", "a/deck.illustrated.pptx"),
        ("deck.PPTX", "deck.illustrated.pptx"),
        ("macros.pptm", "macros.illustrated.pptm"),
        ("show.ppsx", "show.illustrated.ppsx"),
        ("template.potm", "template.illustrated.potm"),
        ("v1.2.pptx", "v1.2.illustrated.pptx"),
        ("колода.pptx", "колода.illustrated.pptx"),
        ("deck", "deck.illustrated.pptx"),
    ],
)
def test_the_default_output_is_beside_the_input(source, target):
    assert target_of(Path(source), None) == Path(target)


def test_an_output_that_was_given_is_taken():
    assert target_of(Path("deck.pptx"), Path("b/OUT.PPTX")) == Path("b/OUT.PPTX")


@pytest.mark.parametrize("output", ["out.pptm", "out.pdf", "out", "out.ppt"])
def test_an_output_of_another_type_is_refused(output):
    with pytest.raises(UsageError, match=r"must end in \.pptx"):
        target_of(Path("deck.pptx"), Path(output))


@pytest.mark.parametrize("output", ["deck.pptx", "./deck.pptx", "x/../deck.pptx"])
def test_the_input_is_never_the_output(tmp_path, output):
    with pytest.raises(UsageError, match="never written to"):
        target_of(tmp_path / "deck.pptx", Path(output))


def test_a_link_to_the_input_is_the_input(tmp_path):
    (tmp_path / "deck.pptx").touch()
    (tmp_path / "link.pptx").symlink_to("deck.pptx")
    with pytest.raises(UsageError, match="never written to"):
        target_of(tmp_path / "deck.pptx", tmp_path / "link.pptx")


def test_what_is_left_of_a_failed_run_has_a_name_of_its_own():
    assert partial_of(Path("a/out.pptx")) == Path("a/out.partial.pptx")
    assert partial_of(Path("out.pptm")) == Path("out.partial.pptm")


def test_the_work_folder_is_beside_the_output_or_below_the_folder_named():
    assert work_folder_of(Path("a/out.pptx"), None) == Path("a/out.work")
    below = [work_folder_of(Path(name), Path("/var/work")) for name in ("a/out.pptx", "b/out.pptx", "a/../a/out.pptx")]
    assert [folder.parent for folder in below] == [Path("/var/work")] * 3
    assert all(folder.name.startswith("out-") and folder.name.endswith(".work") for folder in below)
    assert below[0] == below[2] != below[1]


def test_what_a_failed_run_would_leave_is_never_the_input(tmp_path):
    """`out.partial.pptx -o out.pptx`: a lost gate would write the partial deck over the input."""
    with pytest.raises(UsageError, match="never written to"):
        target_of(tmp_path / "out.partial.pptx", tmp_path / "out.pptx")
