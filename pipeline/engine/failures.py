"""What follows from a failure. Callers, chains and the run's owner ask here; nothing else decides by kind.

| failure | the call is made again | the service is left | then |
|---|---|---|---|
| auth, billing | never | at once, with all its models | the run stops where no service is left |
| unknown model | never | this model, at once | |
| rate | once the service has had its pause, from all callers | with all its models, after many in a row | |
| transient | after a growing, jittered wait | with all its models, after many in a row | |
| empty, expired url | once | no | |
| policy | never | no | a milder prompt, once |
| bad parameter | never | no | |
| no budget for the call | once calls under way leave room for it | no | the others go on, and then the run stops |
| a file cannot be written or read | never | no | the run stops: what cannot be kept must not be paid for |
| a key is missing | never | no | the run stops |
| no usable prompt, no fitting picture, a bug | never | no | |

After a service's failure the next one is asked for the slide. The last one is left for its key or its credit alone.
Where nothing helped the slide fails. That counts against the gates, except for want of a budget: nobody failed at a
call that was not made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from pipeline.engine.clock import StopCause
from pipeline.errors import BudgetError, CredentialsError, FailureKind, FileAccessError, PipelineError, ServiceError


class Again(Enum):
    """How often the same call is made again. Patiently: after waits, as long as attempts and time last."""

    NEVER = "never"
    ONCE = "once"
    PATIENTLY = "patiently"


class Leaving(Enum):
    """What is not asked again in this run."""

    NOTHING = "nothing"
    MODEL = "model"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """One row of the table.

    `pauses_all`: every caller of the service waits. `leaves`, for `why`: at once, or after many in a row of what is
    tried again patiently. `softens`: a milder prompt is asked for before another service is. `stops` the run at once.
    `stops_in_the_end`: when the other slides are settled; the failed one counts against no gate.
    """

    again: Again = Again.NEVER
    pauses_all: bool = False
    leaves: Leaving = Leaving.NOTHING
    why: str = ""
    softens: bool = False
    stops: StopCause | None = None
    stops_in_the_end: StopCause | None = None

    @property
    def may_pass(self) -> bool:
        """Waiting may help."""
        return self.again is Again.PATIENTLY


_NOTHING_MORE = Consequence()

_OF_KINDS: Mapping[FailureKind, Consequence] = {
    FailureKind.AUTH: Consequence(leaves=Leaving.SERVICE, why="it refuses the key", stops=StopCause.CREDENTIALS),
    FailureKind.BILLING: Consequence(
        leaves=Leaving.SERVICE, why="its account has no credit left", stops=StopCause.CREDENTIALS
    ),
    FailureKind.UNKNOWN_MODEL: Consequence(leaves=Leaving.MODEL, why="it does not have this model"),
    FailureKind.RATE: Consequence(
        again=Again.PATIENTLY, pauses_all=True, leaves=Leaving.SERVICE, why="it takes no more requests for now"
    ),
    FailureKind.TRANSIENT: Consequence(again=Again.PATIENTLY, leaves=Leaving.SERVICE, why="it keeps failing"),
    FailureKind.EMPTY: Consequence(again=Again.ONCE),
    FailureKind.EXPIRED_URL: Consequence(again=Again.ONCE),  # the picture was made, and is gone
    FailureKind.POLICY: Consequence(softens=True),
    FailureKind.BAD_PARAMETER: _NOTHING_MORE,
}

_OF_ERRORS: Mapping[type[PipelineError], Consequence] = {
    BudgetError: Consequence(stops_in_the_end=StopCause.BUDGET),
    FileAccessError: Consequence(stops=StopCause.FILE_ACCESS),
    CredentialsError: Consequence(stops=StopCause.CREDENTIALS),
}


def consequence_of(error: Exception) -> Consequence:
    """The table's row for `error`."""
    if isinstance(error, ServiceError):
        return _OF_KINDS[error.kind]
    return next((row for kind, row in _OF_ERRORS.items() if isinstance(error, kind)), _NOTHING_MORE)
