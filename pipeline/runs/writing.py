"""The producer's step: the prompt of one slide is written, or found among those that were paid for once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from pipeline.engine.calls import Caller
from pipeline.engine.messages import WriteOrder
from pipeline.errors import NotEnglishError, PromptError
from pipeline.prompting.writer import PromptWriter
from pipeline.prompting.writing import Limits, ready_prompt, write_prompt
from pipeline.records import Brief, Declined, Prompt, Request, WriterAnswer
from pipeline.records.history import Response
from pipeline.runs.jobs import SlideJob
from pipeline.runs.spending.attempts import Call
from pipeline.runs.spending.foresight import Foresight
from pipeline.runs.spending.ledger import Ledger
from pipeline.store.keeping import Store

MILDER = "An image service refused this prompt on grounds of its policy. Write a milder one with another motif: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question to the writer, and what its answer once cost where it was found in the store."""

    request: Request
    saved_usd: float = 0.0


AskWriter = Callable[[Brief, list[Asked]], WriterAnswer]
"""Answers a brief and says in the list what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """From a slide's job to its prompt, whoever is asked. Raises PromptError, and whatever `ask` raises."""

    ask: AskWriter
    limits: Limits

    def prompt_of(self, job: SlideJob, asked: list[Asked], *, milder_than: str = "") -> Prompt | Declined:
        """A person's own prompt where the notes have one in English, else what the writer answers."""
        brief = job.brief
        if milder_than:
            brief = replace(brief, complaint=MILDER + milder_than)
        elif job.own_prompt:
            try:
                return ready_prompt(job.own_prompt, brief, job.own_style, self.limits)
            except NotEnglishError:
                brief = replace(brief, wish=job.own_prompt)
        found = write_prompt(brief, lambda told: self.ask(told, asked), job.style, self.limits)
        return replace(found, saved_usd=sum(one.saved_usd for one in asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The producer's step. No prompt leaves it without room in the budgets for its picture, as far as can be known."""

    jobs: Mapping[int, SlideJob]
    writer: PromptWriter
    caller: Caller
    limits: Limits
    store: Store
    ledger: Ledger
    foresight: Foresight

    def __call__(self, order: WriteOrder) -> Prompt | Declined:
        number, job = order.slide_number, self.jobs[order.slide_number]
        asked: list[Asked] = []
        wording = Wording(ask=partial(self._ask, job), limits=self.limits)
        prompt: Prompt | Declined | None = None
        try:
            found = wording.prompt_of(job, asked, milder_than=order.milder_than)
            if isinstance(found, Prompt) and self.ledger.is_bounded and not self.foresight.is_kept(job, found):
                self.ledger.make_room(self.foresight.call(job, found))
            prompt = found
        except PromptError:
            for one in asked:  # so that it is asked anew
                self.store.discard_answer(one.request)
            raise
        finally:
            if not isinstance(prompt, Prompt):
                self.ledger.release(number)
        return prompt

    def _ask(self, job: SlideJob, brief: Brief, asked: list[Asked]) -> WriterAnswer:
        request = self.writer.request(brief)
        kept = self._kept(request, asked)
        if kept is not None:
            return kept
        wait = partial(self.caller.clock.sleep, stop=self.caller.stop)
        with self.store.alone_with(request, wait):
            kept = self._kept(request, asked)  # by another run that asked the same meanwhile
            if kept is not None:
                return kept
            asked.append(Asked(request=request))
            if self.ledger.is_bounded:
                self.ledger.set_aside(self.foresight.call(job))
            call = Call(request=request, slide_number=brief.slide_number, price_usd=self.writer.estimate_usd(brief))
            answer = self.caller.call(
                partial(self._paid, call, brief),
                ready=partial(self.ledger.wait_for_room, call),
                allowance_of=lambda given: given.allowance,
            )
        return replace(answer.value, cost_usd=answer.value.cost_usd + answer.wasted_usd)

    def _kept(self, request: Request, asked: list[Asked]) -> WriterAnswer | None:
        """As `kept_answer`; what a batch of this run brought was paid for in this run."""
        kept = kept_answer(self.store, request, asked)
        paid_usd = None if kept is None else self.ledger.brought_usd(request)
        if kept is None or paid_usd is None:
            return kept
        asked[-1] = Asked(request=request)
        return replace(kept, cost_usd=paid_usd)

    def _paid(self, call: Call, brief: Brief, timeout_s: float) -> WriterAnswer:
        with self.store.room_for_call(), self.ledger.entered(call, timeout_s) as entry:
            answer = self.writer.write(brief, timeout_s)
            entry.cost_usd, entry.response = answer.cost_usd, Response.of_answer(answer)
            self.store.keep_answer(call.request, answer)
        return answer


class _NotKept(Exception):  # noqa: N818 - not an error: the store does not have it
    """The answer to this question is still to be paid for."""


def known_prompt(job: SlideJob, writer: PromptWriter, store: Store, limits: Limits) -> Prompt | Declined | None:
    """What a run would be told without asking anybody; None where that is to be paid for, or was of no use."""

    def ask(brief: Brief, asked: list[Asked]) -> WriterAnswer:
        kept = kept_answer(store, writer.request(brief), asked)
        if kept is None:
            raise _NotKept
        return kept

    try:
        return Wording(ask=ask, limits=limits).prompt_of(job, [])
    except (_NotKept, PromptError):
        return None


def kept_answer(store: Store, request: Request, asked: list[Asked]) -> WriterAnswer | None:
    """The answer to `request` that was paid for once, free of charge now."""
    kept = store.find_answer(request)
    if kept is None:
        return None
    asked.append(Asked(request=request, saved_usd=kept.cost_usd))
    return replace(kept, cost_usd=0.0)
