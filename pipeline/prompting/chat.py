"""The prompt writer that asks any server with OpenAI's chat completions, through the official SDK without its retries.

Servers that copy this API take less than it has. What one refuses is left out from then on: first the schema of the
answer, then JSON mode, and the cap on its length. The form is told in words besides, for servers that ignore both.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

import openai
from openai.types.chat import ChatCompletionMessageParam
from openai.types.chat.completion_create_params import ResponseFormat

from pipeline.asking.answers import Answer
from pipeline.asking.exchange import Deadline, may_have_arrived
from pipeline.asking.hints import allowance_of
from pipeline.asking.openai_sdk import client_for, headers_for
from pipeline.asking.timing import Timing
from pipeline.asking.tokens import tokens_in
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting import completions
from pipeline.prompting.answers import FORM_IN_WORDS, SCHEMA, Question, TextAnswer, without_thoughts
from pipeline.prompting.remote import AskingWriter
from pipeline.prompting.templates import Templates
from pipeline.services.catalog import ModelChoice

# A bound on what an answer gone astray costs. Thoughts count, so it is wide; the narrowest of OpenAI's models in
# service, gpt-4o, refuses more than 16,384.
MAX_TOKENS = 16_000


class _Form(Enum):
    """How the form of the answer is held; each is refused by some servers (LM Studio takes no JSON mode)."""

    SCHEMA = "json_schema"
    JSON = "json_object"
    WORDS = "text"


_WEAKER = {_Form.SCHEMA: _Form.JSON, _Form.JSON: _Form.WORDS}
_ABOUT_FORM = re.compile(
    r"response.?format|json.?(?:schema|object|mode)|structured.?output|grammar|guided", re.IGNORECASE
)
# vLLM compares the cap with its context window, and may say no more than that this is too small.
_ABOUT_CAP = re.compile(r"max.?(?:completion.?|output.?)?tokens|context.?(?:length|window|size)", re.IGNORECASE)


class ChatWriter(AskingWriter):
    """A PromptWriter. Rules and outline come first: OpenAI and its like cache the beginning that calls share."""

    def __init__(self, choice: ModelChoice, access: Access, templates: Templates, timing: Timing) -> None:
        """Raises CredentialsError where nothing says where the service is."""
        super().__init__(choice, access, templates, timing)
        self._send = dict(self._endpoint.send)
        omitted = {*self._endpoint.omit}
        self._form = _Form.WORDS if "response_format" in omitted else _Form.SCHEMA
        # OpenAI's own models refuse the older name, `max_tokens`; where a server knows only that, `send` has it.
        self._is_capped = "max_completion_tokens" not in omitted and "max_tokens" not in self._send
        self._client = client_for(access)

    def close(self) -> None:
        self._client.close()

    def ask(self, question: Question, timeout_s: float) -> TextAnswer:
        deadline = Deadline(timeout_s, self._timing.monotonic, self._judge)
        while True:
            try:
                return self._asked(question, deadline)
            except ServiceError as error:
                if not self._asks_less(error, question):
                    raise

    def _asks_less(self, error: ServiceError, question: Question) -> bool:
        """Leave out what `error` says the server does not take; false where there is nothing to leave out."""
        if error.kind not in (FailureKind.BAD_PARAMETER, FailureKind.TRANSIENT):  # some servers refuse with a 500
            return False
        if question.is_formal and self._form in _WEAKER and _ABOUT_FORM.search(str(error)):
            self._form = _WEAKER[self._form]
            return True
        if self._is_capped and _ABOUT_CAP.search(str(error)):
            self._is_capped = False
            return True
        return False

    def _asked(self, question: Question, deadline: Deadline) -> TextAnswer:
        try:
            response = self._client.chat.completions.with_raw_response.create(
                model=self._choice.route,
                messages=_messages(question),
                response_format=self._response_format() if question.is_formal else openai.omit,
                max_completion_tokens=MAX_TOKENS if self._is_capped else openai.omit,
                extra_headers=headers_for(self._access),
                extra_body=self._send,
                timeout=deadline.left_s(),
            )
        except openai.APIStatusError as error:
            answer = Answer.of(error.status_code, error.response.headers, error.response.content)
            # Not from the error: its text quotes the answer, and that perhaps the key.
            raise self._judge.refusal_in(answer) from None
        except openai.APITimeoutError as error:
            raise deadline.passed(may_be_charged=may_have_arrived(error)) from error
        except openai.APIConnectionError as error:
            raise self._unreachable(error) from error
        except (openai.APIError, ValueError) as error:
            raise self._misread("the answer cannot be read", None) from error
        answer = Answer.of(response.status_code, response.headers, response.content)
        cost_usd = completions.cost_usd(answer.content, self._choice.model.price)
        if failure := self._judge.failure_in(completions.unwrapped(answer), is_submit=True):
            failure.cost_usd = max(failure.cost_usd, cost_usd or 0.0)
            raise failure
        return TextAnswer(
            text=self._text(answer.content, cost_usd),
            cost_usd=cost_usd,
            tokens=tokens_in(answer.content),
            allowance=allowance_of(answer.headers, self._timing.now()),
        )

    def _response_format(self) -> ResponseFormat | openai.Omit:
        if self._form is _Form.SCHEMA:
            return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}
        return {"type": "json_object"} if self._form is _Form.JSON else openai.omit

    def _text(self, body: Any, known_usd: float | None) -> str:
        choice, cost_usd = completions.choice_of(body), known_usd or 0.0
        if choice is None:
            raise self._misread("the answer is no chat completion", known_usd)
        refusal = completions.refusal_in(choice)
        if refusal:
            raise self._judge.failure(FailureKind.POLICY, f"the model refused to answer: {refusal}", cost_usd=cost_usd)
        if choice.get("finish_reason") == "length":
            raise self._judge.failure(FailureKind.EMPTY, "the answer was cut off (length)", cost_usd=cost_usd)
        text = without_thoughts(completions.text_in(choice))
        if not text:
            raise self._judge.failure(FailureKind.EMPTY, "the answer holds no text", cost_usd=cost_usd)
        return text

    def _misread(self, problem: str, cost_usd: float | None) -> ServiceError:
        """An answer that came and could not be read; `cost_usd` None: what it cost is not known."""
        remedy = f"check {self._choice.service.address_variable}"
        return self._judge.failure(
            FailureKind.TRANSIENT,
            problem,
            remedy=remedy,
            cost_usd=cost_usd or 0.0,
            may_be_charged=cost_usd is None,
        )

    def _unreachable(self, error: openai.APIConnectionError) -> ServiceError:
        host, cause = self._client.base_url.host, error.__cause__ or error
        failure = self._misread(f"no connection to {host} ({cause})", None)
        failure.may_be_charged = may_have_arrived(error)
        return failure


def _messages(question: Question) -> list[ChatCompletionMessageParam]:
    """In plain strings: some servers take no list of parts."""
    rules = [question.rules, FORM_IN_WORDS] if question.is_formal else [question.rules]
    system = "\n\n".join(filter(None, rules))
    user: ChatCompletionMessageParam = {
        "role": "user",
        "content": "\n\n".join(filter(None, (question.context, question.text))),
    }
    return [{"role": "system", "content": system}, user] if system else [user]
