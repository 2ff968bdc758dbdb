"""What can be set, with its type, its bounds and its default. `defaults.yaml` beside this file documents every key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipeline.config.cron import checked_cron, checked_timezone
from pipeline.config.units import age_of, bytes_of

# A day at most: infinity and the like are no waits a thread can make.
Seconds = Annotated[float, Field(ge=0, le=86_400, strict=True)]
Timeout = Annotated[float, Field(gt=0, le=86_400, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]
Name = Annotated[str, Field(min_length=1)]


def _usable(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("a path holds no NUL character")
    return path


def _age(text: str) -> str:
    age_of(text)
    return text


def _size(text: str) -> str:
    bytes_of(text)
    return text


Folder = Annotated[Path, AfterValidator(_usable)]
Age = Annotated[str, AfterValidator(_age)]
Size = Annotated[str, AfterValidator(_size)]
Usd = Annotated[float, Field(ge=0, le=1_000_000_000, strict=True)]


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
    """Who writes the prompts: a service, or a model of one. Null `model`: the service's default."""

    provider: Name = "auto"
    model: Name | None = None
    folder: Folder | None = None


class Images(_Section):
    """Who makes the pictures: a service, a model of one, or a chain of models tried in turn.

    `quality` null is medium, or the nearest a model has; one that is given must be taken. `parameters` go to every
    model that knows them.
    """

    provider: Name = "auto"
    model: Name | None = None
    chain: tuple[Name, ...] = ()
    quality: Name | None = None
    parameters: dict[str, bool | int | float | str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _chain_stands_alone(self) -> Self:
        if self.chain and (self.model is not None or self.provider != "auto"):
            raise ValueError("give either chain, or provider and model")
        return self


class Services(_Section):
    """Where more services and more keys come from: a folder of catalog files, a key file shared by a team."""

    catalog: Folder | None = None
    shared_keys: Folder | None = None


class Limits(_Section):
    """Who counts a service's requests a minute together: this run, this machine (sqlite), all machines (redis)."""

    backend: Literal["memory", "sqlite", "redis"] = "memory"
    url: Name | None = None


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


class Store(_Section):
    """Where what was paid for is kept, and how much of it. Null `folder`: the person's own."""

    folder: Folder | None = None
    retention: Age | None = None
    max_size: Size | None = None


class History(_Section):
    """Where runs, slides and calls are written down. Null `url`: a SQLite file in the person's own folder."""

    url: Name | None = None
    retention: Age | None = None


class Caps(_Section):
    """What may be spent at most. Null: no bound."""

    max_usd_per_run: Usd | None = None
    max_usd_per_deck: Usd | None = None
    max_usd_per_day: Usd | None = None
    max_usd_per_month: Usd | None = None
    max_images_per_day: Annotated[int, Field(ge=0, strict=True)] | None = None


class Budget(Caps):
    """The bounds for all there is, for each project by its label besides, and a unit of one's own."""

    projects: dict[Name, Caps] = Field(default_factory=dict)
    credits_per_image: Annotated[float, Field(gt=0, le=1_000_000, strict=True)] | None = None


class Decks(_Section):
    """How many decks are made at once where there are several."""

    jobs: Annotated[int, Field(ge=1, le=64, strict=True)] = 1


class Watch(_Section):
    """How a folder is watched. A file is taken when its size and time have stayed the same for `steady_s`."""

    interval_s: Annotated[float, Field(ge=0.1, le=86_400, strict=True)] = 30.0
    steady_s: Seconds = 3.0
    notify: bool = True


def _place(text: str) -> str:
    if text == "-":
        raise ValueError("a job has no standard input; write a deck, a folder, a pattern, or @LIST")
    _usable(Path(text))
    return text


class ScheduledJob(_Section):
    """Decks that are made by the clock: `cron` has five fields, `settings` dotted keys or sections over all others."""

    name: Name
    cron: Annotated[str, AfterValidator(checked_cron)]
    timezone: Annotated[str, AfterValidator(checked_timezone)] = "UTC"
    source: Annotated[Name, AfterValidator(_place)]
    target: Annotated[Name, AfterValidator(_place)]
    recursive: bool = False
    include: tuple[Name, ...] = ()
    exclude: tuple[Name, ...] = ()
    settings: dict[str, Any] = Field(default_factory=dict)


Ending = Literal["done", "failed"]


class Webhook(_Section):
    """Who is told over HTTP of each deck that ends. `secret_file` holds the key the messages are signed with."""

    url: Name | None = None
    secret_file: Folder | None = None
    when: tuple[Ending, ...] = ("done", "failed")
    timeout_s: Timeout = 10.0


class Hook(_Section):
    """A command that is run when a deck ends, with the JSON report on its standard input."""

    command: tuple[Name, ...] = ()
    when: tuple[Ending, ...] = ("done", "failed")
    timeout_s: Timeout = 60.0


class Telemetry(_Section):
    """Where numbers and traces go. Null: nowhere. `metrics_port` serves Prometheus, on this machine alone."""

    metrics_port: Annotated[int, Field(ge=1, le=65_535, strict=True)] | None = None
    metrics_host: Name = "127.0.0.1"
    traces_url: Name | None = None


class Fleet(_Section):
    """Several machines. `storage` is a folder they share, by URL; `redis_url` null: the broker, where it is a Redis.

    A machine that was not heard of for `lease_s` has died: what it held is free for others.
    """

    broker_url: Name | None = None
    redis_url: Name | None = None
    storage: Name | None = None
    deck_workers: Annotated[int, Field(ge=1, le=64, strict=True)] = 1
    image_workers: Annotated[int, Field(ge=1, le=256, strict=True)] = 4
    lease_s: Annotated[float, Field(ge=2, le=86_400, strict=True)] = 60.0


class Settings(_Section):
    """Every setting of a run. Frozen; an unknown key is refused."""

    style: Name = "flat"
    project: Name | None = None
    workers: Workers = Workers()
    gate: Gate = Gate()
    prompts: Prompts = Prompts()
    images: Images = Images()
    services: Services = Services()
    limits: Limits = Limits()
    budget: Budget = Budget()
    store: Store = Store()
    history: History = History()
    rules: Rules = Rules()
    layout: Layout = Layout()
    output: Output = Output()
    decks: Decks = Decks()
    watch: Watch = Watch()
    schedule: tuple[ScheduledJob, ...] = ()
    webhook: Webhook = Webhook()
    hook: Hook = Hook()
    telemetry: Telemetry = Telemetry()
    fleet: Fleet = Fleet()
