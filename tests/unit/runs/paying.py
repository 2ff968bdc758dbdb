"""A run's account as the tests of money need it: a real history, a clock by hand, calls by their slides."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config.settings import Budget
from pipeline.engine.clock import StopSignal
from pipeline.records import CallKind, Request
from pipeline.records.history import RunRecord, RunState
from pipeline.runs.spending.attempts import Call
from pipeline.runs.spending.budgets import Account
from pipeline.runs.spending.ledger import Ledger
from pipeline.store.history import History, open_history
from tests.clocks import ManualClock

PICTURE_USD, PROMPT_USD = 0.05, 0.01


class Meanwhile(ManualClock):
    """While somebody sleeps, the next of `steps` happens; sleeping when nothing more can happen is waiting for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = []

    def sleep(self, seconds, stop):
        super().sleep(seconds, stop)
        assert self.steps, "waits for ever"
        self.steps.pop(0)()


def picture(slide, usd=PICTURE_USD, size="1024x1024", **facts):
    request = Request(
        kind=CallKind.IMAGE, service="fake", model="painter", prompt=f"slide {slide}", parameters={"size": size}
    )
    return Call(request=request, slide_number=slide, price_usd=usd, **facts)


def prompt(slide, usd=PROMPT_USD):
    request = Request(kind=CallKind.PROMPT, service="words", model="writer", context={"slide": slide})
    return Call(request=request, slide_number=slide, price_usd=usd)


@dataclass
class Till:
    """One run with a ledger."""

    folder: Path
    budget: dict = field(default_factory=dict)
    name: str = "run-1"
    clock: ManualClock = field(default_factory=Meanwhile)
    stop: StopSignal = field(default_factory=StopSignal)

    def __post_init__(self):
        self.history: History = open_history(None, self.folder, now=self.clock.now, warn=lambda _line: None)
        self.history.begin_run(RunRecord(id=self.name, state=RunState.PENDING, created=self.clock.now()))
        budget = Budget.model_validate(self.budget)
        self.ledger = Ledger(self.history, budget, Account(run_id=self.name), self.clock, self.stop)
        self.blocks = []

    def pay(self, call, usd=None):
        with self.ledger.entered(call, 10) as entry:
            entry.cost_usd = call.price_usd if usd is None else usd

    def begin(self, call):
        """The call is under way until what is returned is called with what it cost, None: nothing and in vain."""
        block = self.ledger.entered(call, 10)
        self.blocks.append(block)  # one that nobody holds would end by itself
        entry = block.__enter__()

        def end(usd=None, error=None):
            entry.cost_usd = usd
            if error is None:
                block.__exit__(None, None, None)
            else:
                assert not block.__exit__(type(error), error, None)

        return end

    @property
    def calls(self):
        return self.history.attempts(self.name)
