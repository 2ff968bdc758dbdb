"""What the book of jobs is called in Redis."""

from __future__ import annotations

import hashlib

PREFIX = "deck-illustrator"
DEAD = f"{PREFIX}:dead"
OPEN = f"{PREFIX}:open"
JOBS = f"{PREFIX}:jobs"


def job_key(job_id: str) -> str:
    return f"{PREFIX}:job:{job_id}"


def cancel_key(job_id: str) -> str:
    return f"{PREFIX}:job:{job_id}:cancelled"


def counts_key(job_id: str) -> str:
    return f"{PREFIX}:job:{job_id}:counts"


def deck_key(job_id: str, number: int) -> str:
    return f"{PREFIX}:job:{job_id}:deck:{number}"


def drawn_key(job_id: str, number: int) -> str:
    return f"{PREFIX}:job:{job_id}:deck:{number}:drawn"


def paid_key(job_id: str, number: int) -> str:
    return f"{PREFIX}:job:{job_id}:deck:{number}:paid"


def target_key(target: str) -> str:
    return f"{PREFIX}:target:{hashlib.sha256(target.encode()).hexdigest()}"


def starts_key(task_id: str) -> str:
    return f"{PREFIX}:starts:{task_id}"


def schedule_key(name: str) -> str:
    return f"{PREFIX}:schedule:{name}"
