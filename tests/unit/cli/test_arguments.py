"""Keys and models as they are typed; a key that is typed wrongly is not repeated."""

from __future__ import annotations

import argparse

import pytest

from pipeline.cli.arguments import Parser, add_settings, configuration_from
from pipeline.cli.commands import command_of
from pipeline.config.credentials import KeySource
from pipeline.config.loader import naming
from pipeline.errors import ExitCode, PipelineError

KEY = "sk-Quokka_Zephyr-0123456789"


def options(*keys, config=None):
    return argparse.Namespace(config=config, key=list(keys))


def key_of(service, *keys):
    return configuration_from(options(*keys), {}).credentials.of(service)


@pytest.mark.parametrize("name", ["openai", "OPENAI_API_KEY"])
def test_a_key_is_given_by_service_or_variable_and_comes_before_all_others(monkeypatch, name):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other-0000")
    access = key_of("openai", f"{name}={KEY}")
    assert access.key.get_secret_value() == KEY
    assert access.source is KeySource.ARGUMENT


def test_a_key_may_hold_what_parts_it_from_its_name():
    assert key_of("fal", "fal=id=1:secret=2").key.get_secret_value() == "id=1:secret=2"


def test_a_key_is_read_from_a_file_without_the_line_break_at_its_end(tmp_path):
    (tmp_path / "key.txt").write_text(f"{KEY}\n")
    assert key_of("openai", f"openai=@{tmp_path / 'key.txt'}").key.get_secret_value() == KEY


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (KEY, ExitCode.USAGE),
        (f"={KEY}", ExitCode.USAGE),
        ("openai=", ExitCode.USAGE),
        (f"{KEY}=openai", ExitCode.USAGE),
        ("openai=@gone.txt", ExitCode.FILE_ACCESS),
        ("openai=@empty.txt", ExitCode.USAGE),
        ("openai=@binary.txt", ExitCode.FILE_ACCESS),
    ],
)
def test_what_is_no_key_is_told_in_a_line_without_it(tmp_path, given, code):
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(PipelineError) as told:
        configuration_from(options(given), {})
    assert told.value.exit_code is code
    assert "Quokka" not in str(told.value)


def test_an_argument_that_is_mistyped_does_not_show_the_key_behind_it(capsys):
    parser = Parser(prog="test", allow_abbrev=False)
    add_settings(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--keys", f"openai={KEY}", f"--kee=openai={KEY}"])
    told = capsys.readouterr().err
    assert "unrecognized arguments" in told
    assert "Quokka" not in told


def test_a_model_that_is_given_stands_in_place_of_all_that_a_file_names(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("images: {chain: [openai, stability, placeholder]}\nprompts: {provider: anthropic}\n")
    given = {**naming("images", "bfl/flux-dev"), **naming("prompts", "openai/gpt-6-sol")}
    settings = configuration_from(options(config=path), given).settings
    assert (settings.images.chain, settings.images.provider, settings.images.model) == ((), "auto", "bfl/flux-dev")
    assert (settings.prompts.provider, settings.prompts.model) == ("auto", "openai/gpt-6-sol")
    path.write_text("images: {provider: stability, model: core}\n")
    assert configuration_from(options(config=path), naming("images", None)).settings.images.model == "core"


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (["models", "refresh", "--clear"], ["--clear"]),
        (["models", "--json"], ["--json"]),
        (["providers", "check", "openai"], ["openai"]),
        (["deck.pptx", "plan"], ["deck.pptx", "plan"]),
        ([], []),
    ],
)
def test_a_command_is_the_longest_that_is_meant(words, rest):
    assert command_of(words)[1] == rest
