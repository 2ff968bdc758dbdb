"""A folder's own settings: over the config and the environment, under arguments, and of the pictures alone."""

from __future__ import annotations

import pytest

from pipeline.config.loader import load_configuration
from pipeline.config.overlay import OPEN_SECTIONS, overlaid
from pipeline.config.settings import Settings
from pipeline.errors import FileAccessError, UsageError


@pytest.fixture
def lay(tmp_path):
    """Lay a text over what `arguments`, a config and an environment make."""

    def over(text, arguments=None, config="", environ=None):
        base, folder = tmp_path / "base.yaml", tmp_path / "inbox" / "illustrate.yaml"
        base.write_text(config, encoding="utf-8")
        folder.parent.mkdir(exist_ok=True)
        folder.write_text(text, encoding="utf-8")
        return overlaid(load_configuration(base, arguments, environ or {}), folder)

    return over


def test_it_lies_over_the_config_and_the_environment_and_under_arguments(lay):
    found = lay(
        "style: clay\nproject: ours\nlayout: {covers: true}\n",
        {"project": "theirs"},
        config="style: photo\nworkers: {image_workers: 7}\n",
        environ={"DECK_ILLUSTRATOR_STYLE": "duotone"},
    )
    assert (found.settings.style, found.settings.project) == ("clay", "theirs")
    assert found.settings.layout.covers
    assert found.settings.workers.image_workers == 7
    assert found.origins["style"].endswith("illustrate.yaml line 1")
    assert found.origins["project"] == "argument"


def test_an_empty_one_changes_nothing(lay):
    assert lay("", config="style: photo\n").settings.style == "photo"


@pytest.mark.parametrize(
    ("text", "config", "arguments", "images"),
    [
        ("images: {model: m}", "images: {chain: [a/b, c]}", {}, ("auto", "m", ())),
        ("images: {chain: [a/b]}", "images: {provider: p, model: m}", {}, ("auto", None, ("a/b",))),
        ("images: {provider: p}", "images: {model: m}", {}, ("p", None, ())),
        ("images: {chain: [a/b]}", "", {"images.provider": "auto", "images.model": "x"}, ("auto", "x", ())),
        ("images: {quality: high}", "images: {model: m}", {}, ("auto", "m", ())),
    ],
)
def test_who_names_a_model_wants_no_other_from_elsewhere(lay, text, config, arguments, images):
    found = lay(text, arguments, config).settings.images
    assert (found.provider, found.model, found.chain) == images


@pytest.mark.parametrize("section", sorted(Settings.model_fields.keys() - set(OPEN_SECTIONS)))
def test_it_can_set_nothing_that_is_the_starter_s(lay, section):
    value = "[]" if section == "schedule" else "{url: x}"
    with pytest.raises(UsageError, match=r"illustrate.yaml line 1.*is set where the program is started"):
        lay(f"{section}: {value}\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("style: [", "not valid YAML"),
        ("stile: flat", "illustrate.yaml line 1: stile: unknown setting"),
        ("layout: {margin_in: 9}", "illustrate.yaml line 1: layout.margin_in"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(lay, text, told):
    with pytest.raises(UsageError, match=told):
        lay(text)


def test_bytes_that_are_no_text_are_told(tmp_path):
    path = tmp_path / "illustrate.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileAccessError, match="cannot be read"):
        overlaid(load_configuration(None, {}, {}), path)


def test_paths_are_beside_the_file(lay, tmp_path):
    assert lay("prompts: {folder: mine}").settings.prompts.folder == tmp_path / "inbox" / "mine"
