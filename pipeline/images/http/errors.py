"""What a service's answer means where it is no picture: the catalog's rules, the hint when to come back, the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pipeline.config.credentials import Access
from pipeline.config.spellings import spellings
from pipeline.errors import FailureKind, ServiceError
from pipeline.images.http.answers import Answer
from pipeline.images.pricing import reported_usd
from pipeline.service_errors import allowance_of, kind_of_status, retry_after_s, scrubbed
from pipeline.services.models import Price
from pipeline.services.wire import ErrorRule, Errors

GONE = (404, 410)
_SECONDS = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*s?\s*")


class Judge:
    """One service's word on failures. Every message is one line that begins with its name and has no key in it."""

    def __init__(self, access: Access, errors: Errors, price: Price | None, now: Callable[[], datetime]) -> None:
        self._access = access
        self._errors = errors
        self._price = price
        self._now = now
        key = access.key.get_secret_value() if access.key else ""
        self._secrets = spellings((key,)) if key else ()

    def failure(
        self, kind: FailureKind, message: str, *, retry_after_s: float | None = None, is_final: bool = False
    ) -> ServiceError:
        """An error of `kind`: what the service said, and what a person can do about it."""
        said = self.scrubbed(f"{self._access.service.title}: {message}")
        remedy = self._remedy(kind)
        whole = f"{said.rstrip('.')}; {remedy}" if remedy else said
        return ServiceError(kind, whole, retry_after_s=retry_after_s, is_final=is_final)

    def check_key(self) -> None:
        """Raises ServiceError, auth, for a key that no header can carry (RFC 9110, section 5.5)."""
        key = self._access.key.get_secret_value() if self._access.key else ""
        if not (key.isascii() and key.isprintable()):
            raise self.failure(FailureKind.AUTH, "the key holds a letter no header can carry")

    def failure_in(self, answer: Answer, *, is_submit: bool) -> ServiceError | None:
        """What is wrong with `answer`, None where nothing is. Where no rule holds, a status of 400 or more tells.

        `is_submit` where it answers the call that asked for the picture: what is not found there is the model.
        """
        own = _status(answer.find(self._errors.status))
        status = own if own is not None and own >= 400 else answer.status
        said = answer.find_text(self._errors.message)
        kind = self._kind_by_rules(answer, status, said, is_failure=status >= 400)
        if kind is None and 300 <= status < 400:
            variable = self._access.service.address_variable
            return self.failure(FailureKind.BAD_PARAMETER, f"its address has moved ({status}); check {variable}")
        if kind is None and status >= 400:
            kind = FailureKind.UNKNOWN_MODEL if status in GONE else kind_of_status(status)
        if kind is None:
            return None
        if kind is FailureKind.UNKNOWN_MODEL and not is_submit:  # a task, or the answer to it, is not there
            kind = FailureKind.TRANSIENT
        if status >= 400:
            return self._told(kind, answer, f"{status} {said or _words_of(answer)}")
        # No more of it is told: it may hold addresses that are secrets.
        return self._told(kind, answer, said or f"the answer is no picture ({kind})")

    def failed_task(self, answer: Answer, said: str) -> ServiceError:
        """What it means that a task failed; transient where no rule tells."""
        said = said or answer.find_text(self._errors.message)
        kind = self._kind_by_rules(answer, answer.status, said, is_failure=True)
        return self._told(kind or FailureKind.TRANSIENT, answer, f"the task failed: {said or 'it does not say why'}")

    def hint_s(self, answer: Answer, kind: FailureKind, said: str) -> float | None:
        """Seconds until the next try is welcome: from the headers, the answer, its words; else what is usual there."""
        headers, now, errors = answer.headers, self._now(), self._errors
        hint = retry_after_s(headers, now)
        if hint is None:
            hint = _seconds(answer.find(errors.retry_after))
        if hint is None and errors.retry_after_text is not None:
            match = re.search(errors.retry_after_text, said, re.IGNORECASE)
            hint = _seconds(match[1]) if match and match.re.groups else None
        if hint is None and kind is FailureKind.RATE:
            left = allowance_of(headers, now)
            return left.reset_s if left is not None and left.remaining == 0 else errors.rate_wait_s
        return hint

    def scrubbed(self, message: str) -> str:
        """`message` as a line that can be shown, without the key in any spelling."""
        return scrubbed(message, self._secrets)

    def _told(self, kind: FailureKind, answer: Answer, said: str) -> ServiceError:
        error = self.failure(kind, said, retry_after_s=self.hint_s(answer, kind, said))
        error.cost_usd = reported_usd(self._price, answer.content) or 0.0
        return error

    def _kind_by_rules(self, answer: Answer, status: int, said: str, *, is_failure: bool) -> FailureKind | None:
        text = f"{said}\n{answer.text}"
        holding = (rule for rule in self._errors.rules if _holds(rule, answer, status, text, is_failure=is_failure))
        return next((rule.kind for rule in holding), None)

    def _remedy(self, kind: FailureKind) -> str:
        service, variable = self._access.service, self._access.key_variable
        if kind is FailureKind.AUTH and variable:
            return f"{'check' if self._access.key else 'set'} {variable}"
        if kind is FailureKind.BILLING and variable:
            return f"the account behind {variable} has no credit left"
        listed = f"`models --service {service.service}` lists what there is"
        return {
            FailureKind.BAD_PARAMETER: "check images.model, images.quality and images.parameters",
            FailureKind.UNKNOWN_MODEL: f"check images.model, {listed}",
        }.get(kind, "")


def _holds(rule: ErrorRule, answer: Answer, status: int, text: str, *, is_failure: bool) -> bool:
    if rule.status and status not in rule.status:
        return False
    if rule.when is not None and not _is_true(answer.find(rule.when)):
        return False
    if rule.text is not None and not re.search(rule.text, text, re.IGNORECASE):
        return False
    return is_failure or bool(rule.status) or rule.when is not None


def _is_true(found: Any) -> bool:
    """Whether JMESPath calls it true: 0 is (jmespath.org, "Or Expressions")."""
    return found is not None and found is not False and found not in ("", [], {})


def _status(found: Any) -> int | None:
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 10:
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _seconds(found: Any) -> float | None:
    """Seconds as a number, or as a text like "33s"; None for anything else, and for what is no time to wait."""
    match = _SECONDS.fullmatch(found) if isinstance(found, str) else None
    number = float(match[1]) if match else found
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return float(number) if is_number and 0 <= number < 1e9 else None


def _words_of(answer: Answer) -> str:
    """An answer without a message of its own: its JSON or text as it came."""
    if answer.content is not None:
        return answer.text
    kind = answer.headers.get("content-type", "").partition(";")[0] or "no type"
    is_page = "html" in kind or not answer.text.strip()
    return f"an answer of {len(answer.body)} bytes, {kind}" if is_page else answer.text
