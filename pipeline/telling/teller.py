"""Tells whoever the settings name of what became of decks: a webhook, a command, Prometheus, a trace collector."""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from pipeline.asking.timing import Timing
from pipeline.config.credentials import Credentials
from pipeline.config.settings import Settings, Telemetry
from pipeline.errors import UsageError
from pipeline.events import EventSink
from pipeline.outcomes import DeckOutcome, DecksReport, RunReport
from pipeline.telling.hooks import Hook
from pipeline.telling.messages import (
    ALL_ENDED,
    Message,
    UntoldError,
    deck_report,
    decks_report,
    ending_of,
    ending_of_all,
    message_id,
)
from pipeline.telling.progress import Progress
from pipeline.telling.webhooks import Webhook

if TYPE_CHECKING:  # they need an extra
    from pipeline.telling.metrics import Metrics
    from pipeline.telling.traces import Traces


class Teller:
    """Tells of decks, each in the thread that has made it, which waits until it is told. Make it with `of`.

    No failure of the other side is raised: `warn` gets a line, from that thread, and the run goes on.
    """

    def __init__(self, settings: Settings, warn: Callable[[str], None], timing: Timing, rng: random.Random) -> None:
        self._settings = settings
        self._warn = warn
        self._timing = timing
        self._rng = rng
        self._progress = Progress(timing.monotonic)
        self._webhook: Webhook | None = None
        self._hook: Hook | None = None
        self._metrics: Metrics | None = None
        self._traces: Traces | None = None
        self._opened = ExitStack()

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        credentials: Credentials,
        environ: Mapping[str, str],
        warn: Callable[[str], None],
        timing: Timing,
        rng: random.Random,
    ) -> Self:
        """The teller that `settings` want, which tells nobody where they name nobody. Close it.

        The hook gets `environ` without the keys of `credentials`; `timing.sleep` waits before a message is sent again.
        Raises UsageError and FileAccessError for what the settings name and cannot be used.
        """
        teller = cls(settings, warn, timing, rng)
        with ExitStack() as opened:
            opened.callback(teller._opened.close)
            if settings.hook.command:
                teller._hook = Hook(settings.hook, credentials, environ)
            if settings.webhook.url is not None:
                teller._webhook = Webhook(settings.webhook.url, settings.webhook, timing, rng)
                teller._opened.callback(teller._webhook.close)
            teller._open_telemetry(settings.telemetry)
            opened.pop_all()
        return teller

    def watching(self, sink: EventSink) -> EventSink:
        """A listener for a run that passes all on to `sink`: whence metrics and traces know what is under way."""
        return self._progress.watching(sink) if self._metrics or self._traces else sink

    def deck_ended(self, outcome: DeckOutcome, report: RunReport | None) -> None:
        """Tell of one deck; `report` is None where it never began, or was made elsewhere."""
        times = self._progress.take(outcome.run_id)
        if self._metrics:
            self._metrics.deck_ended(outcome, report, times)
        if self._traces:
            self._traces.deck_ended(outcome, report, times)
            self._tell_of_loss(self._traces)
        ending = ending_of(outcome)
        if ending is None or not (self._hook or self._webhook):
            return
        event, told = f"deck.{ending}", deck_report(outcome, report)
        if self._hook and ending in self._settings.hook.when:
            run = self._hook.run
            self._try("hook", lambda: run(event, outcome.input, outcome.output, json.dumps(told)))
        if ending in self._settings.webhook.when:
            self._send(event, told)

    def decks_ended(self, report: DecksReport) -> None:
        """Tell the webhook that a command of many decks is over."""
        if self._webhook and ending_of_all(report) in self._settings.webhook.when:
            self._send(ALL_ENDED, decks_report(report))

    def close(self) -> None:
        """Send what is not sent yet, and serve no more."""
        self._opened.close()
        if self._traces:
            self._tell_of_loss(self._traces)

    def _open_telemetry(self, wanted: Telemetry) -> None:
        if wanted.metrics_port is not None:
            module = _extra("pipeline.telling.metrics", "telemetry.metrics_port")
            self._metrics = module.Metrics(wanted.metrics_host, wanted.metrics_port, self._progress)
            self._opened.callback(self._metrics.close)
        if wanted.traces_url is not None:
            module = _extra("pipeline.telling.traces", "telemetry.traces_url")
            self._traces = module.Traces(wanted.traces_url, self._timing)
            self._opened.callback(self._traces.close)

    def _send(self, event: str, report: dict[str, Any]) -> None:
        if self._webhook and not self._webhook.is_gone:
            send = self._webhook.send
            message = Message(event=event, id=message_id(self._rng), occurred=self._timing.now(), report=report)
            self._try("webhook", lambda: send(message))

    def _try(self, to: str, tell: Callable[[], None]) -> None:
        try:
            tell()
        except UntoldError as error:
            self._warn(str(error))
            is_delivered = False
        else:
            is_delivered = True
        if self._metrics:
            self._metrics.told(to, is_delivered=is_delivered)

    def _tell_of_loss(self, traces: Traces) -> None:
        loss = traces.loss()
        if loss:
            self._warn(loss)


def _extra(module: str, setting: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{setting}: needs more packages: pip install 'deck-illustrator[telemetry]', or set it to null"
        ) from error
