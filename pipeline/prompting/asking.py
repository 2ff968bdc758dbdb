"""What the writers that ask a model share: what is told, what an answer costs, what a failure is called."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime

from pipeline.config.credentials import Access
from pipeline.config.spellings import spellings
from pipeline.errors import CredentialsError, FailureKind, ServiceError
from pipeline.prompting.answers import Question, TextAnswer, read_answer
from pipeline.prompting.templates import Templates
from pipeline.records import Brief, WriterAnswer
from pipeline.service_errors import scrubbed
from pipeline.services.catalog import ModelChoice
from pipeline.services.models import TokenPrices

# For estimates: an answer of this shape, and what a token is in characters of mixed text.
ANSWER_TOKENS = 250
CHARS_PER_TOKEN = 3.5


class AskingWriter(ABC):
    """A PromptWriter that asks a model of the catalog. One thread at a time, like every PromptWriter."""

    is_remote = True

    def __init__(self, choice: ModelChoice, access: Access, templates: Templates, now: Callable[[], datetime]) -> None:
        """`now` must give aware times; hints like "try again at" are counted from it."""
        self.name = choice.service.service
        self.model = choice.id
        self._choice = choice
        self._access = access
        self._templates = templates
        self._now = now
        self._secrets = spellings((access.key.get_secret_value(),)) if access.key else ()
        self._prices = choice.model.price.tokens if choice.model.price else None

    @abstractmethod
    def ask(self, question: Question, timeout_s: float) -> TextAnswer:
        """Ask once. Raises ServiceError where the service failed, refused, or wrote nothing."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections; no other call follows."""

    def write(self, brief: Brief, timeout_s: float) -> WriterAnswer:
        told = self._told(brief)
        reply = self.ask(told, timeout_s)
        cost_usd = reply.cost_usd or 0.0
        answer = read_answer(reply.text)
        if answer is None:
            raise self._failed(FailureKind.EMPTY, "the answer does not have the form asked for", cost_usd=cost_usd)
        return WriterAnswer(**answer.model_dump(), cost_usd=cost_usd, allowance=reply.allowance)

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

    @property
    def _address(self) -> str:
        """Raises CredentialsError where nothing says where the service is."""
        if self._access.base_url is None:
            variable = self._choice.service.address_variable
            raise CredentialsError(f"{self.name}: nothing says where the service is; set {variable}")
        return self._access.base_url

    def _failed(
        self, kind: FailureKind, message: str, *, hint_s: float | None = None, cost_usd: float = 0.0
    ) -> ServiceError:
        """A failure as people are told of it: who says it, what, what to do. Without the key, whoever quotes it."""
        said = scrubbed(message, self._secrets)
        text = f"{self._choice.service.title}: {said}{self._remedy(kind)}"
        return ServiceError(kind, text, retry_after_s=hint_s, cost_usd=cost_usd)

    def _remedy(self, kind: FailureKind) -> str:
        variable, found_in = self._access.key_variable, self._access.found_in
        if kind in (FailureKind.BAD_PARAMETER, FailureKind.UNKNOWN_MODEL):
            return "; check the model (prompts.model)"
        if self._access.key is None:
            return f"; set {variable}" if kind is FailureKind.AUTH and variable else ""
        return {
            FailureKind.AUTH: f"; check the key ({found_in or variable})",
            FailureKind.BILLING: f"; the account behind the key ({found_in or variable}) has no credit left",
        }.get(kind, "")


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
