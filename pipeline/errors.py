"""Every error this program raises on purpose, and the exit code each one ends in. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """How a run ended, as the shell sees it. A stable interface: changed only with a line in the changelog."""

    OK = 0
    BUG = 1
    USAGE = 2
    NOTHING_TO_DO = 3
    BAD_DECK = 4
    FILE_ACCESS = 5
    CREDENTIALS = 6
    PROMPT_GATE = 7
    IMAGE_GATE = 8
    CHECK_FAILED = 9
    BUDGET = 10
    PARTIAL = 20
    WAITING = 21
    INTERRUPTED = 130
    TERMINATED = 143


class PipelineError(Exception):
    """A failure the user can act on: the message is one line that says what, where and what to do.

    `cost_usd` is what was paid in vain before it was raised, `calls` are the failed calls for one picture, over all
    services that were asked.
    """

    exit_code = ExitCode.BUG
    cost_usd = 0.0
    calls: tuple[FailedCall, ...] = ()


class UsageError(PipelineError):
    """An argument or a setting is wrong."""

    exit_code = ExitCode.USAGE


class DeckError(PipelineError):
    """The input is not a deck that can be read."""

    exit_code = ExitCode.BAD_DECK


class FileAccessError(PipelineError):
    """A file or folder cannot be read or written."""

    exit_code = ExitCode.FILE_ACCESS


class CredentialsError(PipelineError):
    """A key is missing."""

    exit_code = ExitCode.CREDENTIALS


class DeliveryError(PipelineError):
    """The finished deck failed its own check and was not delivered."""

    exit_code = ExitCode.CHECK_FAILED


class BudgetError(PipelineError):
    """A call was not made, since a budget does not allow its price. Fails that slide; what is paid for goes on.

    `may_pass` where it would fit if the run's own calls under way came to nothing: waiting for them may help.
    """

    exit_code = ExitCode.BUDGET
    may_pass = False


class PictureError(PipelineError):
    """A picture did not come to stand on its slide as it should. Fails that slide, not the run."""


class PromptError(PipelineError):
    """No usable English prompt could be had for a slide. Fails that slide, not the run."""


class NotEnglishError(PromptError):
    """The text is a prompt, but not an English one."""


class FailureKind(StrEnum):
    """What went wrong with a service. The kind alone decides what happens next (see `engine.failures`)."""

    AUTH = "auth"
    BILLING = "billing"
    RATE = "rate"
    TRANSIENT = "transient"
    POLICY = "policy"
    BAD_PARAMETER = "bad_parameter"
    EMPTY = "empty"
    EXPIRED_URL = "expired_url"
    UNKNOWN_MODEL = "unknown_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCall:
    """One call for a picture that brought none, as the report tells it.

    `may_be_charged` where the request went out and what became of it is not known.
    """

    service: str
    model: str
    kind: FailureKind
    message: str
    cost_usd: float
    may_be_charged: bool = False


class ServiceError(PipelineError):
    """A service failed.

    `retry_after_s` is the service's own hint in seconds, or None; `is_final` where asking again would bring the same,
    whatever the kind. `cost_usd` is what was charged all the same, where the service said so, of all attempts where it
    was tried again. `may_be_charged` where the request went out and what became of it is not known.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        retry_after_s: float | None = None,
        cost_usd: float = 0.0,
        is_final: bool = False,
        may_be_charged: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.is_final = is_final
        self.may_be_charged = may_be_charged
        self.retry_after_s = retry_after_s
        self.cost_usd = cost_usd
