"""The settings are frozen and bounded, and defaults.yaml tells the truth about every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from pipeline.config.settings import Settings
from tests.conftest import ROOT

DEFAULTS = ROOT / "pipeline" / "config" / "defaults.yaml"


def leaves(model=Settings, prefix=""):
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from leaves(type(field.default), f"{name}.")
        else:
            yield prefix + name


def test_the_shipped_file_holds_exactly_the_defaults():
    data = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))
    assert Settings.model_validate(data) == Settings()
    assert data == Settings().model_dump(mode="json")


@pytest.mark.parametrize("key", list(leaves()))
def test_every_key_is_explained_where_it_stands(key):
    lines = DEFAULTS.read_text(encoding="utf-8").splitlines()
    *section, name = key.split(".")
    start = lines.index(f"{section[0]}:") if section else 0
    indent = "  " * len(section)
    at = next(n for n, line in enumerate(lines) if n >= start and line.startswith(f"{indent}{name}:"))
    assert " # " in lines[at] or lines[at - 1].lstrip().startswith("# ")


def test_what_the_readme_promises_is_the_default():
    settings = Settings()
    assert settings.workers.image_workers == 2
    assert (settings.workers.prompt_delay_s, settings.workers.image_delay_s) == (1, 2)
    assert settings.gate.min_success_rate == 0.8
    assert settings.prompts.provider == settings.images.provider == "auto"


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        Settings().workers.image_workers = 3


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("workers", "image_workers", 0),
        ("workers", "image_workers", 257),
        ("workers", "queue_size", 0),
        ("workers", "prompt_delay_s", -1),
        ("workers", "image_delay_s", float("inf")),
        ("workers", "image_timeout_s", 0),
        ("workers", "prompt_timeout_s", float("nan")),
        ("workers", "max_attempts", 0),
        ("gate", "min_success_rate", 1.1),
        ("prompts", "provider", ""),
        ("images", "provider", None),
        ("images", "chain", [""]),
        ("images", "parameters", {"seed": [1]}),
        ("limits", "backend", "postgres"),
        ("images", "model", ""),
        ("layout", "min_slot_share", 0),
        ("layout", "max_px_per_in", 10_000),
        ("rules", "skip_everything", True),
    ],
)
def test_a_value_out_of_bounds_is_refused(section, key, value):
    with pytest.raises(ValidationError):
        Settings.model_validate({section: {key: value}})


@pytest.mark.parametrize("more", [{"model": "gpt-image-2"}, {"provider": "openai"}])
def test_a_chain_stands_alone(more):
    assert Settings.model_validate({"images": {"chain": ["openai", "placeholder"]}}).images.chain[0] == "openai"
    with pytest.raises(ValidationError, match="either chain"):
        Settings.model_validate({"images": {"chain": ["openai"], **more}})


def test_folders_are_paths():
    settings = Settings.model_validate({"prompts": {"folder": "mine"}, "output": {"work_folder": "work"}})
    assert (settings.prompts.folder, settings.output.work_folder) == (Path("mine"), Path("work"))
