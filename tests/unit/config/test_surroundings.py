"""Where variables stand, and who may read a person's own file of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.config.surroundings import (
    Place,
    exposure_notice,
    merged,
    own_folder,
    own_key_file,
    read_variables,
    shared_key_file,
    surrounding_places,
)
from pipeline.errors import FileAccessError, UsageError


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def test_the_environment_comes_first_then_the_file_beside_the_config_then_the_working_directory(tmp_path):
    config = tmp_path / "conf" / "illustrate.yaml"
    config.parent.mkdir()
    for folder in (config.parent, tmp_path):
        (folder / ".env").write_text(f"A={folder.name}\nB={folder.name}\nC={folder.name}\n", encoding="utf-8")
    (config.parent / ".env").write_text("A=conf\nB=conf\n", encoding="utf-8")
    places = surrounding_places({"A": "environ"}, config)
    assert [place.name for place in places] == ["environment", *(str(f / ".env") for f in (config.parent, tmp_path))]
    assert merged(places) == {"A": "environ", "B": "conf", "C": tmp_path.name}


def test_a_place_shows_no_values():
    assert "hush" not in repr(Place("environment", {"A": "hush"}))


@pytest.mark.parametrize("text", ["", "  "])
def test_ones_own_folder_is_where_the_system_keeps_such_things(text):
    folder = own_folder({"DECK_ILLUSTRATOR_HOME": text})
    assert folder.is_absolute()
    assert folder.name == "deck-illustrator"
    assert not folder.exists()


def test_ones_own_folder_can_be_elsewhere():
    assert own_folder({"DECK_ILLUSTRATOR_HOME": "/portable/us"}) == Path("/portable/us")


def test_ones_own_keys_are_read_where_there_are_any(home):
    assert own_key_file(home).values == {}
    assert own_key_file(home / "none").values == {}
    (home / "keys.env").write_text("# mine\nexport A='x$y'\nB\n", encoding="utf-8")
    assert own_key_file(home).values == {"A": "x$y"}


@pytest.mark.skipif(os.name != "posix", reason="rights are told otherwise there")
@pytest.mark.parametrize(("mode", "is_told"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_key_file_that_others_can_read_is_told(home, mode, is_told):
    path = home / "keys.env"
    path.write_text("A=x\n", encoding="utf-8")
    path.chmod(mode)
    notice = exposure_notice(home)
    assert ("chmod 600" in notice and str(path) in notice) is is_told
    assert "\n" not in notice


def test_no_key_file_is_nothing_to_tell(home):
    assert exposure_notice(home) == exposure_notice(home / "none") == ""


def test_shared_keys_are_read_from_the_file_named(tmp_path):
    path = tmp_path / "team.env"
    path.write_text("ALPHA_API_KEY=k\n", encoding="utf-8")
    assert shared_key_file(path) == Place(str(path), {"ALPHA_API_KEY": "k"})
    assert shared_key_file(None).values == {}


def test_shared_keys_that_are_not_there_are_a_mistake_in_the_settings(tmp_path):
    for path in (tmp_path / "none.env", tmp_path):
        with pytest.raises(UsageError, match=r"services\.shared_keys") as caught:
            shared_key_file(path)
        assert str(path) in str(caught.value)


def test_a_folder_where_a_file_of_keys_belongs_is_told(tmp_path):
    (tmp_path / "keys.env").mkdir()
    with pytest.raises(FileAccessError) as caught:
        own_key_file(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'keys.env'} is a folder, not a file of NAME=value lines; ")
    with pytest.raises(UsageError, match="is a folder, not a file of NAME=value lines; name the file"):
        shared_key_file(tmp_path / "keys.env")


def test_a_virtual_environment_called_env_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").mkdir()
    assert [place.name for place in surrounding_places({}, None)] == ["environment"]


def test_a_place_nobody_can_look_into_holds_nothing(tmp_path):
    """Services started by systemd often cannot see any home at all."""
    assert read_variables(tmp_path / ("x" * 5000) / ".env").values == {}


def test_a_file_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "team.env"
    path.write_bytes(b"\xff\xfeA\x00=\x00")
    for read in (read_variables, shared_key_file):
        with pytest.raises(FileAccessError, match=r"team\.env: cannot be read"):
            read(path)
