"""What is switched off stays off, whoever else writes; a damaged file is told and left as it is."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from filelock import FileLock

from pipeline.errors import FileAccessError
from pipeline.store.choices import disabled_services, set_disabled


@pytest.fixture
def home(tmp_path):
    return tmp_path / "deep" / "home"


def test_nothing_is_off_where_nothing_was_said(home):
    assert disabled_services(home) == frozenset()
    assert not home.exists(), "reading makes no folder"


def test_off_is_remembered_until_on(home):
    set_disabled(home, "fal", disabled=True)
    set_disabled(home, "kie", disabled=True)
    set_disabled(home, "fal", disabled=True)
    assert disabled_services(home) == {"fal", "kie"}
    set_disabled(home, "fal", disabled=False)
    set_disabled(home, "never-off", disabled=False)
    assert disabled_services(home) == {"kie"}
    assert {path.name for path in home.iterdir()} <= {"choices.json", "choices.json.lock"}


def test_no_choice_is_lost_between_writers(home):
    names = [f"service-{number}" for number in range(24)]
    with ThreadPoolExecutor(6) as writers:
        list(writers.map(lambda name: set_disabled(home, name, disabled=True), names))
    assert disabled_services(home) == set(names)


def test_a_writer_that_holds_on_is_told(home):
    home.mkdir(parents=True)
    with FileLock(home / "choices.json.lock"), pytest.raises(FileAccessError, match="another process"):
        set_disabled(home, "fal", disabled=True, lock_timeout_s=0)


def test_what_a_later_version_remembers_is_kept(home):
    home.mkdir(parents=True)
    (home / "choices.json").write_text('{"favourite": "fal"}', encoding="utf-8")
    set_disabled(home, "kie", disabled=True)
    assert json.loads((home / "choices.json").read_text(encoding="utf-8")) == {"favourite": "fal", "disabled": ["kie"]}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"disabled": "fal"}', b'{"disabled": [1]}', b"\xff\xfe"])
def test_a_damaged_file_is_one_line_that_names_it_and_stays_as_it_is(home, damage):
    home.mkdir(parents=True)
    path = home / "choices.json"
    path.write_bytes(damage)
    for act in (lambda: disabled_services(home), lambda: set_disabled(home, "fal", disabled=True)):
        with pytest.raises(FileAccessError) as caught:
            act()
        assert str(caught.value).startswith(f"{path}: damaged; ")
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == damage


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(FileAccessError, match=r"choices\.json: cannot be written"):
            set_disabled(home, "fal", disabled=True)
