"""The prompt writer that asks Claude, through the official SDK. Its own retries are off: the engine alone retries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import anthropic
from anthropic.types import Message, MessageParam, OutputConfigParam, TextBlockParam, Usage

from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting.answers import Answer, Question, TextAnswer
from pipeline.prompting.asking import AskingWriter, token_cost_usd
from pipeline.prompting.templates import Templates
from pipeline.service_errors import allowance_of, kind_of_status, retry_after_s
from pipeline.services.catalog import ModelChoice
from pipeline.tls import tls_context

# Only what is written is paid for; models that think first need room for it.
MAX_TOKENS = 8000

# Spend limits answer 429 like a rate limit does; only these codes tell them apart.
_BILLING_CODES = {
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "linked_organization_billing_unavailable",
    "linked_organization_spend_limit_reached",
}


class ClaudeWriter(AskingWriter):
    """A PromptWriter. Rules and outline are marked for caching; only the slide differs from call to call."""

    def __init__(self, choice: ModelChoice, access: Access, templates: Templates, now: Callable[[], datetime]) -> None:
        if access.key is None:
            raise ValueError("a service without a key")
        super().__init__(choice, access, templates, now)
        self._client = anthropic.Anthropic(
            api_key=access.key.get_secret_value(),
            base_url=self._address,
            # The SDK says itself which version of the API it speaks.
            default_headers={n: v for n, v in choice.service.headers.items() if n.lower() != "anthropic-version"},
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
                timeout=timeout_s,
            )
            message = response.parse()
        except anthropic.APIStatusError as error:
            raise self._refused(error) from None  # whose text quotes the answer, and that perhaps the key
        except anthropic.APITimeoutError as error:
            raise self._failed(FailureKind.TRANSIENT, f"no answer within {timeout_s:.0f} s") from error
        except (anthropic.APIError, ValueError) as error:
            raise self._failed(FailureKind.TRANSIENT, str(error)) from error
        if not isinstance(message, Message):
            variable = self._choice.service.address_variable
            raise self._failed(FailureKind.TRANSIENT, f"the answer is no message; check {variable}")
        cost_usd = self._cost_usd(message)
        text = self._text(message, cost_usd or 0.0)
        return TextAnswer(text=text, cost_usd=cost_usd, allowance=allowance_of(response.headers, self._now()))

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
            raise self._failed(FailureKind.POLICY, f"the model refused to answer ({category})", cost_usd=cost_usd)
        if message.stop_reason not in ("end_turn", "stop_sequence", None):  # gateways may not say why it ended
            problem = f"the answer was cut off ({message.stop_reason})"
            raise self._failed(FailureKind.EMPTY, problem, cost_usd=cost_usd)
        text = "".join(block.text for block in message.content or () if block.type == "text").strip()
        if not text:
            raise self._failed(FailureKind.EMPTY, "the answer holds no text", cost_usd=cost_usd)
        return text

    def _refused(self, error: anthropic.APIStatusError) -> ServiceError:
        kind = kind_of_status(error.status_code)
        # Exhausted prepaid credit is a 400 whose message alone tells; everything else has a code.
        if error.error_code in _BILLING_CODES or "credit balance is too low" in (error.api_message or ""):
            kind = FailureKind.BILLING
        hint_s = retry_after_s(error.response.headers, self._now())
        return self._failed(kind, error.api_message or str(error), hint_s=hint_s)


def _form() -> OutputConfigParam:
    return {"format": {"type": "json_schema", "schema": anthropic.transform_schema(Answer)}}


def _message(question: Question) -> MessageParam:
    context = [_block(question.context, is_stable=True)] if question.context else []
    return {"role": "user", "content": [*context, _block(question.text, is_stable=False)]}


def _block(text: str, *, is_stable: bool) -> TextBlockParam:
    if is_stable:
        return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
    return {"type": "text", "text": text}
