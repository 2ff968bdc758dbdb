"""The prompt writer that asks any server with OpenAI's chat completions, through the official SDK without its retries.

Servers that copy this API take less than it has. What one refuses is left out from then on: first the schema of the
answer, then JSON mode, and the cap on its length. The form is told in words besides, for servers that ignore both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import openai
from openai.types.chat import ChatCompletionMessageParam
from openai.types.chat.completion_create_params import ResponseFormat

from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting import completions
from pipeline.prompting.answers import FORM_IN_WORDS, Answer, Question, TextAnswer, without_thoughts
from pipeline.prompting.asking import AskingWriter
from pipeline.prompting.templates import Templates
from pipeline.service_errors import allowance_of, kind_of_openai_error, retry_after_s
from pipeline.services.catalog import ModelChoice
from pipeline.tls import tls_context

# A bound on what an answer gone astray costs. Thoughts count, so it is wide; the narrowest of OpenAI's models in
# service, gpt-4o, refuses more than 16,384.
MAX_TOKENS = 16_000
# Local servers need no key, the SDK does; it says so on the wire.
NO_KEY = "none"


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

    def __init__(self, choice: ModelChoice, access: Access, templates: Templates, now: Callable[[], datetime]) -> None:
        """Raises CredentialsError where nothing says where the service is."""
        super().__init__(choice, access, templates, now)
        endpoint = choice.service.endpoint_for(choice.model, "text")
        self._send = dict(endpoint.send)
        omitted = {*endpoint.omit}
        self._form = _Form.WORDS if "response_format" in omitted else _Form.SCHEMA
        # OpenAI's own models refuse the older name, `max_tokens`; where a server knows only that, `send` has it.
        self._is_capped = "max_completion_tokens" not in omitted and "max_tokens" not in self._send
        self._client = openai.OpenAI(
            api_key=access.key.get_secret_value() if access.key else NO_KEY,
            base_url=self._address,
            max_retries=0,
            # A key in a header of its own would go along to wherever a redirect leads.
            http_client=openai.DefaultHttpxClient(verify=tls_context(), follow_redirects=False),
        )

    def close(self) -> None:
        self._client.close()

    def ask(self, question: Question, timeout_s: float) -> TextAnswer:
        while True:
            try:
                return self._asked(question, timeout_s)
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

    def _asked(self, question: Question, timeout_s: float) -> TextAnswer:
        try:
            response = self._client.chat.completions.with_raw_response.create(
                model=self._choice.route,
                messages=_messages(question),
                response_format=self._response_format() if question.is_formal else openai.omit,
                max_completion_tokens=MAX_TOKENS if self._is_capped else openai.omit,
                extra_headers=_headers(self._choice, self._access),
                extra_body=self._send,
                timeout=timeout_s,
            )
            body = response.http_response.json()
        except openai.APIStatusError as error:
            # Not from the error: its text quotes the answer, and that perhaps the key.
            raise self._refused(error.status_code, error.body, error.response.headers) from None
        except openai.APITimeoutError as error:
            raise self._failed(FailureKind.TRANSIENT, f"no answer within {timeout_s:.0f} s") from error
        except openai.APIConnectionError as error:
            raise self._failed(FailureKind.TRANSIENT, self._unreachable(error)) from error
        except (openai.APIError, ValueError, RecursionError) as error:
            problem = f"the answer cannot be read; check {self._choice.service.address_variable}"
            raise self._failed(FailureKind.TRANSIENT, problem) from error
        cost_usd = completions.cost_usd(body, self._choice.model.price)
        inner = completions.error_in(body)
        if inner is not None:
            raise self._refused(completions.status_of(inner), inner, response.headers, cost_usd or 0.0)
        text = self._text(body, cost_usd or 0.0)
        return TextAnswer(text=text, cost_usd=cost_usd, allowance=allowance_of(response.headers, self._now()))

    def _response_format(self) -> ResponseFormat | openai.Omit:
        if self._form is _Form.SCHEMA:
            schema = Answer.model_json_schema()
            return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
        return {"type": "json_object"} if self._form is _Form.JSON else openai.omit

    def _text(self, body: Any, cost_usd: float) -> str:
        choice = completions.choice_of(body)
        if choice is None:
            problem = f"the answer is no chat completion; check {self._choice.service.address_variable}"
            raise self._failed(FailureKind.TRANSIENT, problem, cost_usd=cost_usd)
        refusal = completions.refusal_in(choice)
        if refusal:
            raise self._failed(FailureKind.POLICY, f"the model refused to answer: {refusal}", cost_usd=cost_usd)
        if choice.get("finish_reason") == "length":
            raise self._failed(FailureKind.EMPTY, "the answer was cut off (length)", cost_usd=cost_usd)
        text = without_thoughts(completions.text_in(choice))
        if not text:
            raise self._failed(FailureKind.EMPTY, "the answer holds no text", cost_usd=cost_usd)
        return text

    def _refused(self, status: int, error: Any, headers: Mapping[str, str], cost_usd: float = 0.0) -> ServiceError:
        if status < 400:
            problem = f"the address leads elsewhere (status {status}); check {self._choice.service.address_variable}"
            return self._failed(FailureKind.TRANSIENT, problem)
        kind = kind_of_openai_error(status, error)
        hint_s = retry_after_s(headers, self._now())
        if kind is FailureKind.BILLING and status == 402 and hint_s is not None:
            kind = FailureKind.RATE  # OpenRouter: credit set aside for calls still under way comes back
        if kind is FailureKind.RATE and hint_s is None:
            hint_s = self._reset_s(error, headers)
        return self._failed(kind, completions.message_of(status, error), hint_s=hint_s, cost_usd=cost_usd)

    def _reset_s(self, error: Any, headers: Mapping[str, str]) -> float | None:
        """Seconds until there are requests again, where the headers, or the error's copy of them, say none are left."""
        for told in (headers, completions.headers_in(error)):
            allowance = allowance_of(told, self._now())
            if allowance is not None and allowance.remaining == 0:
                return allowance.reset_s
        return None

    def _unreachable(self, error: openai.APIConnectionError) -> str:
        url, cause = self._client.base_url, error.__cause__ or error
        return f"no connection to {url.host} ({cause}); check {self._choice.service.address_variable}"


def _headers(choice: ModelChoice, access: Access) -> dict[str, str | openai.Omit]:
    """The service's own headers and the key, in place of what the SDK finds for OpenAI in the environment."""
    headers: dict[str, str | openai.Omit] = {**choice.service.headers}
    if choice.service.service != "openai":
        headers |= {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
    key = choice.service.key
    if key is None or access.key is None:
        return headers | {"Authorization": f"Bearer {NO_KEY}"}
    if key.header.lower() != "authorization":
        headers["Authorization"] = openai.Omit()
    return headers | {key.header: key.value.replace("{{key}}", access.key.get_secret_value())}


def _messages(question: Question) -> list[ChatCompletionMessageParam]:
    """In plain strings: some servers take no list of parts."""
    rules = [question.rules, FORM_IN_WORDS] if question.is_formal else [question.rules]
    system = "\n\n".join(filter(None, rules))
    user: ChatCompletionMessageParam = {
        "role": "user",
        "content": "\n\n".join(filter(None, (question.context, question.text))),
    }
    return [{"role": "system", "content": system}, user] if system else [user]
