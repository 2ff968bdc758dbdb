"""Which files are meant, whichever way they are named; and which are never decks of somebody's."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path, PurePath

import pytest

from pipeline.errors import FileAccessError, UsageError
from pipeline.runs.collection.finding import find_decks, is_many

TREE = (
    *("a.pptx", "b.PPTM", "notes.txt", "draft-c.pptx", ".hidden.pptx", "~$a.pptx", "a.illustrated.pptx"),
    *("a.partial.pptx", "a.illustrated.work/x.pptx", ".git/x.pptx", "sub/d.potx", "sub/deep/e.pptx", "old/f.pptx"),
)


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "decks"
    for name in TREE:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def names(*sources, **how):
    return [one.relative.as_posix() for one in find_decks([str(one) for one in sources], **how)]


def test_a_folder_means_its_decks_in_order_and_no_others(tree):
    assert names(tree) == ["a.pptx", "b.PPTM", "draft-c.pptx"]


def test_with_its_folders_it_means_the_tree(tree):
    found = [*find_decks([str(tree)], recursive=True)]
    wanted = ["a.pptx", "b.PPTM", "draft-c.pptx", "old/f.pptx", "sub/d.potx", "sub/deep/e.pptx"]
    assert [one.relative.as_posix() for one in found] == wanted
    assert all(one.path == tree / one.relative and one.problem is None for one in found)


@pytest.mark.parametrize(
    ("include", "exclude", "wanted"),
    [
        (["*.pptx"], [], ["a.pptx", "draft-c.pptx", "old/f.pptx", "sub/deep/e.pptx"]),
        ([], ["draft-*", "old"], ["a.pptx", "b.PPTM", "sub/d.potx", "sub/deep/e.pptx"]),
        (["sub/*"], [], ["sub/d.potx", "sub/deep/e.pptx"]),
        (["*.pptx", "*.potx"], ["sub/deep"], ["a.pptx", "draft-c.pptx", "old/f.pptx", "sub/d.potx"]),
    ],
)
def test_patterns_choose_by_name_and_by_path_below_the_folder(tree, include, exclude, wanted):
    assert names(tree, recursive=True, include=include, exclude=exclude) == wanted


def test_the_output_folder_is_not_looked_into_unless_it_is_the_source(tree):
    assert "sub/deep/e.pptx" not in names(tree, recursive=True, leave_out=[tree / "sub"])
    assert names(tree / "sub", recursive=True, leave_out=[tree]) == ["d.potx", "deep/e.pptx"]
    assert names(tree / "**" / "*.pptx", leave_out=[tree / "sub"]) == ["a.pptx", "draft-c.pptx", "old/f.pptx"]


def test_a_pattern_means_what_a_shell_means_by_it(tree):
    assert names(tree / "*.pptx") == ["a.pptx", "draft-c.pptx"]
    assert names(tree / "sub" / "**" / "*") == ["d.potx", "deep/e.pptx"]
    assert names(tree / "s*" / "*.potx") == ["sub/d.potx"]
    assert names(tree / "s*", recursive=True) == ["sub/d.potx", "sub/deep/e.pptx"]
    assert names(tree / "*", exclude=["draft*"]) == ["a.pptx", "b.PPTM"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    (tmp_path / "[1].pptx").touch()
    (tmp_path / "1.pptx").touch()
    assert names(tmp_path / "[1].pptx") == ["[1].pptx"]


def test_a_list_names_files_folders_and_patterns_one_a_line(tree, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("list.txt").write_text("decks/a.pptx\r\n\ndecks/sub\ndecks/old/*.pptx\n", encoding="utf-8-sig")
    assert names("@list.txt") == ["a.pptx", "d.potx", "f.pptx"]
    assert names("-", stdin=["decks/a.pptx\n", "\n", "decks/b.PPTM\n"]) == ["a.pptx", "b.PPTM"]
    assert names("-", stdin=["decks/a.pptx\0decks/b.PPTM\0"]) == ["a.pptx", "b.PPTM"]


def test_what_a_list_names_is_found_before_the_list_ends(tree):
    first = threading.Event()

    def lines():
        yield f"{tree / 'a.pptx'}\n"
        assert first.is_set()
        yield f"{tree / 'b.PPTM'}\n"

    found = find_decks(["-"], stdin=lines())
    assert next(found).path.name == "a.pptx"
    first.set()
    assert next(found).path.name == "b.PPTM"


def test_a_deck_is_found_once_however_often_it_is_named(tree, monkeypatch):
    monkeypatch.chdir(tree)
    sources = ("a.pptx", "./a.pptx", tree / "sub" / ".." / "a.pptx", "*.pptx", tree)
    assert names(*sources) == ["a.pptx", "draft-c.pptx", "b.PPTM"]


def test_who_names_a_file_means_it_but_not_what_a_shell_adds_to_it(tree):
    assert names(tree / "notes.txt", tree / ".hidden.pptx", exclude=["*"]) == ["notes.txt", ".hidden.pptx"]
    assert names(tree / "a.illustrated.pptx", tree / "a.partial.pptx", tree / "~$a.pptx") == []
    (tree / "a.pptx").unlink()
    assert names(tree / "a.illustrated.pptx") == ["a.illustrated.pptx"]


def test_what_is_not_there_is_found_all_the_same_and_told_by_who_opens_it(tmp_path):
    (found,) = find_decks([str(tmp_path / "none.pptx")])
    assert (found.path, found.problem) == (tmp_path / "none.pptx", None)


def test_a_pattern_that_fits_nothing_is_a_problem_and_so_is_a_list_that_cannot_be_read(tmp_path):
    (pattern,) = find_decks([str(tmp_path / "*.pptx")])
    assert isinstance(pattern.problem, UsageError)
    assert "nothing fits this pattern" in str(pattern.problem)
    (missing,) = find_decks([f"@{tmp_path / 'none.txt'}"])
    assert isinstance(missing.problem, FileAccessError)
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\xfa")
    (garbled,) = find_decks([f"@{tmp_path / 'list.txt'}"])
    assert "no UTF-8 text" in str(garbled.problem)


def test_a_folder_that_cannot_be_read_is_a_problem_and_the_others_are_found(tree):
    found = find_decks([str(tree)], recursive=True)
    next(found)
    shutil.rmtree(tree / "old")  # after it was listed, as a share that goes away does
    problems = {one.relative.as_posix(): one.problem for one in found}
    assert isinstance(problems["old"], FileAccessError)
    assert problems["sub/d.potx"] is None


def test_links_to_folders_are_not_followed_and_circles_do_no_harm(tree):
    (tree / "circle").symlink_to(tree, target_is_directory=True)
    (tree / "loop.pptx").symlink_to(tree / "loop.pptx")
    (tree / "again.pptx").symlink_to(tree / "a.pptx")
    wanted = ["a.pptx", "again.pptx", "b.PPTM", "draft-c.pptx", "loop.pptx"]
    assert [one for one in names(tree, recursive=True) if "/" not in one] == wanted
    assert names(tree / "circle" / "a.pptx", tree / "a.pptx") == ["a.pptx"]


def test_a_list_that_names_itself_is_refused_there_and_read_to_its_end(tree, tmp_path):
    (tmp_path / "l.txt").write_text(f"{tree / 'a.pptx'}\n@{tmp_path / 'l.txt'}\n{tree / 'sub' / 'd.potx'}\n")
    found = list(find_decks([f"@{tmp_path / 'l.txt'}"]))
    assert [one.path.name for one in found] == ["a.pptx", "l.txt", "d.potx"]
    assert "names itself" in str(found[1].problem)


def test_names_no_system_takes_end_nothing(tmp_path):
    long = "x" * 5000 + ".pptx"
    assert names(tmp_path / long, "-", stdin=["\0\n"]) == [long]


def test_many_thousands_are_found_without_being_held(tmp_path):
    found = find_decks(["-"], stdin=(f"{number}.pptx\n" for number in range(10**9)))
    assert [next(found).relative for _ in range(3)] == [PurePath(f"{number}.pptx") for number in range(3)]


def test_a_folder_with_the_name_of_a_deck_is_left_to_who_opens_it(tmp_path):
    (tmp_path / "talks.pptx").mkdir()
    assert not is_many([str(tmp_path / "talks.pptx")])
    assert names(tmp_path / "talks.pptx") == ["talks.pptx"]
    assert names(tmp_path) == []


def test_one_file_is_one_deck_and_anything_else_may_be_many(tree, monkeypatch):
    monkeypatch.chdir(tree)
    Path("@x.pptx").touch()
    Path("[1].pptx").touch()
    for one in ("a.pptx", "none.pptx", "@x.pptx", "[1].pptx", "", "x" * 5000):
        assert not is_many([one]), one
    for sources in (["."], ["-"], ["@list.txt"], ["*.pptx"], ["a.pptx", "b.PPTM"]):
        assert is_many(sources), sources
