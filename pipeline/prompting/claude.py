"""The prompt writer that asks Claude, through the official SDK. Its own retries are off: the engine alone retries."""

from __future__ import annotations

import anthropic
from anthropic.types import Message, MessageParam, OutputConfigParam, TextBlockParam, Usage
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

from pipeline.asking.answers import Answer
from pipeline.asking.headers import headers_of
from pipeline.asking.hints import allowance_of
from pipeline.asking.sdk_calls import judged
from pipeline.asking.timing import Timing
from pipeline.asking.tls import tls_context
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind
from pipeline.prompting.answers import SCHEMA, Question, TextAnswer
from pipeline.prompting.remote import AskingWriter, token_cost_usd
from pipeline.prompting.templates import Templates
from pipeline.records import Allowance, Brief, Tokens, WriterAnswer
from pipeline.services.catalog import ModelChoice

# Only what is written is paid for; models that think first need room for it.
MAX_TOKENS = 8000

# The SDK looks for another key where it is given none; what is sent is said by `headers_for`.
_NO_KEY = "none"


class ClaudeWriter(AskingWriter):
    """A PromptWriter. Rules and outline are marked for caching; only the slide differs from call to call."""

    def __init__(self, choice: ModelChoice, access: Access, templates: Templates, timing: Timing) -> None:
        """Raises CredentialsError where nothing says where the service is."""
        super().__init__(choice, access, templates, timing)
        self.client = anthropic.Anthropic(
            api_key=access.key.get_secret_value() if access.key else _NO_KEY,
            base_url=access.address,
            max_retries=0,
            http_client=anthropic.DefaultHttpxClient(verify=tls_context(), follow_redirects=False),
        )

    def close(self) -> None:
        self.client.close()

    def ask(self, question: Question, timeout_s: float) -> TextAnswer:
        with judged(anthropic, self._judge, timeout_s, is_order=True):
            response = self.client.messages.with_raw_response.create(
                **self._body(question),
                extra_headers=headers_for(self._access),
                timeout=timeout_s,
            )
            answer = Answer.of(response.status_code, response.headers, response.http_response.content)
            if failure := self._judge.failure_in(answer, is_submit=True):
                raise failure
            message = response.parse()
        if not isinstance(message, Message):
            remedy, problem = f"check {self._choice.service.address_variable}", "the answer is no message"
            raise self._judge.failure(FailureKind.TRANSIENT, problem, remedy=remedy, may_be_charged=True)
        return self._read(message, allowance_of(response.headers, self._timing.now()))

    def body_for(self, brief: Brief) -> MessageCreateParamsNonStreaming:
        """What is sent to ask about a slide, now or in a batch."""
        return self._body(self._told(brief))

    def answer_in(self, message: Message, price_share: float) -> WriterAnswer:
        """What a message of a batch says about a slide, `price_share` being what it cost of its usual price.

        Raises ServiceError as `write` does.
        """
        return self._formal(self._read(message, None, price_share))

    def _body(self, question: Question) -> MessageCreateParamsNonStreaming:
        body: MessageCreateParamsNonStreaming = {
            "model": self._choice.route,
            "max_tokens": MAX_TOKENS,
            "messages": [_message(question)],
        }
        if question.rules:
            body["system"] = [_block(question.rules, is_stable=question.is_formal)]
        if question.is_formal:
            body["output_config"] = _form()
        # Models that cannot skip thinking refuse to be told so; unknown ones may.
        if "thinking" in self._choice.model.parameters:
            body["thinking"] = {"type": "disabled"}
        return body

    def _read(self, message: Message, allowance: Allowance | None, price_share: float = 1.0) -> TextAnswer:
        usual_usd = self._cost_usd(message)
        cost_usd = None if usual_usd is None else usual_usd * price_share
        return TextAnswer(
            text=self._text(message, cost_usd or 0.0),
            cost_usd=cost_usd,
            tokens=_tokens_of(message),
            allowance=allowance,
        )

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


def _tokens_of(message: Message) -> Tokens | None:
    """What was read from the cache, or put there, was read."""
    usage = message.usage
    if not isinstance(usage, Usage):
        return None
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    return Tokens(read=(usage.input_tokens or 0) + cached, written=usage.output_tokens or 0)


def headers_for(access: Access) -> dict[str, str | anthropic.Omit]:
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
