"""What a run still has to ask: prompts and pictures that are neither in the store nor under way in another's batch."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from pipeline.engine.messages import WriteOrder
from pipeline.errors import BudgetError, PromptError, ServiceError
from pipeline.records import Brief, Declined, ImageRequest, Prompt, Request
from pipeline.runs.assembly import Run
from pipeline.runs.batches.rounds import Question
from pipeline.runs.jobs import SlideJob
from pipeline.runs.spending.ledger import Ledger
from pipeline.runs.writing import Writing, known_prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The questions of one run. `picture_share` is what a picture costs in its batch, of its usual price."""

    run: Run
    ledger: Ledger
    writing: Writing

    def keys(self) -> Iterator[str]:
        """What stands for every prompt that is not in the store, and for every picture whose prompt is."""
        writer, store = self.run.prepared.services.writer, self.run.keeping.store
        for job in self.run.prepared.jobs.values():
            request = writer.request(job.brief)
            if not job.own_prompt and store.find_answer(request) is None:
                yield request.key
            known = self._known_prompt(job)
            if isinstance(known, Prompt) and not self.writing.foresight.is_kept(job, known):
                asked = self.writing.foresight.request(job, known)
                yield from (one.request(asked).key for one in self.run.prepared.services.painters)

    def prompts(self, *, picture_share: float, elsewhere: Container[str]) -> Iterator[Question[Brief]]:
        """Those that are missing."""
        writer, store = self.run.prepared.services.writer, self.run.keeping.store
        for number, job in self.run.prepared.jobs.items():
            request = writer.request(job.brief)
            if job.own_prompt or request.key in elsewhere or store.find_answer(request) is not None:
                continue
            yield Question(
                asked=job.brief,
                request=request,
                slide_number=number,
                price_usd=writer.estimate_usd(job.brief),
                leads_to_usd=(self.writing.foresight.call(job).price_usd or 0.0) * picture_share,
            )

    def pictures(self, *, elsewhere: Container[str]) -> Iterator[Question[ImageRequest]]:
        """Of the slides that have a prompt, then of the others, whose prompts are asked for at once, at the full price.

        Whoever iterates reserves each: so no prompt is written that these leave no room for.
        """
        jobs = self.run.prepared.jobs
        known = {number: self._known_prompt(job) for number, job in jobs.items()}
        for number in sorted(jobs, key=lambda number: known[number] is None):
            prompt = known[number] or self._written_prompt(number, jobs[number])
            if not isinstance(prompt, Prompt):
                continue
            foresight, job = self.writing.foresight, jobs[number]
            call = foresight.call(job, prompt)
            if call.request.key in elsewhere or foresight.is_kept(job, prompt):
                continue
            yield Question(
                asked=foresight.request(job, prompt),
                request=call.request,
                slide_number=number,
                price_usd=call.price_usd,
            )

    def _written_prompt(self, number: int, job: SlideJob) -> Prompt | Declined | None:
        """The engine asks again for what fails here, and says why it failed."""
        try:
            found = self.writing(WriteOrder(slide_number=number))
        except (PromptError, ServiceError, BudgetError):
            return None
        finally:
            self.ledger.release(number)
        if found.cost_usd:  # the engine finds it in the store
            request: Request = self.run.prepared.services.writer.request(job.brief)
            self.run.brought.came(request, number, found.cost_usd)
        return found

    def _known_prompt(self, job: SlideJob) -> Prompt | Declined | None:
        return known_prompt(job, self.run.prepared.services.writer, self.run.keeping.store, self.writing.limits)
