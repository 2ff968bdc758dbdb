"""One run of a small deck whose services fail at random, and what must hold of it however they do."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.records.history import AttemptState
from pipeline.records.requests import CallKind
from tests.fakes import AnthropicServer, OpenAIServer, openai_faults
from tests.fakes.faults import Fault
from tests.fakes.ledger import Delivery, Ledger
from tests.fakes.random_faults import WHOLE, Mixture, Randomly, image_faults, prompt_faults
from tests.integration.support import our_pictures
from tests.torture.checks import Checks
from tests.torture.decks import make_deck
from tests.torture.oracle import DELIVERED, right_codes
from tests.torture.program import OUTPUT, Ended, Place, Program, addresses
from tests.torture.remains import digests_in, foreign, left_over, slide_count
from tests.torture.told import HistoryUnreadable, attempts_told

LIMIT_S = 120.0
"""Far above what the settings below let a run take: every call has its own end."""

CALL_LIMIT_S = 4.0
HANG_S = CALL_LIMIT_S + 1.0
PARTIAL_OUTPUT = "out.partial.pptx"
UNASKED: Mapping[str, Fault] = {
    "webp_instead": openai_faults.webp_image,
    "other_size": openai_faults.wrong_size_image(640, 640),
}
"""Pictures that are not what was asked for, and good all the same."""

UNREADABLE = frozenset({"malformed_json"})
"""Answers that arrived and say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run, all of it drawn from a seed. `fine_share` of the answers are good."""

    number: int
    seed: int
    slides: int
    workers: int
    min_success_rate: float
    fine_share: float

    @classmethod
    def drawn(cls, number: int, seed: int) -> Plan:
        rng = random.Random(f"{seed}/{number}")
        return cls(
            number=number,
            seed=rng.randrange(2**32),
            slides=rng.randint(4, 6),
            workers=rng.randint(1, 8),
            min_success_rate=rng.choice((0.5, 0.8)),
            fine_share=rng.choice((0.9, 0.7, 0.4, 0.2)),
        )

    @property
    def config(self) -> str:
        times = f"prompt_timeout_s: {CALL_LIMIT_S}, image_timeout_s: {CALL_LIMIT_S}"
        return (
            f"workers: {{image_workers: {self.workers}, prompt_delay_s: 0, image_delay_s: 0, {times}}}\n"
            f"gate: {{min_success_rate: {self.min_success_rate}}}\n"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of it: None for a code where it never ended. `struck` counts what was done to its calls, by word."""

    code: int | None
    seconds: float
    struck: Counter[str]


class FaultyRun:
    """One run in a folder of its own, against servers of its own, and all that is claimed of it."""

    def __init__(self, plan: Plan, folder: Path, checks: Checks) -> None:
        self._plan = plan
        self._checks = checks
        self._place = Place.at(folder / f"run-{plan.number}", plan.config)
        make_deck(self._place.deck, plan.slides)

    def __call__(self) -> Outcome:
        plan = self._plan
        with AnthropicServer() as prompts, OpenAIServer() as images:
            ledgers = prompts.ledger, images.ledger = Ledger(), Ledger()
            writing = Randomly(plan.seed, prompt_faults(hang_s=HANG_S, share_fine=plan.fine_share))
            drawing = Randomly(plan.seed, _with_unasked(plan.fine_share))
            prompts.faults.always(writing)
            images.faults.always(drawing)
            program = Program(self._place, addresses(prompts, images))
            try:
                ended = program.ended(LIMIT_S)
            except subprocess.TimeoutExpired:
                self._that("every run ends", False, f"not within {LIMIT_S:.0f} s")
                return Outcome(code=None, seconds=LIMIT_S, struck=writing.counts + drawing.counts)
            delivered = [one for ledger in ledgers for one in ledger.settled(2 * HANG_S)]
            calls = {CallKind.PROMPT: len(prompts.requests), CallKind.IMAGE: len(images.requests)}
        self._that("every run ends", True)
        self._check_code(ended)
        self._check_decks(ended)
        self._check_disk(delivered)
        self._check_history(calls, delivered)
        return Outcome(code=ended.code, seconds=ended.seconds, struck=writing.counts + drawing.counts)

    def _check_code(self, ended: Ended) -> None:
        report = ended.report
        if not self._that("every run tells its report", bool(report), f"code {ended.code}: {ended.err[-500:]}"):
            return
        right = right_codes(report, self._plan.min_success_rate)
        found = f"code {ended.code}, not {sorted(right)}: {report['message']}"
        self._that("every exit code is right", ended.code in right, found)
        self._that("the report has the code", report["exit_code"] == ended.code, report["exit_code"])
        self._that("nothing unexpected is told", "unexpected" not in str(report) + ended.err, ended.err[-500:])

    def _check_decks(self, ended: Ended) -> None:
        """Whole where the code says so, else absent; what there is of a failed run is whole too."""
        output, partial = self._place.output, self._place.folder / PARTIAL_OUTPUT
        is_delivered = ended.code in DELIVERED
        self._that("the deck is there where the code says so, else absent", output.exists() == is_delivered, ended.code)
        self._that("a partial deck is there only where the deck is not", not (is_delivered and partial.exists()))
        illustrated = {one["number"] for one in _slides(ended.report) if one["status"] == "illustrated"}
        for path in (output, partial):
            if path.exists():
                self._check_whole(path, illustrated)
        is_kept = output.exists() or partial.exists() or not illustrated
        self._that("every picture that was placed is in a deck", is_kept, sorted(illustrated))

    def _check_whole(self, path: Path, illustrated: set[int]) -> None:
        try:
            slides, pictures = slide_count(path), set(our_pictures(path))
        except Exception as error:  # noqa: BLE001 - whatever a library says of a deck that does not open
            self._that("every deck is whole", False, f"{path.name}: {error!r}")
            return
        found = f"{path.name}: {slides} slides, pictures on {sorted(pictures)}, not {sorted(illustrated)}"
        self._that("every deck is whole", slides == self._plan.slides and pictures == illustrated, found)

    def _check_disk(self, delivered: list[Delivery]) -> None:
        place = self._place
        self._that("no temporary file, lock or note remains", not left_over(place), left_over(place))
        strangers = foreign(place, OUTPUT, PARTIAL_OUTPUT)
        self._that("nothing else remains beside the deck", not strangers, strangers)
        kept = digests_in(place.home, place.work)
        for one in delivered:
            for image in one.images if one.is_read and one.label in WHOLE | UNASKED.keys() else ():
                claim = "every whole picture a server delivered is in the store"
                self._that(claim, image in kept, f"call {one.number} ({one.label})")

    def _check_history(self, calls: Mapping[CallKind, int], delivered: list[Delivery]) -> None:
        try:
            rows = attempts_told(self._place)
        except HistoryUnreadable as error:
            self._that("the history can be asked", False, error)
            return
        told = {kind: sum(row["kind"] == kind for row in rows) for kind in calls}
        self._that("the history has an attempt for every call, and no other", told == calls, f"{told}, not {calls}")
        self._that("every attempt has an end", all(row["state"] != AttemptState.PENDING for row in rows))
        lost = sum(not one.is_read or one.label in UNREADABLE for one in delivered)
        maybe = sum(row["may_be_charged"] for row in rows)
        self._that(
            "every call whose answer was lost may be charged, and no other", maybe == lost, f"{maybe}, not {lost}"
        )

    def _that(self, claim: str, holds: bool, detail: object = "") -> bool:
        return self._checks.that(claim, holds, f"{self._plan}: {detail}")


def _with_unasked(fine_share: float) -> Mixture:
    mixture = image_faults(hang_s=HANG_S, share_fine=fine_share)
    weight, _ = mixture["slow"]
    return mixture | {word: (weight, fault) for word, fault in UNASKED.items()}


def _slides(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(report.get("slides", ()))
