"""What processes do that have homes of their own and nothing in common but a Redis; each is a machine."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

from redis import Redis

from pipeline.engine.clock import StopSignal, SystemClock
from pipeline.engine.limits import ServiceLimits
from pipeline.errors import BudgetError
from pipeline.store.history import Bound, Scope
from pipeline.store.shared.budgets import SharedBudgets
from pipeline.store.shared.history import open_shared_history
from pipeline.store.shared.places import SharedPlaces
from pipeline.store.shared.presence import Presence
from tests.unit.store.history.support import NOON, call

FORKED = """
from tests.unit.store.history.support import forked
from tests.unit.store.shared import crowds
try:
    forked(crowds.{work}, {children})
except SystemExit as end:
    assert end.code == 0, end.code
"""
PLACES, CALLS = 3, 3


def at_once(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def spend(url, folder):
    """Eight threads ask for pictures until a budget says no; prints how many they got."""
    got = []
    bounds = [Bound(name="budget.max_images_per_day", scope=Scope(since=NOON), max_images=10)]
    run_id = f"run-{os.getpid()}"

    def ask():
        with suppress(BudgetError):
            while True:
                number = history.begin_attempt(call(run_id=run_id), bounds)
                got.append(number)
                history.end_attempt(number, cost_usd=0.05)

    with Redis.from_url(url) as client:
        presence = Presence(client, lease_s=60, name=run_id)
        presence.begin()
        money = SharedBudgets(client, presence)
        home = Path(folder) / run_id
        with closing(open_shared_history(None, home, now=lambda: NOON, warn=print, money=money)) as history:
            at_once(8, ask)
            assert len(history.attempts()) == len(got)
    sys.stdout.write(f"{len(got)}\n")


def call_a_service(url):
    """Four threads call a service that counts who is there; prints the most it saw."""
    seen = []

    def work():
        for _ in range(CALLS):
            with limits.turn(StopSignal()):
                seen.append(client.incr("under way"))
                time.sleep(0.005)
                client.decr("under way")

    with Redis.from_url(url) as client:
        presence = Presence(client, lease_s=60, name=f"machine-{os.getpid()}")
        presence.begin()
        places = SharedPlaces(client, "fake", PLACES, presence)
        limits = ServiceLimits(delay_s=0, parallel=None, bucket=None, clock=SystemClock(), places=places)
        at_once(4, work)
    sys.stdout.write(f"{max(seen)} {len(seen)}\n")
