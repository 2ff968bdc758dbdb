"""One cascade, the origin of every value known, and every problem told in one message."""

from __future__ import annotations

import pickle
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config.credentials import KeySource
from pipeline.config.loader import configuration_of, load_configuration
from pipeline.config.settings import Settings
from pipeline.errors import FileAccessError, PipelineError, UsageError

OURS = """
title: Ours
key: {variables: [OURS_KEY]}
endpoints: {images: {type: image, protocol: openai}}
"""


@pytest.fixture
def write(tmp_path):
    def write_config(text, folder="."):
        path = tmp_path / folder / "illustrate.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_config


def problem(config=None, arguments=None, environ=None):
    with pytest.raises(UsageError) as caught:
        load_configuration(config, arguments, environ or {})
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_with_nothing_said_the_defaults_hold_and_say_so():
    configuration = load_configuration(environ={})
    assert configuration.settings == Settings()
    assert set(configuration.origins.values()) == {"default"}


def test_default_file_environment_argument_each_beats_the_one_before(write):
    path = write("workers:\n  image_workers: 3\n  queue_size: 3\n  max_attempts: 3\n")
    environ = {"DECK_ILLUSTRATOR_WORKERS__QUEUE_SIZE": "4", "DECK_ILLUSTRATOR_WORKERS__MAX_ATTEMPTS": "4"}
    configuration = load_configuration(path, {"workers.max_attempts": 5}, environ)
    workers = configuration.settings.workers
    assert (workers.image_workers, workers.queue_size, workers.max_attempts) == (3, 4, 5)
    origin = configuration.origins
    assert origin["workers.prompt_delay_s"] == "default"
    assert origin["workers.image_workers"] == f"{path} line 2"
    assert origin["workers.queue_size"] == "environment DECK_ILLUSTRATOR_WORKERS__QUEUE_SIZE"
    assert origin["workers.max_attempts"] == "argument"


def test_all_problems_come_in_one_message_with_file_line_and_nearest_spelling(write):
    path = write("stile: photo\nworkers:\n  image_wokers: 3\ngate: {min_success_rate: 3}\nwokers: {queue_size: 1}\n")
    told = problem(path, {"images.model": ""}, {"DECK_ILLUSTRATOR_WORKERS__QUEUE_SIZE": "none"})
    assert f"{path} line 1: stile: unknown setting, did you mean style?" in told
    assert f"{path} line 3: workers.image_wokers: unknown setting, did you mean image_workers?" in told
    assert f"{path} line 4: gate.min_success_rate: " in told
    assert f"{path} line 5: wokers: unknown setting, did you mean workers?" in told
    assert "environment DECK_ILLUSTRATOR_WORKERS__QUEUE_SIZE: workers.queue_size: " in told
    assert "argument: images.model: " in told
    assert told.count("; ") == 5


def test_a_key_below_a_single_value_does_not_hide_the_other_problems(write):
    told = problem(write("style: {name: photo}\nworkers: {image_workers: 0}\n"))
    assert "line 1: style.name: 'style' is a single value" in told
    assert "line 2: workers.image_workers: " in told


def test_a_single_value_for_a_section_is_told_of_both_who_wrote_it_and_who_is_hidden(write):
    told = problem(write("workers: 3\n"), environ={"DECK_ILLUSTRATOR_WORKERS__QUEUE_SIZE": "4"})
    assert "line 1: workers: " in told


def test_settings_that_do_not_go_together_are_told_of_who_wrote_them(write):
    path = write("images:\n  chain: [openai]\n  provider: openai\n")
    assert problem(path) == f"{path} line 3: images: give either chain, or provider and model"


def test_what_is_wrong_inside_a_setting_is_told_of_who_wrote_it(write):
    path = write("images:\n  parameters: {seed: [1]}\n  chain: [openai, '']\n")
    told = problem(path)
    assert f"{path} line 2: images.parameters.seed" in told
    assert f"{path} line 3: images.chain.1: " in told
    assert "default" not in told


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "workers:\nrules:\n", "workers: {}\n", "---\n", "\ufeffstyle: flat\n"]
)
def test_an_empty_file_or_section_is_fine(write, text):
    assert load_configuration(write(text), environ={}).settings == Settings()


@pytest.mark.parametrize(
    "text",
    [
        "style: [",
        "- style\n",
        "just words",
        "\tstyle: flat",
        "style: 2026-13-45",
        "on: true",
        "null: 1",
        "1: {2: 3}",
        '"": 1',
        "a: &a {b: *a}",
        "[" * 500,
        "workers: &w {image_workers: 3}\ngate: {<<: *w}",
        "style: !!python/object/apply:os.system [x]",
        "? [a]\n: b",
        "style: \x00",
        "style: null",
        "workers: [1]",
        "one: 1\n---\ntwo: 2",
    ],
)
def test_a_broken_file_is_one_line_that_names_it(write, text):
    path = write(text)
    assert problem(path).startswith(str(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="ab:-?{}[]&*<>!|'\"#,. \n01workestyl", max_size=60))
def test_whatever_stands_in_a_file_it_loads_or_is_refused_in_words(write, text):
    try:
        load_configuration(write(text), environ={})
    except PipelineError as error:
        told = str(error)
        assert told


def test_a_file_that_is_not_there_or_not_text(tmp_path):
    assert "no such config file" in problem(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"style: caf\xe9")
    for path in (tmp_path, tmp_path / "latin.yaml"):
        with pytest.raises(FileAccessError, match="cannot be read"):
            load_configuration(path, environ={})


def test_relative_paths_in_a_file_are_relative_to_that_file(write, tmp_path):
    here = "prompts: {folder: mine}\noutput: {work_folder: /var/work}\nlimits: {backend: sqlite, url: rates}\n"
    path = write(here, folder="conf")
    settings_ = load_configuration(path, environ={}).settings
    assert settings_.prompts.folder == tmp_path / "conf" / "mine"
    assert settings_.output.work_folder == Path("/var/work")
    assert settings_.limits.url == str(tmp_path / "conf" / "rates")


def test_the_address_of_a_server_is_no_path(write):
    path = write("limits: {backend: redis, url: 'redis://host:6379/0'}\n", folder="conf")
    assert load_configuration(path, environ={}).settings.limits.url == "redis://host:6379/0"


def test_a_relative_path_in_a_variable_is_relative_to_where_the_program_runs():
    environ = {"DECK_ILLUSTRATOR_PROMPTS__FOLDER": "mine"}
    assert load_configuration(environ=environ).settings.prompts.folder == Path("mine")


@pytest.mark.parametrize(
    ("text", "value"),
    [("photo", "photo"), ("'a: b'", "a: b"), ("@home", "@home"), ("[", "["), ("2026-13-45", "2026-13-45")],
)
def test_a_variable_that_is_no_yaml_is_the_text_it_is(text, value):
    assert load_configuration(environ={"DECK_ILLUSTRATOR_STYLE": text}).settings.style == value


def test_a_misspelt_variable_is_refused_with_the_nearest_spelling():
    told = problem(environ={"DECK_ILLUSTRATOR_WORKERS__IMAGE_WORKER": "2"})
    assert "did you mean image_workers?" in told


def test_a_dotenv_beside_the_config_and_one_in_the_working_directory_are_read(write, tmp_path):
    path = write("", folder="conf")
    (tmp_path / ".env").write_text("OPENAI_API_KEY=from-cwd\nDECK_ILLUSTRATOR_STYLE=photo\n", encoding="utf-8")
    (path.parent / ".env").write_text("export ANTHROPIC_API_KEY='from-conf'\n", encoding="utf-8-sig")
    configuration = load_configuration(path, environ={})
    assert configuration.credentials.of("openai").key.get_secret_value() == "from-cwd"
    assert configuration.credentials.of("anthropic").key.get_secret_value() == "from-conf"
    assert configuration.settings.style == "photo"


def test_the_real_environment_beats_a_dotenv(tmp_path):
    (tmp_path / ".env").write_text("OPENAI_API_KEY=file\nOPENAI_BASE_URL=http://file\n", encoding="utf-8")
    openai = load_configuration(environ={"OPENAI_API_KEY": "real"}).credentials.of("openai")
    assert openai.key.get_secret_value() == "real"
    assert openai.base_url == "http://file"


def test_a_dollar_in_a_dotenv_key_is_a_dollar(tmp_path):
    (tmp_path / ".env").write_text("OPENAI_API_KEY=a${HOME}b\n", encoding="utf-8")
    assert load_configuration(environ={}).credentials.of("openai").key.get_secret_value() == "a${HOME}b"


def test_a_dotenv_that_is_no_text_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"\xff\xfeO\x00P\x00")
    with pytest.raises(FileAccessError, match=r"\.env"):
        load_configuration(environ={})


def test_the_process_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("DECK_ILLUSTRATOR_STYLE", "photo")
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    configuration = load_configuration()
    assert configuration.settings.style == "photo"
    assert configuration.credentials.of("openai").key


def test_keys_stand_in_ones_own_folder_too(tmp_path):
    home = tmp_path / "own"
    home.mkdir()
    (home / "keys.env").write_text("OPENAI_API_KEY=mine\n", encoding="utf-8")
    (home / "keys.env").chmod(0o644)
    configuration = load_configuration(environ={"DECK_ILLUSTRATOR_HOME": str(home)})
    assert configuration.home == home
    assert configuration.credentials.of("openai").found_in == f"{home / 'keys.env'} OPENAI_API_KEY"
    assert all(str(home / "keys.env") in notice for notice in configuration.credentials.notices)


def test_the_variable_of_ones_own_folder_is_no_setting(tmp_path):
    (tmp_path / ".env").write_text("DECK_ILLUSTRATOR_HOME=elsewhere\n", encoding="utf-8")
    configuration = load_configuration(environ={})
    assert configuration.home == Path("elsewhere")
    assert "home" not in configuration.origins


def test_a_teams_keys_stand_in_a_file_beside_the_config(write, tmp_path):
    path = write("services: {shared_keys: team.env}\n", folder="conf")
    (path.parent / "team.env").write_text("OPENAI_API_KEY=teams\nANTHROPIC_API_KEY=teams\n", encoding="utf-8")
    credentials = load_configuration(path, environ={"OPENAI_API_KEY": "mine"}).credentials
    assert credentials.of("openai").source is KeySource.PERSONAL
    assert credentials.of("anthropic").source is KeySource.SHARED


def test_a_teams_file_that_is_not_there_is_a_mistake_in_the_config(write):
    assert "services.shared_keys" in problem(write("services: {shared_keys: none.env}\n"))


def test_services_of_ones_own_have_keys_and_addresses_like_all_others(write, tmp_path):
    path = write("services: {catalog: mine}\n", folder="conf")
    (path.parent / "mine").mkdir()
    (path.parent / "mine" / "ours.yaml").write_text(OURS, encoding="utf-8")
    ours = load_configuration(path, environ={"OURS_KEY": "k", "OURS_BASE_URL": "http://10.1.2.3/"}).credentials.of(
        "ours"
    )
    assert (ours.base_url, ours.found_in) == ("http://10.1.2.3", "environment OURS_KEY")


def test_settings_made_in_python_find_the_same_keys(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=from-cwd\n", encoding="utf-8")
    monkeypatch.setenv("OPENAI_API_KEY", "environs")
    configuration = configuration_of(Settings(style="photo"), keys={"openai": "arguments"})
    assert configuration.settings.style == "photo"
    assert configuration.credentials.of("openai").found_in == "argument"
    assert configuration.credentials.of("anthropic").found_in.endswith(".env ANTHROPIC_API_KEY")
    assert load_configuration(keys={"OPENAI_API_KEY": "k"}).credentials.of("openai").found_in == "argument"


@pytest.mark.parametrize("show", [repr, str, lambda configuration: repr(asdict(configuration))])
def test_no_printing_of_a_configuration_shows_a_key(show):
    configuration = load_configuration(environ={"OPENAI_API_KEY": "sk-hush-hush-0123", "ANTHROPIC_API_KEY": "hush"})
    assert "hush" not in show(configuration)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(configuration)


def test_a_key_put_into_the_settings_by_mistake_is_not_quoted_back(write):
    told = problem(write("openai_api_key: sk-secret\n"), environ={"DECK_ILLUSTRATOR_OPENAI_API_KEY": "sk-secret"})
    assert "openai_api_key: unknown setting" in told
    assert "sk-secret" not in told
