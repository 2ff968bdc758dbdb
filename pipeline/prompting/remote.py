"""What the writers that ask a model share: what is told, what an answer costs, who judges a failure."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import replace

from pipeline.asking.errors import Judge
from pipeline.asking.places import place_of
from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind
from pipeline.prompting.answers import FORM_IN_WORDS, Question, TextAnswer, read_answer
from pipeline.prompting.templates import Templates
from pipeline.records import Brief, CallKind, Request, WriterAnswer
from pipeline.services.catalog import ModelChoice
from pipeline.services.models import TokenPrices
from pipeline.services.wire import Batch

# For estimates: an answer of this shape, and what a token is in characters of mixed text.
ANSWER_TOKENS = 250
CHARS_PER_TOKEN = 3.5
# What a person may have to mend where a service does not take what it was asked for.
SETTINGS = ("prompts.model",)


class AskingWriter(ABC):
    """A PromptWriter that asks a model of the catalog. One thread at a time, like every PromptWriter."""

    is_remote = True

    def __init__(self, choice: ModelChoice, access: Access, templates: Templates, timing: Timing) -> None:
        self.name = choice.service.service
        self.model = choice.id
        self._choice = choice
        self._access = access
        self._templates = templates
        self._timing = timing
        self._endpoint = choice.service.endpoint_for(choice.model, "text")
        errors = self._endpoint.errors or choice.service.errors
        self._judge = Judge(access, errors, choice.model.price, timing.now, SETTINGS)
        self._prices = choice.model.price.tokens if choice.model.price else None

    @property
    def access(self) -> Access:
        return self._access

    @property
    def judge(self) -> Judge:
        return self._judge

    @property
    def timing(self) -> Timing:
        return self._timing

    @property
    def batch(self) -> Batch | None:
        """How the model is asked in batches, None where it is not."""
        return self._endpoint.batch

    @abstractmethod
    def ask(self, question: Question, timeout_s: float) -> TextAnswer:
        """Ask once. Raises ServiceError where the service failed, refused, or wrote nothing."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections; no other call follows."""

    def request(self, brief: Brief) -> Request:
        """By the rules, the form of the answer, the template of the deck's part, and the slide's part with its style.

        Not by the slide's number, nor by the deck's title and outline: a slide that two decks share is paid for once,
        and the answer it got in the first is good for the second.
        """
        told = self._told(replace(brief, slide_number=0))
        return Request(
            kind=CallKind.PROMPT,
            service=self.name,
            model=self.model,
            parameters=self._endpoint.send,
            context={
                "route": self._choice.route,
                "place": place_of(self._access),
                "rules": _digest(told.rules),
                "form": _digest(FORM_IN_WORDS),
                "deck_template": _digest(self._templates.deck.template),
                "slide": _digest(told.text),
            },
        )

    def write(self, brief: Brief, timeout_s: float) -> WriterAnswer:
        return self._formal(self.ask(self._told(brief), timeout_s))

    def _formal(self, reply: TextAnswer) -> WriterAnswer:
        cost_usd = reply.cost_usd or 0.0
        answer = read_answer(reply.text)
        if answer is None:
            problem = "the answer does not have the form asked for"
            raise self._judge.failure(FailureKind.EMPTY, problem, cost_usd=cost_usd)
        return WriterAnswer(**answer.model_dump(), cost_usd=cost_usd, tokens=reply.tokens, allowance=reply.allowance)

    def complete(self, system: str, question: str, timeout_s: float) -> TextAnswer:
        """What the model writes to `question` under the rules of `system` ("": none), as plain text.

        Raises ServiceError as `write` does.
        """
        return self.ask(Question(rules=system, context="", text=question, is_formal=False), timeout_s)

    def estimate_usd(self, brief: Brief) -> float | None:
        if self._prices is None:
            return None
        told = self._told(brief)
        read_tokens = (len(told.rules) + len(told.context) + len(told.text)) / CHARS_PER_TOKEN
        return token_cost_usd(self._prices, fresh=read_tokens, written=ANSWER_TOKENS)

    def _told(self, brief: Brief) -> Question:
        return Question(
            rules=self._templates.rules,
            context=self._templates.deck_part(brief),
            text=self._templates.slide_part(brief),
            is_formal=True,
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def token_cost_usd(
    prices: TokenPrices, *, fresh: float, written: float, cache_read: float = 0, cache_write: float = 0
) -> float:
    """The price of one answer in US dollars.

    `fresh` counts the tokens that were neither read from nor put in the cache, `written` those that came back, thoughts
    among them. Where a model has no price of its own for the cache, its tokens cost what all that goes in costs.
    """
    counts = (
        (fresh, prices.text_in),
        (written, prices.text_out),
        (cache_read, prices.cache_read or prices.text_in),
        (cache_write, prices.cache_write or prices.text_in),
    )
    return sum(count * price for count, price in counts) / 1_000_000
