"""Runs on one deck for unit tests, without the deck: what outlives them is real."""

from __future__ import annotations

from types import SimpleNamespace

from pipeline.config.settings import Settings
from pipeline.engine.board import Board
from pipeline.engine.clock import StopSignal
from pipeline.runs.assembly import Run, Surroundings
from pipeline.runs.keeping import Keeping
from pipeline.runs.spending.budgets import Account
from pipeline.runs.spending.ledger import Ledger
from pipeline.store.history import open_history
from pipeline.store.keeping import Store
from pipeline.store.work_folder import Holder, WorkFolder
from tests.builders import plan
from tests.clocks import ManualClock

SETTINGS = Settings.model_validate({"project": "acme", "budget": {"credits_per_image": 2.0}})


class Scene:
    """Runs on one deck, one after the other, with all that outlives them."""

    def __init__(self, folder):
        self.folder, self.clock, self.told = folder, ManualClock(), []
        self.history = open_history(None, folder, now=self.clock.now, warn=self.told.append)
        self.around = Surroundings(sink=lambda event: None, clock=self.clock)

    def run(self, name):
        return Run(
            id=name,
            prepared=SimpleNamespace(),
            account=Account(run_id=name, deck=("ab" * 32, "/talks/rivers.pptx"), project="acme"),
            work_key="cd" * 32,
            keeping=Keeping(store=Store(self.folder / "store", owner=name, now=self.clock.now), history=self.history),
            output=self.folder / "out.pptx",
            may_overwrite=False,
            board=Board([plan(2), plan(3)], 0.8, lambda event: None),
            stop=StopSignal(),
            work_folder=WorkFolder(self.folder / "out.work"),
        )

    def ledger(self, run):
        return Ledger(self.history, SETTINGS.budget, run.account, self.clock, run.stop)

    def heard(self):
        return [self.around.mailbox.get().text for _ in range(self.around.mailbox.qsize())]


def holder(name, folder):
    return Holder(
        run_id=name,
        pid=1,
        host="here",
        user="ann",
        started=ManualClock().now(),
        input=folder / "deck.pptx",
        output=folder / "out.pptx",
    )
