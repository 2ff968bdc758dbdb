"""What the services with tasks stand on: a POST opens a task, a GET looks at it, the picture lies at an address."""

from __future__ import annotations

import hashlib
import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.http_server import FakeService
from tests.fakes.pictures import FORMATS, blank, picture
from tests.fakes.published import GONE
from tests.fakes.wire import Json, Refused, Reply, Request

FILES = "/files/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for, every check passed. `kind` is a key of FORMATS."""

    model: str
    prompt: str
    width_px: int
    height_px: int
    kind: str = "png"
    count: int = 1


@dataclass(slots=True, kw_only=True)
class Task:
    """One piece of work. A look is one GET of its state; looks are what passes here for time.

    `polls_needed` looks and it is done (None: as many as the server says; infinity: never). `ending` says, in members
    that the service's module defines, how it ends in place of well; `interruptions` are given, one a look, in place of
    the next looks.
    """

    id: str
    request: Request
    order: Order
    polls_needed: float | None = None
    looks: int = 0
    ending: Json = field(default_factory=dict)
    interruptions: list[Reply] = field(default_factory=list)
    is_expired: bool = False
    is_black: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Reply):
    """The answer to a POST that opened `task`. `receipt` writes it anew, for a fault that changed the task."""

    task: Task
    receipt: Callable[[], Reply]


class TaskService(FakeService):
    """A service whose pictures must be waited for. The knobs may be turned at any time, also while tasks are open.

    `polls_needed`: the look that finds a task done. `never_ends`: none does. `unknown_status`: the word shown while a
    task is under way. `expired`: every picture's address answers as one whose time is over. `image_origin`: scheme,
    host and port of the pictures' addresses, where not the server's own. `ignored` collects, as "model: field", what
    callers sent and this service takes no notice of.
    """

    gone = Reply(
        status=403,
        headers={"content-type": "application/xml"},
        body=GONE,
    )

    def __init__(self, *, api_key: str, latency_s: float = 0.0) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)
        self.polls_needed = 2
        self.never_ends = False
        self.unknown_status: str | None = None
        self.expired = False
        self.image_origin: str | None = None
        self.ignored: set[str] = set()
        self._tasks: dict[str, Task] = {}
        self._files: dict[str, Reply] = {}

    @abstractmethod
    def check_caller(self, request: Request) -> None:
        """Whether the key is right. Raises Refused."""

    @abstractmethod
    def order(self, request: Request) -> Order:
        """What a POST asks for, checked. Raises Refused."""

    @abstractmethod
    def receipt(self, task: Task) -> Reply:
        """The answer to the POST that opened the task."""

    @abstractmethod
    def state(self, path: str) -> Reply:
        """What GET answers, files apart: a task's state, the credit left. Raises Refused."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every task so far, in the order they were opened."""
        with self._lock:
            return tuple(self._tasks.values())

    def answer(self, request: Request) -> Reply:
        self.check_caller(request)
        order = self.order(request)
        with self._lock:
            name = hashlib.sha256(f"{type(self).__name__} {len(self._tasks)}".encode()).hexdigest()[:26]
            task = self._tasks[name] = Task(id=name, request=request, order=order)
        reply = self.receipt(task)
        return Accepted(
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            task=task,
            receipt=lambda: self.receipt(task),
        )

    def look_up(self, request: Request) -> Reply:
        if not request.path.startswith(FILES):
            self.check_caller(request)
            return self.state(request.path)
        if any(self.api_key in value for value in request.headers.values()):
            # A storage service refuses what it cannot read; and no client has any business sending a key here.
            raise Refused(Reply(status=400, headers={"content-type": "text/plain"}, body=b"InvalidAuthenticationInfo"))
        return self.file(request.path)

    def file(self, path: str) -> Reply:
        """A picture that was made; `gone` for one whose time is over and for any other path."""
        with self._lock:
            return self.gone if self.expired else self._files.get(path, self.gone)

    def find(self, name: str) -> Task | None:
        with self._lock:
            return self._tasks.get(name)

    def look(self, task: Task, words: Sequence[Any]) -> Any:
        """Count one look: the word for where the task is, None where it is done. Raises Refused if interrupted."""
        with self._lock:
            if task.interruptions:
                raise Refused(task.interruptions.pop(0))
            task.looks += 1
        return self.status(task, words)

    def status(self, task: Task, words: Sequence[Any]) -> Any:
        """The same without a look. `words` are those for the first look, the second and so on; the last one stays."""
        needed = self.polls_needed if task.polls_needed is None else task.polls_needed
        if task.looks >= (math.inf if self.never_ends else needed):
            return None
        return self.unknown_status or words[min(max(task.looks, 1), len(words)) - 1]

    def addresses(self, task: Task, suffix: str = "") -> list[str]:
        """Draw and publish the task's pictures; the same at every call. `suffix` ends each address: its signature."""
        order = task.order
        links = []
        for number in range(order.count):
            path = f"{FILES}{task.id}/{number}.{order.kind}{suffix}"
            reply = self.gone if task.is_expired else _drawn(order, number, is_black=task.is_black)
            with self._lock:
                self._files[path] = reply
            links.append((self.image_origin or self.origin) + path)
        return links


def _drawn(order: Order, number: int, *, is_black: bool) -> Reply:
    if is_black:
        return Reply(headers={"content-type": FORMATS["png"]}, body=blank(order.width_px, order.height_px))
    data = picture(f"{order.prompt}\n{number}", order.width_px, order.height_px, order.kind)
    return Reply(headers={"content-type": FORMATS[order.kind]}, body=data)
