"""The prompt writer that asks Claude, through the official SDK. Its own retries are off: the engine alone retries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import anthropic
from anthropic.types import Message, MessageParam, OutputConfigParam, TextBlockParam, Usage
from pydantic import BaseModel, Field, ValidationError

from pipeline.config.credentials import Service
from pipeline.errors import FailureKind, ServiceError
from pipeline.prompting.claude_models import find_claude_model
from pipeline.prompting.templates import Templates
from pipeline.records import Brief, WriterAnswer
from pipeline.service_errors import kind_of_status, retry_after_s, scrubbed
from pipeline.tls import tls_context

# Only what is written is paid for; models that think first need room for it.
MAX_TOKENS = 8000
# For estimates: an answer of this shape, and what a token is in characters of mixed text.
ANSWER_TOKENS = 250
CHARS_PER_TOKEN = 3.5

# Spend limits answer 429 like a rate limit does; only these codes tell them apart.
_BILLING_CODES = {
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "linked_organization_billing_unavailable",
    "linked_organization_spend_limit_reached",
}


class _Answer(BaseModel):
    worth_illustrating: bool = Field(description="Whether a picture would help this slide.")
    reason: str = Field(description="One sentence: why it is, or is not, worth illustrating.")
    prompt: str = Field(description="The image prompt in English; empty if not worth illustrating.")
    alt_text: str = Field(description="One sentence in the deck's own language; empty if not worth illustrating.")


class ClaudeWriter:
    """A PromptWriter. Rules and outline are marked for caching; only the slide differs from call to call."""

    name = "anthropic"
    is_remote = True

    def __init__(self, service: Service, model: str, templates: Templates, now: Callable[[], datetime]) -> None:
        if service.key is None:
            raise ValueError("a service without a key")
        self.model = model
        self._entry = find_claude_model(model)
        self._templates = templates
        self._now = now
        self._key = service.key
        self._client = anthropic.Anthropic(
            api_key=service.key.get_secret_value(),
            base_url=service.base_url,
            max_retries=0,
            http_client=anthropic.DefaultHttpxClient(verify=tls_context()),
        )

    def estimate_usd(self, brief: Brief) -> float | None:
        if self._entry is None:
            return None
        told = (self._templates.rules, self._templates.deck_part(brief), self._templates.slide_part(brief))
        return self._entry.estimate_usd(sum(map(len, told)) / CHARS_PER_TOKEN, ANSWER_TOKENS)

    def close(self) -> None:
        self._client.close()

    def write(self, brief: Brief, timeout_s: float) -> WriterAnswer:
        try:
            message = self._ask(brief, timeout_s)
        except anthropic.APIStatusError as error:
            raise self._failure(error) from error
        except anthropic.APITimeoutError as error:
            raise ServiceError(FailureKind.TRANSIENT, f"Claude: no answer within {timeout_s:.0f} s") from error
        except (anthropic.APIError, ValueError) as error:
            raise ServiceError(FailureKind.TRANSIENT, f"Claude: {self._scrubbed(error)}") from error
        if not isinstance(message, Message):
            raise ServiceError(FailureKind.TRANSIENT, "Claude: the answer is no message; check ANTHROPIC_BASE_URL")
        # Gateways leave out what they like, and what was written is not to be lost for want of a price.
        cost_usd = self._entry.cost_usd(message.usage) if self._entry and isinstance(message.usage, Usage) else 0.0
        answer = _read(message, cost_usd)
        return WriterAnswer(
            worth_illustrating=answer.worth_illustrating,
            reason=answer.reason,
            prompt=answer.prompt,
            alt_text=answer.alt_text,
            cost_usd=cost_usd,
        )

    def _ask(self, brief: Brief, timeout_s: float) -> Message:
        rules: TextBlockParam = {"type": "text", "text": self._templates.rules, "cache_control": {"type": "ephemeral"}}
        deck: TextBlockParam = {
            "type": "text",
            "text": self._templates.deck_part(brief),
            "cache_control": {"type": "ephemeral"},
        }
        slide: TextBlockParam = {"type": "text", "text": self._templates.slide_part(brief)}
        question: MessageParam = {"role": "user", "content": [deck, slide]}
        output: OutputConfigParam = {
            "format": {"type": "json_schema", "schema": anthropic.transform_schema(_Answer)},
        }
        can_skip_thinking = self._entry is not None and self._entry.can_skip_thinking
        return self._client.messages.create(
            model=self.model,
            max_tokens=MAX_TOKENS,
            system=[rules],
            messages=[question],
            output_config=output,
            thinking={"type": "disabled"} if can_skip_thinking else anthropic.omit,
            timeout=timeout_s,
        )

    def _failure(self, error: anthropic.APIStatusError) -> ServiceError:
        kind = kind_of_status(error.status_code)
        # Exhausted prepaid credit is a 400 whose message alone tells; everything else has a code.
        if error.error_code in _BILLING_CODES or "credit balance is too low" in (error.api_message or ""):
            kind = FailureKind.BILLING
        hint = retry_after_s(error.response.headers, self._now())
        return ServiceError(kind, f"Claude: {self._scrubbed(error)}{_remedy(kind)}", retry_after_s=hint)

    def _scrubbed(self, error: Exception) -> str:
        return scrubbed(getattr(error, "api_message", None) or str(error), self._key.get_secret_value())


def _read(message: Message, cost_usd: float) -> _Answer:
    if message.stop_reason == "refusal":
        details = message.stop_details
        category = details.category if details and details.type == "refusal" and details.category else "no category"
        raise ServiceError(
            FailureKind.POLICY, f"Claude refused to write a prompt for this slide ({category})", cost_usd=cost_usd
        )
    if message.stop_reason not in ("end_turn", "stop_sequence", None):  # gateways may not say why it ended
        raise ServiceError(FailureKind.EMPTY, f"Claude's answer was cut off ({message.stop_reason})", cost_usd=cost_usd)
    text = "".join(block.text for block in message.content or () if block.type == "text")
    try:
        return _Answer.model_validate_json(text)
    except ValidationError as error:
        problem = "Claude's answer does not have the form asked for"
        raise ServiceError(FailureKind.EMPTY, problem, cost_usd=cost_usd) from error


def _remedy(kind: FailureKind) -> str:
    return {
        FailureKind.AUTH: "; check ANTHROPIC_API_KEY",
        FailureKind.BILLING: "; the account behind ANTHROPIC_API_KEY has no credit left",
        FailureKind.BAD_PARAMETER: "; check prompts.model",
    }.get(kind, "")
