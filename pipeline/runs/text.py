"""One question to a text model, without a deck: the same services, limits and retries as a run's."""

from __future__ import annotations

import logging
import random
from contextlib import ExitStack, closing
from functools import partial

from pipeline.config.loader import Configuration
from pipeline.engine.calls import Caller
from pipeline.engine.clock import Clock, StopSignal
from pipeline.errors import CredentialsError, ExitCode, PipelineError, UsageError
from pipeline.prompting.answers import TextAnswer
from pipeline.prompting.remote import AskingWriter
from pipeline.prompting.templates import load_templates
from pipeline.records import CallKind, Request
from pipeline.runs.keeping import open_keeping
from pipeline.runs.past.run_records import beginning, ended_with, new_run_id
from pipeline.runs.services.calling import Calling
from pipeline.runs.services.making import make_writer
from pipeline.runs.services.naming import AUTO, Naming
from pipeline.runs.spending.attempts import Call
from pipeline.runs.spending.budgets import Account
from pipeline.runs.spending.ledger import Ledger
from pipeline.services.catalog import ModelChoice

log = logging.getLogger(__name__)


def ask_for_text(prompt: str, configuration: Configuration, clock: Clock, rng: random.Random) -> str:
    """What the model of `prompts` in the settings writes to `prompt`.

    Raises UsageError for an empty prompt or a name that means nothing, CredentialsError where no model can be used,
    BudgetError where a budget does not allow it, ServiceError where it fails or refuses. It is asked anew each time.
    """
    if not prompt.strip():
        raise UsageError("the prompt is empty; say what is to be written")
    choice, stop, run_id = _writer(configuration), StopSignal(), new_run_id(clock)
    settings = configuration.settings
    with ExitStack() as held:
        keeping = held.enter_context(closing(open_keeping(configuration, run_id, clock, log.warning)))
        calling = held.enter_context(closing(Calling(configuration, clock, rng, stop)))
        templates = load_templates(settings.prompts.folder)
        writer = held.enter_context(closing(make_writer(choice, configuration, templates, clock)))
        if not isinstance(writer, AskingWriter):
            raise TypeError(f"{choice.name}: a writer that cannot be asked")
        begun = beginning(run_id, clock, settings.project, 0)
        keeping.history.begin_run(begun)
        account = Account(run_id=run_id, project=settings.project)
        ledger = Ledger(keeping.history, settings.budget, account, clock, stop)
        try:
            text = _paid(prompt, writer, calling.writing(writer.name), ledger)
        except PipelineError as error:
            keeping.history.end_run(
                ended_with(begun, ExitCode.PROMPT_GATE, made=0, message=str(error), clock=clock), ()
            )
            raise
        keeping.history.end_run(ended_with(begun, ExitCode.OK, made=0, message="", clock=clock), ())
    return text


def _paid(prompt: str, writer: AskingWriter, caller: Caller, ledger: Ledger) -> str:
    request = Request(kind=CallKind.PROMPT, service=writer.name, model=writer.model, prompt=prompt)
    call = Call(request=request, slide_number=None, price_usd=None)

    def ask(timeout_s: float) -> TextAnswer:
        with ledger.entered(call, timeout_s) as entry:
            answer = writer.complete("", prompt, timeout_s)
            entry.cost_usd = answer.cost_usd
        return answer

    asked = caller.call(ask, ready=partial(ledger.wait_for_room, call), allowance_of=lambda answer: answer.allowance)
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
