"""One question to a text model, without a deck: the same services, limits and retries as a run's."""

from __future__ import annotations

import random
from contextlib import closing

from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock, StopSignal
from pipeline.errors import CredentialsError, UsageError
from pipeline.prompting.remote import AskingWriter
from pipeline.prompting.templates import load_templates
from pipeline.runs.services.calling import Calling
from pipeline.runs.services.making import make_writer
from pipeline.runs.services.naming import AUTO, Naming
from pipeline.services.catalog import ModelChoice


def ask_for_text(prompt: str, configuration: Configuration, clock: Clock, rng: random.Random) -> str:
    """What the model of `prompts` in the settings writes to `prompt`.

    Raises UsageError for an empty prompt or a name that means nothing, CredentialsError where no model can be used,
    ServiceError where it fails or refuses.
    """
    if not prompt.strip():
        raise UsageError("the prompt is empty; say what is to be written")
    choice = _writer(configuration)
    templates = load_templates(configuration.settings.prompts.folder)
    calling = Calling(configuration, clock, rng, StopSignal())
    writer = make_writer(choice, configuration, templates, clock)
    with closing(calling), closing(writer):
        if not isinstance(writer, AskingWriter):
            raise TypeError(f"{choice.name}: a writer that cannot be asked")
        asked = calling.writing(choice.service.service).call(
            lambda timeout_s: writer.complete("", prompt, timeout_s), allowance_of=lambda answer: answer.allowance
        )
    return asked.value.text


def _writer(configuration: Configuration) -> ModelChoice:
    """The model that is named; where none is, Claude, else who draws the pictures, if it writes too."""
    naming = Naming(configuration)
    choice = naming.writer(())
    if choice is None and configuration.settings.prompts.provider == AUTO:
        choice = naming.writer(naming.painters().choices)
    if choice is None:
        raise CredentialsError(
            "no text model can be asked: set ANTHROPIC_API_KEY, or name a model like openai/gpt-6-sol"
        )
    return choice
