"""The writer and the image provider for a model that was chosen; the SDK it takes is loaded here, not before."""

from __future__ import annotations

from pipeline.asking.timing import Timing
from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock, StopSignal
from pipeline.images.offline import OfflineImages
from pipeline.images.parameters import Wishes
from pipeline.images.provider import ImageProvider
from pipeline.images.unfinished import Receipts
from pipeline.prompting.offline import OfflineWriter
from pipeline.prompting.templates import Templates
from pipeline.prompting.writer import PromptWriter
from pipeline.services.catalog import ModelChoice


def timing_of(clock: Clock) -> Timing:
    """The clocks of whoever asks a service."""
    return Timing(now=clock.now, monotonic=clock.monotonic, sleep=lambda seconds: clock.sleep(seconds, StopSignal()))


def make_painter(
    choice: ModelChoice | None,
    configuration: Configuration,
    clock: Clock,
    receipts: Receipts,
    size: str | None = None,
) -> ImageProvider:
    """The provider that draws with `choice`, or on this machine. `size` None: the slot decides.

    `receipts` are those of what was ordered and has not arrived.

    Raises UsageError for a size or setting it does not take.
    """
    if choice is None:
        return OfflineImages()
    access = configuration.credentials.of(choice.service.service)
    images = configuration.settings.images
    wishes = Wishes(quality=images.quality, size=size, parameters=images.parameters)
    timing = timing_of(clock)
    # Loading an SDK takes seconds; a run that does not use it need not wait for it.
    if choice.service.endpoint_for(choice.model, "image").protocol == "openai":
        from pipeline.images.openai_images import OpenAIImages  # noqa: PLC0415

        return OpenAIImages(choice, access, wishes, timing, receipts)
    from pipeline.images.http.provider import HttpImages  # noqa: PLC0415

    return HttpImages(choice, access, wishes, timing, receipts)


def make_writer(
    choice: ModelChoice | None, configuration: Configuration, templates: Templates, clock: Clock
) -> PromptWriter:
    """The writer that asks `choice`, or the one that looks words up on this machine."""
    if choice is None:
        return OfflineWriter()
    access = configuration.credentials.of(choice.service.service)
    if choice.service.endpoint_for(choice.model, "text").protocol == "anthropic":
        from pipeline.prompting.claude import ClaudeWriter  # noqa: PLC0415

        return ClaudeWriter(choice, access, templates, timing_of(clock))
    from pipeline.prompting.chat import ChatWriter  # noqa: PLC0415

    return ChatWriter(choice, access, templates, timing_of(clock))
