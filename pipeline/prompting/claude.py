"""The prompt writer that asks Claude, through the official SDK. Its own retries are off: the engine alone retries."""

from __future__ import annotations

import anthropic
from anthropic.types import Message, MessageParam, OutputConfigParam, TextBlockParam, Usage

from pipeline.asking.answers import Answer
from pipeline.asking.headers import headers_of
from pipeline.asking.hints import allowance_of
from pipeline.asking.timing import Timing
from pipeline.asking.tls import tls_context
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind
from pipeline.prompting.answers import SCHEMA, Question, TextAnswer
from pipeline.prompting.remote import AskingWriter, token_cost_usd
from pipeline.prompting.templates import Templates
from pipeline.services.catalog import ModelChoice

# Only what is written is paid for; models that think first need room for it.
MAX_TOKENS = 8000

# The SDK looks for another key where it is given none; what is sent is said by `_headers`.
_NO_KEY = "none"


class ClaudeWriter(AskingWriter):
    """A PromptWriter. Rules and outline are marked for caching; only the slide differs from call to call."""

    def __init__(self, choice: ModelChoice, access: Access, templates: Templates, timing: Timing) -> None:
        """Raises CredentialsError where nothing says where the service is."""
        super().__init__(choice, access, templates, timing)
        self._client = anthropic.Anthropic(
            api_key=access.key.get_secret_value() if access.key else _NO_KEY,
            base_url=access.address,
            max_retries=0,
            http_client=anthropic.DefaultHttpxClient(verify=tls_context(), follow_redirects=False),
        )

    def close(self) -> None:
        self._client.close()

    def ask(self, question: Question, timeout_s: float) -> TextAnswer:
        try:
            response = self._client.messages.with_raw_response.create(
                model=self._choice.route,
                max_tokens=MAX_TOKENS,
                system=[_block(question.rules, is_stable=question.is_formal)] if question.rules else anthropic.omit,
                messages=[_message(question)],
                output_config=_form() if question.is_formal else anthropic.omit,
                # Models that cannot skip thinking refuse to be told so; unknown ones may.
                thinking={"type": "disabled"} if "thinking" in self._choice.model.parameters else anthropic.omit,
                extra_headers=_headers(self._access),
                timeout=timeout_s,
            )
            answer = Answer.of(response.status_code, response.headers, response.http_response.content)
            if failure := self._judge.failure_in(answer, is_submit=True):
                raise failure
            message = response.parse()
        except anthropic.APIStatusError as error:
            answer = Answer.of(error.status_code, error.response.headers, error.response.content)
            raise self._judge.refusal_in(answer) from None  # whose text quotes the answer, and that perhaps the key
        except anthropic.APITimeoutError as error:
            raise self._judge.failure(FailureKind.TRANSIENT, f"no answer within {timeout_s:.0f} s") from error
        except (anthropic.APIError, ValueError) as error:
            raise self._judge.failure(FailureKind.TRANSIENT, str(error)) from error
        if not isinstance(message, Message):
            remedy = f"check {self._choice.service.address_variable}"
            raise self._judge.failure(FailureKind.TRANSIENT, "the answer is no message", remedy=remedy)
        cost_usd = self._cost_usd(message)
        text = self._text(message, cost_usd or 0.0)
        return TextAnswer(text=text, cost_usd=cost_usd, allowance=allowance_of(response.headers, self._timing.now()))

    def _cost_usd(self, message: Message) -> float | None:
        """Gateways leave out what they like, and what was written is not to be lost for want of a price."""
        usage = message.usage
        if self._prices is None or not isinstance(usage, Usage):
            return None
        return token_cost_usd(
            self._prices,
            fresh=usage.input_tokens or 0,
            written=usage.output_tokens or 0,
            cache_read=usage.cache_read_input_tokens or 0,
            cache_write=usage.cache_creation_input_tokens or 0,
        )

    def _text(self, message: Message, cost_usd: float) -> str:
        if message.stop_reason == "refusal":
            details = message.stop_details
            category = details.category if details and details.type == "refusal" and details.category else "no category"
            problem = f"the model refused to answer ({category})"
            raise self._judge.failure(FailureKind.POLICY, problem, cost_usd=cost_usd)
        if message.stop_reason not in ("end_turn", "stop_sequence", None):  # gateways may not say why it ended
            problem = f"the answer was cut off ({message.stop_reason})"
            raise self._judge.failure(FailureKind.EMPTY, problem, cost_usd=cost_usd)
        text = "".join(block.text for block in message.content or () if block.type == "text").strip()
        if not text:
            raise self._judge.failure(FailureKind.EMPTY, "the answer holds no text", cost_usd=cost_usd)
        return text


def _headers(access: Access) -> dict[str, str | anthropic.Omit]:
    """In place of what the SDK would send; given with each call, they win over ANTHROPIC_CUSTOM_HEADERS too."""
    return {"Authorization": anthropic.Omit(), **headers_of(access)}


def _form() -> OutputConfigParam:
    return {"format": {"type": "json_schema", "schema": anthropic.transform_schema(SCHEMA)}}


def _message(question: Question) -> MessageParam:
    context = [_block(question.context, is_stable=True)] if question.context else []
    return {"role": "user", "content": [*context, _block(question.text, is_stable=False)]}


def _block(text: str, *, is_stable: bool) -> TextBlockParam:
    if is_stable:
        return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
    return {"type": "text", "text": text}
