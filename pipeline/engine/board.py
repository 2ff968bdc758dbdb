"""The state of a run: which slides are still open, what became of the others, how both gates stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pipeline.engine.gate import Gate
from pipeline.engine.messages import Drawn
from pipeline.errors import FailedCall
from pipeline.events import EventSink, Notice, Stage, StageDone
from pipeline.outcomes import SlideOutcome, SlideStatus, StageCount, WorkerStats
from pipeline.records import Prompt, SlidePlan


class Board:
    """Touched by the run's owner alone, so it needs no lock."""

    def __init__(self, plans: Sequence[SlidePlan], min_success_rate: float, sink: EventSink) -> None:
        self.outcomes = {plan.slide.number: _planned_outcome(plan) for plan in plans}
        self.open = {plan.slide.number: None for plan in plans if plan.slot}
        self.prompt_gate = Gate(len(self.open), min_success_rate)
        self.image_gate = Gate(len(self.open), min_success_rate)
        self._image_failures = 0
        self._sink = sink
        self._images: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._busy_s: Counter[str] = Counter()

    @property
    def prompts(self) -> StageCount:
        return StageCount(succeeded=self.prompt_gate.succeeded, failed=self.prompt_gate.failed)

    @property
    def images(self) -> StageCount:
        return StageCount(succeeded=self.image_gate.succeeded, failed=self._image_failures)

    @property
    def workers(self) -> tuple[WorkerStats, ...]:
        return tuple(
            WorkerStats(name=name, images=self._images[name], failures=self._failures[name], busy_s=self._busy_s[name])
            for name in sorted(self._busy_s)
        )

    def charge(self, number: int, cost_usd: float, saved_usd: float = 0.0) -> None:
        """Add what a call for a slide has cost, whatever came of it, or would have cost."""
        outcome = self.outcomes[number]
        self.outcomes[number] = replace(
            outcome, cost_usd=outcome.cost_usd + cost_usd, saved_usd=outcome.saved_usd + saved_usd
        )

    def record_work(self, worker: str, busy_s: float, *, succeeded: bool) -> None:
        self._busy_s[worker] += busy_s  # type: ignore[assignment]  # a Counter adds floats as well
        (self._images if succeeded else self._failures)[worker] += 1

    def prompt_written(self, prompt: Prompt, *, is_rewrite: bool) -> None:
        number = prompt.slide_number
        self.outcomes[number] = replace(self.outcomes[number], prompt=prompt.text, alt_text=prompt.alt_text)
        if not is_rewrite:
            self.prompt_gate.succeeded += 1
            self._sink(StageDone(stage=Stage.PROMPTS, slide_number=number))

    def declined(self, number: int, reason: str, *, is_rewrite: bool) -> None:
        """The slide wants no picture after all."""
        if is_rewrite:
            self.prompt_gate.succeeded -= 1
        self.prompt_gate.skip()
        self.image_gate.skip()
        self._settle(number, status=SlideStatus.SKIPPED, reason=reason)
        for stage in (Stage.IMAGES,) if is_rewrite else (Stage.PROMPTS, Stage.IMAGES):
            self._sink(StageDone(stage=stage, slide_number=number, skipped=True))

    def prompt_failed(self, number: int, reason: str) -> None:
        """No prompt, so no picture either: the slide counts against both gates."""
        self.prompt_gate.failed += 1
        self.image_gate.failed += 1
        self._settle(number, status=SlideStatus.FAILED, reason=reason)
        self._sink(StageDone(stage=Stage.PROMPTS, slide_number=number, problem=reason))
        self._sink(StageDone(stage=Stage.IMAGES, slide_number=number, skipped=True))

    def image_failed(self, number: int, reason: str, calls: tuple[FailedCall, ...]) -> None:
        self._no_picture(number, reason, status=SlideStatus.FAILED, attempts=len(calls), failed_calls=calls)

    def hold_back(self, number: int, reason: str, stage: Stage, calls: tuple[FailedCall, ...]) -> None:
        """The slide fails in `stage`, but nobody failed at it: its call was not made. It counts against no gate."""
        self._settle(number, status=SlideStatus.FAILED, reason=reason, attempts=len(calls), failed_calls=calls)
        self._sink(StageDone(stage=stage, slide_number=number, problem=reason))
        if stage is Stage.PROMPTS:
            self._sink(StageDone(stage=Stage.IMAGES, slide_number=number, skipped=True))

    def illustrated(self, drawn: Drawn, calls_before: tuple[FailedCall, ...]) -> None:
        """The picture is in the deck; `calls_before` were refused with another prompt."""
        self.image_gate.succeeded += 1
        self._settle(drawn.slide_number, status=SlideStatus.ILLUSTRATED, **_origin(drawn, calls_before))
        self._sink(StageDone(stage=Stage.IMAGES, slide_number=drawn.slide_number))

    def marked(self, drawn: Drawn, calls_before: tuple[FailedCall, ...]) -> None:
        """A card stands where the picture would: the slide has no picture, and counts as failed."""
        reason = f"a placeholder: {drawn.stands_in_for}"
        self._no_picture(drawn.slide_number, reason, status=SlideStatus.PLACEHOLDER, **_origin(drawn, calls_before))

    def tell(self, text: str) -> None:
        self._sink(Notice(text=text))

    def taken_out(self, number: int, reason: str) -> None:
        """A picture that was in the deck is not, for what the finished deck shows."""
        self.image_gate.succeeded -= 1
        self.image_gate.failed += 1
        self._image_failures += 1
        self.outcomes[number] = replace(self.outcomes[number], status=SlideStatus.FAILED, reason=reason)

    def leave_waiting(self, reason: str) -> None:
        """The run ends here, and another goes on with what is still open."""
        for number in tuple(self.open):
            self._settle(number, status=SlideStatus.WAITING, reason=reason)

    def fail_the_rest(self, reason: str) -> None:
        """The run ends here: what is still open has failed, for `reason`."""
        for number in tuple(self.open):
            self._settle(number, status=SlideStatus.FAILED, reason=reason)

    def _no_picture(self, number: int, reason: str, **changes: object) -> None:
        self.image_gate.failed += 1
        self._image_failures += 1
        self._settle(number, reason=reason, **changes)
        self._sink(StageDone(stage=Stage.IMAGES, slide_number=number, problem=reason))

    def _settle(self, number: int, **changes: object) -> None:
        self.open.pop(number)
        self.outcomes[number] = replace(self.outcomes[number], **changes)  # type: ignore[arg-type]


def _origin(drawn: Drawn, calls_before: tuple[FailedCall, ...]) -> dict[str, object]:
    return {
        "provider": drawn.provider,
        "model": drawn.model,
        "attempts": len(calls_before) + drawn.attempts,
        "failed_calls": (*calls_before, *drawn.failed_calls),
        "image": drawn.image,
    }


def _planned_outcome(plan: SlidePlan) -> SlideOutcome:
    return SlideOutcome(
        number=plan.slide.number,
        title=plan.slide.title,
        status=SlideStatus.SKIPPED,
        reason=plan.reason,
        slot=plan.slot,
    )
