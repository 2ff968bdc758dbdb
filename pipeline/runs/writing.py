"""The producer's step: the prompt of one slide is written, or found among those an earlier run has paid for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from pipeline.engine.calls import Caller
from pipeline.engine.messages import WriteOrder
from pipeline.errors import NotEnglishError, PromptError
from pipeline.prompting.writer import PromptWriter
from pipeline.prompting.writing import Limits, ready_prompt, write_prompt
from pipeline.records import Brief, Declined, Prompt, WriterAnswer
from pipeline.runs.jobs import SlideJob
from pipeline.store.work_folder import WorkFolder, request_key

MILDER = "An image service refused this prompt on grounds of its policy. Write a milder one with another motif: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The producer's step."""

    jobs: Mapping[int, SlideJob]
    writer: PromptWriter
    caller: Caller
    limits: Limits
    work_folder: WorkFolder
    template_key: str

    def __call__(self, order: WriteOrder) -> Prompt | Declined:
        job = self.jobs[order.slide_number]
        brief = job.brief
        if order.milder_than:
            return self._written(replace(brief, complaint=MILDER + order.milder_than), job)
        if job.own_prompt:
            try:
                return ready_prompt(job.own_prompt, brief, job.own_style, self.limits)
            except NotEnglishError:
                brief = replace(brief, wish=job.own_prompt)
        return self._written(brief, job)

    def _written(self, brief: Brief, job: SlideJob) -> Prompt | Declined:
        try:
            return write_prompt(brief, self._ask, job.style, self.limits)
        except PromptError:
            self.work_folder.discard_answers(brief.slide_number)
            raise

    def _ask(self, brief: Brief) -> WriterAnswer:
        key = request_key(
            {
                "writer": self.writer.name,
                "model": self.writer.model,
                "templates": self.template_key,
                "brief": asdict(brief),
            }
        )
        kept = self.work_folder.find_answer(brief.slide_number, key)
        if kept is not None:
            return kept

        def ask(timeout_s: float) -> WriterAnswer:
            answer = self.writer.write(brief, timeout_s)
            self.work_folder.keep_answer(brief.slide_number, key, answer)
            return answer

        answer = self.caller.call(ask, allowance_of=lambda given: given.allowance)
        return replace(answer.value, cost_usd=answer.value.cost_usd + answer.wasted_usd)
