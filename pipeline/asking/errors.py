"""What an answer means that is not what was asked for: the catalog's rules, the hint when to come back, the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from pipeline.asking.answers import Answer
from pipeline.asking.costs import reported_usd
from pipeline.asking.hints import allowance_of, retry_after_s
from pipeline.config.credentials import Access
from pipeline.config.spellings import spellings
from pipeline.errors import FailureKind, ServiceError
from pipeline.services.models import Price
from pipeline.services.wire import ErrorRule, Errors

GONE = (404, 410)
# Timeouts and conflicts pass; so does whatever is the server's own fault.
_PASSING = (408, 409, 425)
_LONGEST_MESSAGE = 400
# Where most services say what is wrong; for those of which the catalog does not tell.
_USUAL_MESSAGE = "error.message || message || detail || error"
_SECONDS = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*s?\s*")


class Judge:
    """One service's word on failures. Every message is one line that begins with its name and has no key in it."""

    def __init__(
        self,
        access: Access,
        errors: Errors,
        price: Price | None,
        now: Callable[[], datetime],
        settings: tuple[str, ...] = (),
    ) -> None:
        """`settings` are those a person may have to mend, that of the model first; () where the call has none."""
        self._access = access
        self._errors = errors
        self._price = price
        self._now = now
        self._settings = settings
        key = access.key.get_secret_value() if access.key else ""
        self._secrets = spellings((key,)) if key else ()

    def failure(
        self,
        kind: FailureKind,
        message: str,
        *,
        remedy: str | None = None,
        retry_after_s: float | None = None,
        cost_usd: float = 0.0,
        is_final: bool = False,
        may_be_charged: bool = False,
    ) -> ServiceError:
        """An error of `kind`: what the service said, and what a person can do about it; None: what the kind tells.

        `may_be_charged` where the request may have reached the service and no whole answer came back: of what it
        answers, a refusal costs nothing.
        """
        said = self.scrubbed(f"{self._access.service.title}: {message}")
        remedy = self._remedy(kind) if remedy is None else remedy
        whole = f"{said.rstrip('.')}; {remedy}" if remedy else said
        return ServiceError(
            kind,
            whole,
            retry_after_s=retry_after_s,
            cost_usd=cost_usd,
            is_final=is_final,
            may_be_charged=may_be_charged,
        )

    def failure_in(self, answer: Answer, *, is_submit: bool) -> ServiceError | None:
        """What is wrong with `answer`, None where nothing is. Where no rule holds, a status of 400 or more tells.

        `is_submit` where it answers the call that asked for a picture or a text: what is not found there is the model.
        """
        own = _status(answer.find(self._errors.status))
        status = own if own is not None and own >= 400 else answer.status
        said = self._said(answer)
        kind = self._kind_by_rules(answer, status, said, is_failure=status >= 400)
        if kind is None and 300 <= status < 400:
            remedy = f"check {self._access.service.address_variable}"
            return self.failure(FailureKind.BAD_PARAMETER, f"its address leads elsewhere ({status})", remedy=remedy)
        if kind is None and status >= 400:
            kind = kind_of_status(status)
        if kind is None:
            return None
        if kind is FailureKind.UNKNOWN_MODEL and not is_submit:  # a task, or the answer to it, is not there
            kind = FailureKind.TRANSIENT
        if kind is FailureKind.BILLING and self._is_passing(status, answer):
            kind = FailureKind.RATE
        if status >= 400:
            return self._told(kind, answer, f"{status} {said or _words_of(answer)}")
        # No more of it is told: it may hold addresses that are secrets.
        return self._told(kind, answer, said or f"the answer is a refusal ({kind})")

    def refusal_in(self, answer: Answer) -> ServiceError:
        """What is wrong with an answer to such a call of which it is known that it brings nothing: an SDK says so."""
        failure = self.failure_in(answer, is_submit=True)
        return failure or self.failure(FailureKind.TRANSIENT, f"an answer of status {answer.status}")

    def failed_task(self, answer: Answer, said: str) -> ServiceError:
        """What it means that a task failed; transient where no rule tells."""
        said = said or self._said(answer)
        kind = self._kind_by_rules(answer, answer.status, said, is_failure=True)
        return self._told(kind or FailureKind.TRANSIENT, answer, f"the task failed: {said or 'it does not say why'}")

    def hint_s(self, answer: Answer, kind: FailureKind, said: str) -> float | None:
        """Seconds until the next try is welcome: from the headers, the answer, its words; else what is usual there."""
        now, errors = self._now(), self._errors
        hint = retry_after_s(answer.headers, now)
        if hint is None:
            hint = _seconds(answer.find(errors.retry_after))
        if hint is None and errors.retry_after_text is not None:
            match = re.search(errors.retry_after_text, said, re.IGNORECASE)
            hint = _seconds(match[1]) if match and match.re.groups else None
        if hint is None and kind is FailureKind.RATE:
            allowances = (allowance_of(headers, now) for headers in (answer.headers, answer.repeated_headers))
            return next((left.reset_s for left in allowances if left and left.remaining == 0), errors.rate_wait_s)
        return hint

    def scrubbed(self, message: str) -> str:
        """`message` as a line that can be shown, without the key in any spelling."""
        return scrubbed(message, self._secrets)

    def _said(self, answer: Answer) -> str:
        return answer.find_text(self._errors.message or _USUAL_MESSAGE)

    def _is_passing(self, status: int, answer: Answer) -> bool:
        """Whether credit comes back by waiting: OpenRouter sets some aside for each call that is still under way."""
        return status == 402 and retry_after_s(answer.headers, self._now()) is not None

    def _told(self, kind: FailureKind, answer: Answer, said: str) -> ServiceError:
        error = self.failure(kind, said, retry_after_s=self.hint_s(answer, kind, said))
        error.cost_usd = reported_usd(self._price, answer.content) or 0.0
        return error

    def _kind_by_rules(self, answer: Answer, status: int, said: str, *, is_failure: bool) -> FailureKind | None:
        text = f"{said}\n{answer.text}"
        holding = (rule for rule in self._errors.rules if _holds(rule, answer, status, text, is_failure=is_failure))
        return next((rule.kind for rule in holding), None)

    def _remedy(self, kind: FailureKind) -> str:
        access, service = self._access, self._access.service
        key = f"the key ({access.found_in or access.key_variable})" if access.key else ""
        if kind is FailureKind.AUTH and access.key_variable:
            return f"check {key}" if key else f"set {access.key_variable}"
        if kind is FailureKind.BILLING and key:
            return f"the account behind {key} has no credit left"
        if kind is FailureKind.BAD_PARAMETER and self._settings:
            *others, last = self._settings
            return f"check {', '.join(others)} and {last}" if others else f"check {last}"
        if kind is FailureKind.UNKNOWN_MODEL and self._settings:
            return f"check {self._settings[0]}, `models --service {service.service}` lists what there is"
        return ""


def kind_of_status(status: int) -> FailureKind:
    """What an HTTP status of 400 or more means where the service's own codes say nothing more exact."""
    if status in (401, 403):
        return FailureKind.AUTH
    if status == 402:
        return FailureKind.BILLING
    if status == 429:
        return FailureKind.RATE
    if status in GONE:
        return FailureKind.UNKNOWN_MODEL
    if status in _PASSING or status >= 500:
        return FailureKind.TRANSIENT
    return FailureKind.BAD_PARAMETER


def scrubbed(message: str, secrets: Iterable[str]) -> str:
    """A service's message as one line of at most 400 characters that can be shown.

    Without the `secrets`, which some servers quote back: every spelling of the key, the longest first.
    """
    for secret in secrets:
        message = message.replace(secret, "***")
    shown = "".join(letter if letter.isprintable() else " " for letter in message)
    return " ".join(shown.split())[:_LONGEST_MESSAGE]


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
