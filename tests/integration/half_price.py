"""What the tests of batches share: what the services were asked, what the history says, what is left."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.wire import Exchange
from tests.integration.happenings import attempts, home, left_over, run_states
from tests.integration.support import WORK, names_in

SLIDES = 3
IMPATIENT = "workers: {prompt_delay_s: 0, image_delay_s: 0, max_attempts: 1}\n"
WAITING = 21
NOTES = {"batch-prompt.json", "batch-image.json"}


def live_calls(services) -> tuple[int, int]:
    """How many prompts and pictures were asked for singly."""
    claude, openai = services
    messages = sum(request.path == "/v1/messages" for request in claude.requests)
    return messages, sum(request.path.endswith("/images/generations") for request in openai.requests)


def batches(services) -> tuple[int, ...]:
    """How many batches each service was given."""
    return tuple(len(list(server.batches)) for server in services)


def worked(services) -> tuple[int, ...]:
    """How many questions of batches each service really worked on, none of them twice."""
    assert all(set(server.batches.worked.values()) <= {1} for server in services)
    return tuple(server.batches.worked.total() for server in services)


def costs(run) -> dict[str, float]:
    """What the history says was paid for each kind of call."""
    paid = {"prompt": 0.0, "image": 0.0}
    for one in run("history", "--attempts").report["attempts"]:
        paid[one["kind"]] += one["cost_usd"] or 0.0
    return paid


def nothing_is_left(run, tmp_path: Path) -> bool:
    """No note, no temporary file, no call and no run that waits."""
    is_done = not any(state in ("pending", "waiting") for state in run_states(run))
    is_settled = not any(state == "pending" for _, state in attempts(run))
    return is_done and is_settled and not left_over(home()) and names_in(tmp_path / WORK) <= {"run.log", "run.lock"}


def taken_but_unheard(exchange: Exchange) -> None:
    """The service does what it is asked, and the connection breaks before it can say so."""
    exchange.answer()


def never_taken(_: Exchange) -> None:
    """The connection breaks before the service has begun."""
