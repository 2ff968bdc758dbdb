"""Which writer and which image provider a run uses, composed in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pipeline.config.credentials import Service
from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock
from pipeline.errors import CredentialsError
from pipeline.images.models import find_image_model
from pipeline.images.offline import OfflineImages
from pipeline.images.provider import ImageProvider
from pipeline.prompting.offline import OfflineWriter
from pipeline.prompting.templates import Templates
from pipeline.prompting.writer import PromptWriter

RETIREMENT_WARNING = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The two ends of the work, and what a person should know of how they were chosen, a line each."""

    writer: PromptWriter
    provider: ImageProvider
    notices: tuple[str, ...]

    def close(self) -> None:
        self.writer.close()
        self.provider.close()


def choose_services(configuration: Configuration, templates: Templates, clock: Clock) -> Services:
    """Raises CredentialsError where a service is named without its key, UsageError for a setting it does not take."""
    settings, keys = configuration.settings, configuration.credentials
    writer: PromptWriter = OfflineWriter()
    provider: ImageProvider = OfflineImages()
    # Loading an SDK takes seconds; a run that does not use it need not wait for it.
    if _is_wanted(settings.prompts.provider, keys.anthropic, "prompts.provider"):
        from pipeline.prompting.claude import ClaudeWriter  # noqa: PLC0415

        writer = ClaudeWriter(keys.anthropic, settings.prompts.model, templates, clock.now)
    if _is_wanted(settings.images.provider, keys.openai, "images.provider"):
        from pipeline.images.openai_images import OpenAIImages  # noqa: PLC0415

        provider = OpenAIImages(keys.openai, settings.images.model, settings.images.quality, clock.now)
    notices = (
        _offline_notice(configuration, writer, provider),
        _retirement_notice(provider, clock),
        _price_notice(provider),
    )
    return Services(writer=writer, provider=provider, notices=tuple(filter(None, notices)))


def _is_wanted(choice: str, service: Service, setting: str) -> bool:
    if choice == "offline" or (choice == "auto" and service.key is None):
        return False
    if service.key is None:
        raise CredentialsError(
            f"{setting} is {choice!r} but {service.key_variable} is not set; set it in the environment or a .env file"
        )
    return True


def _retirement_notice(provider: ImageProvider, clock: Clock) -> str:
    retires = find_image_model(provider.name, provider.model).retires if provider.is_remote else None
    if retires is None or retires - clock.now().date() > RETIREMENT_WARNING:
        return ""
    return f"images.model {provider.model} is shut down on {retires}; choose another."


def _price_notice(provider: ImageProvider) -> str:
    if provider.estimate_usd(1.0) is not None:
        return ""
    return f"The price of images.model {provider.model} is not known: costs are told without its pictures."


def _offline_notice(configuration: Configuration, writer: PromptWriter, provider: ImageProvider) -> str:
    settings, keys = configuration.settings, configuration.credentials
    offline = {
        "prompts are written": (writer.is_remote, settings.prompts.provider, keys.anthropic.key_variable),
        "pictures are drawn": (provider.is_remote, settings.images.provider, keys.openai.key_variable),
    }
    lacking = [(what, key) for what, (is_remote, choice, key) in offline.items() if not is_remote and choice == "auto"]
    if not lacking:
        return ""
    what = " and ".join(what for what, _ in lacking)
    keys_to_set = " and ".join(key for _, key in lacking)
    return f"Offline: {what} on this machine, for a draft; set {keys_to_set} for the real thing."
