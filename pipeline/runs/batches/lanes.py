"""Who takes batches: of the services of a run, and of what an earlier run handed in to whomever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from pipeline.asking.batches import BatchLane
from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock
from pipeline.errors import CredentialsError, UsageError
from pipeline.images.openai_batches import batches_of as picture_batches_of
from pipeline.images.provider import ImageProvider
from pipeline.images.unfinished import Receipts
from pipeline.prompting.claude_batches import batches_of as prompt_batches_of
from pipeline.prompting.templates import Templates
from pipeline.prompting.writer import PromptWriter
from pipeline.records import Brief, CallKind, GeneratedImage, ImageRequest, WriterAnswer
from pipeline.runs.services.choosing import Services
from pipeline.runs.services.making import make_painter, make_writer
from pipeline.services.catalog import ModelChoice
from pipeline.services.models import Kind
from pipeline.store.batch_notes import BatchNote

T = TypeVar("T")

PromptLane = BatchLane[Brief, WriterAnswer]
PictureLane = BatchLane[ImageRequest, GeneratedImage]

_KINDS: dict[CallKind, Kind] = {CallKind.PROMPT: "text", CallKind.IMAGE: "image"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Who takes batches, None where nobody does."""

    prompts: PromptLane | None
    pictures: PictureLane | None


def lanes_of(services: Services) -> Lanes:
    """Raises UsageError where neither prompts nor pictures can be had in batches."""
    lanes = Lanes(prompts=prompt_batches_of(services.writer), pictures=picture_batches_of(services.painters[0]))
    if lanes.prompts is None and lanes.pictures is None:
        raise UsageError("--batch: neither the prompts' nor the pictures' service takes batches; leave it out")
    return lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerServices:
    """Who was asked, whatever the settings name by now."""

    services: Services
    configuration: Configuration
    templates: Templates
    clock: Clock
    receipts: Receipts

    @contextmanager
    def prompts(self, note: BatchNote) -> Iterator[PromptLane]:
        """Raises CredentialsError where the service cannot be asked any more."""
        writer: PromptWriter = self.services.writer
        is_same = (writer.name, writer.model) == note.model
        if not is_same:
            writer = make_writer(self._choice(note), self.configuration, self.templates, self.clock)
        try:
            yield self._there(prompt_batches_of(writer), note)
        finally:
            if not is_same:
                writer.close()

    @contextmanager
    def pictures(self, note: BatchNote) -> Iterator[PictureLane]:
        """Raises CredentialsError where the service cannot be asked any more."""
        painter: ImageProvider = self.services.painters[0]
        is_same = (painter.name, painter.model) == note.model
        if not is_same:
            painter = make_painter(self._choice(note), self._without_wishes(), self.clock, self.receipts)
        try:
            yield self._there(picture_batches_of(painter), note)
        finally:
            if not is_same:
                painter.close()

    def _choice(self, note: BatchNote) -> ModelChoice:
        service, model = note.model
        lacking = self.configuration.credentials.of(service).lacking if service in self._known else (service,)
        if lacking:
            raise CredentialsError(f"{_of(note)} is to be collected, but {' and '.join(lacking)} is not set; set it")
        return self.configuration.catalog.choose(f"{service}/{model}", _KINDS[note.kind], "the batch under way")

    def _without_wishes(self) -> Configuration:
        """What is wished of today's model the former one may not take."""
        settings = self.configuration.settings
        images = settings.images.model_copy(update={"quality": None, "parameters": {}})
        return replace(self.configuration, settings=settings.model_copy(update={"images": images}))

    @property
    def _known(self) -> frozenset[str]:
        return frozenset(self.configuration.catalog.services)

    def _there(self, lane: T | None, note: BatchNote) -> T:
        if lane is None:
            raise CredentialsError(f"{_of(note)} is to be collected, but the catalog says it takes none; mend that")
        return lane


def _of(note: BatchNote) -> str:
    return f"a batch of {note.kind}s at {note.model[0]}"
