"""Where each deck goes: beside itself, or into a tree like the one it was found in; and never two to one place."""

from __future__ import annotations

from pathlib import Path, PurePath

from pipeline.errors import DeckError, ExitCode, FileAccessError
from pipeline.runs.collection.finding import Found
from pipeline.runs.collection.outcomes import Refused
from pipeline.runs.collection.placing import orders
from pipeline.runs.preparing import Order

TEMPLATE = Order(input=Path(), slides="2-3", force=True)


def found(path, relative=None, problem=None):
    return Found(path=Path(path), relative=PurePath(relative or Path(path).name), problem=problem)


def placed(*things, output=None):
    return [*orders(things, output, TEMPLATE)]


def test_the_tree_is_mirrored_below_the_output_folder(tmp_path):
    a, e = placed(found("in/a.pptx"), found("in/sub/e.potx", "sub/e.potx"), output=tmp_path / "out")
    assert (a.input, a.output) == (Path("in/a.pptx"), tmp_path / "out" / "a.pptx")
    assert e.output == tmp_path / "out" / "sub" / "e.potx"
    assert (a.slides, a.force) == ("2-3", True)
    assert not (tmp_path / "out").exists()


def test_without_one_each_goes_beside_its_deck():
    (order,) = placed(found("in/a.pptx"))
    assert order.output == Path("in/a.illustrated.pptx")


def test_the_second_of_two_with_one_output_is_refused(tmp_path):
    first, second, other = placed(found("x/a.pptx"), found("y/a.pptx"), found("y/b.pptx"), output=tmp_path)
    assert (first.input, other.input) == (Path("x/a.pptx"), Path("y/b.pptx"))
    assert isinstance(second, Refused)
    assert second.error.exit_code is ExitCode.USAGE
    assert f"its output {tmp_path / 'a.pptx'} is that of x/a.pptx already" in str(second.error)


def test_a_problem_stays_one_and_the_others_go_on(tmp_path):
    locked, order = placed(found("in/locked", problem=FileAccessError("locked")), found("in/a.pptx"), output=tmp_path)
    assert isinstance(locked, Refused)
    assert (locked.input, str(locked.error)) == ("in/locked", "locked")
    assert isinstance(order, Order)


def test_an_output_that_is_the_input_is_refused(tmp_path):
    (tmp_path / "a.pptx").touch()
    (refused,) = placed(found(tmp_path / "a.pptx"), output=tmp_path)
    assert "the input is never written to" in str(refused.error)


def test_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "loop.pptx").symlink_to(tmp_path / "loop.pptx")
    (refused,) = placed(found(tmp_path / "loop.pptx"), output=tmp_path / "out")
    assert isinstance(refused.error, DeckError)
