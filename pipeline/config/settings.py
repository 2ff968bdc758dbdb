"""What can be set, with its type, its bounds and its default. `defaults.yaml` beside this file documents every key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# A day at most: infinity and the like are no waits a thread can make.
Seconds = Annotated[float, Field(ge=0, le=86_400, strict=True)]
Timeout = Annotated[float, Field(gt=0, le=86_400, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]


def _usable(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("a path holds no NUL character")
    return path


Folder = Annotated[Path, AfterValidator(_usable)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Workers(_Section):
    """How many calls run at once, how far apart they start, how long they may take."""

    image_workers: Annotated[int, Field(ge=1, le=256, strict=True)] = 2
    queue_size: Count = 8
    prompt_delay_s: Seconds = 1.0
    image_delay_s: Seconds = 2.0
    prompt_timeout_s: Timeout = 120.0
    image_timeout_s: Timeout = 300.0
    max_attempts: Count = 4


class Gate(_Section):
    """The share of planned slides each stage must reach."""

    min_success_rate: Share = 0.8


class Prompts(_Section):
    """Who writes the prompts."""

    provider: Literal["auto", "anthropic", "offline"] = "auto"
    model: Annotated[str, Field(min_length=1)] = "claude-haiku-5-5"
    folder: Folder | None = None


class Images(_Section):
    """Who makes the pictures."""

    provider: Literal["auto", "openai", "offline"] = "auto"
    model: Annotated[str, Field(min_length=1)] = "gpt-image-2.6-flare"
    quality: Annotated[str, Field(min_length=1)] = "medium"


class Rules(_Section):
    """Which slides are left as they are. Each rule is on unless turned off here."""

    skip_hidden: bool = True
    skip_finished_deck: bool = True
    skip_title: bool = True
    skip_closing: bool = True
    skip_section_headers: bool = True
    skip_filled: bool = True
    skip_without_text: bool = True


class Layout(_Section):
    """Where a picture may stand and how fine it is. Shares are of the slide's area, from 0 to 1."""

    margin_in: Annotated[float, Field(ge=0, le=2, strict=True)] = 0.3
    gap_in: Annotated[float, Field(ge=0, le=2, strict=True)] = 0.15
    min_slot_share: Annotated[float, Field(gt=0, le=1, strict=True)] = 0.08
    max_px_per_in: Annotated[int, Field(ge=50, le=600, strict=True)] = 200
    ink: Literal["estimated", "rendered"] = "estimated"
    covers: bool = False
    make_room: bool = False


class Output(_Section):
    """Where the work folder stands."""

    work_folder: Folder | None = None


class Settings(_Section):
    """Every setting of a run. Frozen; an unknown key is refused."""

    style: Annotated[str, Field(min_length=1)] = "flat"
    workers: Workers = Workers()
    gate: Gate = Gate()
    prompts: Prompts = Prompts()
    images: Images = Images()
    rules: Rules = Rules()
    layout: Layout = Layout()
    output: Output = Output()
