"""Trying a key with a call that costs nothing, where the service has one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.asking.answers import Answer
from pipeline.asking.errors import Judge
from pipeline.asking.exchange import Deadline, Wire
from pipeline.asking.timing import Timing
from pipeline.config.credentials import Access
from pipeline.errors import FailureKind, ServiceError
from pipeline.services.entries import Check, Service


class KeyState(StrEnum):
    """What is known of a key after it was tried; `unknown` where there is no free call, or it says nothing of keys."""

    WORKS = "works"
    REFUSED = "refused"
    NO_CREDIT = "no_credit"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """How the trial went. `message` is a line for people without the key, "" where there is no more to say."""

    state: KeyState
    message: str = ""


_STATES = {
    FailureKind.AUTH: KeyState.REFUSED,
    FailureKind.BILLING: KeyState.NO_CREDIT,
    FailureKind.TRANSIENT: KeyState.UNREACHABLE,
}
_TELLING = (*_STATES, FailureKind.RATE)
# A server that copies another's protocol may lack this call.
_NOT_THERE = (404, 405, 410)


def check_key(access: Access, timing: Timing, timeout_s: float) -> KeyCheck:
    """Ask the service's free call with the key of `access`, once, within `timeout_s`; no redirect is followed."""
    service = access.service
    if access.lacking:
        return KeyCheck(state=KeyState.UNKNOWN, message=f"set {' and '.join(access.lacking)}")
    if service.check is None:
        return KeyCheck(state=KeyState.UNKNOWN, message=f"{service.title} has no free call that tries a key")
    judge = Judge(access, service.errors, None, timing.now)
    deadline = Deadline(timeout_s, timing.monotonic, judge)
    try:
        with closing(Wire(access, _address(access, service.check), judge)) as wire:
            answer = wire.get(wire.address(service.check.path, {}), deadline)
    except ServiceError as error:
        return _failed(error)
    return _judged(answer, service, service.check, judge)


def _judged(answer: Answer, service: Service, check: Check, judge: Judge) -> KeyCheck:
    failure = judge.failure_in(answer, is_submit=False)
    is_elsewhere = 300 <= answer.status < 400
    if failure is not None and (is_elsewhere or (failure.kind in _TELLING and answer.status not in _NOT_THERE)):
        return _failed(failure)
    if failure is not None:
        said = f"{service.title} answers {answer.status}, which says nothing of the key"
    elif answer.content is None:
        said = f"{service.title}'s answer is no JSON"  # a page: of a proxy, of another server
    else:
        return KeyCheck(state=KeyState.WORKS, message=judge.scrubbed(_found(check, answer)))
    return KeyCheck(state=KeyState.UNKNOWN, message=judge.scrubbed(f"{said}; check {service.address_variable}"))


def _failed(error: ServiceError) -> KeyCheck:
    return KeyCheck(state=_STATES.get(error.kind, KeyState.UNKNOWN), message=str(error))


def _found(check: Check, answer: Answer) -> str:
    """What the catalog finds worth telling: a balance."""
    found: Any = answer.find(check.find)
    return "" if found is None else (check.says or "{}").replace("{}", str(found))


def _address(access: Access, check: Check) -> str:
    """Where the call goes. What a person says of the service's address stands for this call too."""
    catalogs = (access.service.base_url or "").rstrip("/")
    is_persons_own = access.base_url != catalogs
    return access.address if is_persons_own or check.base_url is None else check.base_url
