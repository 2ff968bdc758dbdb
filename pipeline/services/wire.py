"""How a service is asked, as data: the request, the wait for a task, where the picture stands, what an error means.

In texts, `{{name}}` stands for a value: `prompt`, `model`, `route`, `key`, `id`, those of the shape and the model's
parameters. A text that is nothing but `{{name}}` becomes the value itself, a number a number; where there is no such
value, the field it stands in disappears.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.errors import FailureKind
from pipeline.services.expressions import Expression, checked_pattern
from pipeline.services.models import Entry, Model
from pipeline.services.texts import HeaderName, HeaderText, Template

Pattern = Annotated[str, AfterValidator(checked_pattern)]
"""A regular expression, searched without regard to case."""


class Submit(Entry):
    """The call that asks for a picture. `path` is added to the service's address.

    `encoding`: the request goes as JSON or as a form (multipart/form-data, every value a text).
    """

    path: str
    query: dict[str, str] = Field(default_factory=dict)
    headers: dict[HeaderName, HeaderText] = Field(default_factory=dict)
    encoding: Literal["json", "form"] = "json"


class Poll(Entry):
    """How a task is followed: with GET, at the address `url` finds in the answer, else at `path` with the `{{id}}`.

    A status in neither `done` nor `failed` means waiting; `waiting` only names those that are known. `message` finds
    what a failed task says. `hosts`: besides the service's own, where such an address may lead and the key with it; a
    name with a leading dot stands for all that end so.
    """

    id: Expression | None = None
    url: Expression | None = None
    path: str | None = None
    status: Expression
    waiting: tuple[str, ...] = ()
    done: tuple[str, ...] = Field(min_length=1)
    failed: tuple[str, ...] = ()
    message: Expression | None = None
    every_s: Annotated[float, Field(gt=0)] = 1.0
    hosts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.url is None and (self.path is None or self.id is None):
            raise ValueError("give url, or path and id")
        return self

    @model_validator(mode="after")
    def _means_one_thing_by_a_word(self) -> Self:
        words = Counter(word for words in (self.waiting, self.done, self.failed) for word in set(words))
        twice = next((word for word, count in words.items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"{twice!r} stands in two of waiting, done and failed")
        return self


class Result(Entry):
    """Where the picture stands in the last answer: its address, a data: address or base64, or a list of these.

    `bytes`: the answer itself is the picture. `fetch`: where the answer with the picture is got first, an expression
    for its address. `hosts`: where pictures come from, said as for `Poll`; empty: any public host.
    """

    image: Expression | None = None
    bytes: bool = False
    fetch: Expression | None = None
    hosts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if (self.image is None) == (not self.bytes):
            raise ValueError("give either image or bytes")
        return self


class ErrorRule(Entry):
    """What one failure means: all of its conditions must hold. `text` is searched in the message and the raw answer.

    A rule without `when` and `status` judges failures only: statuses from 400 on, failed tasks. Where an answer repeats
    the prompt, `text` would find the prompt's own words: say `when: matches(error, 'nsfw|flagged')` there.
    """

    kind: FailureKind
    status: tuple[int, ...] = ()
    when: Expression | None = None
    text: Pattern | None = None


class Errors(Entry):
    """How a service says what went wrong. The first rule that holds counts, else the HTTP status.

    `status` finds a status of the service's own in the answer, for those that answer every call with 200.
    `retry_after` finds how long to wait: seconds, or a text like "33s"; `retry_after_text` does so in the message, its
    first group being seconds. `rate_wait_s` is what a rate limit without any hint means.
    """

    message: Expression | None = None
    status: Expression | None = None
    rules: tuple[ErrorRule, ...] = ()
    retry_after: Expression | None = None
    retry_after_text: Pattern | None = None
    rate_wait_s: Annotated[float, Field(gt=0)] | None = None


class Batch(Entry):
    """Many questions handed in at once and answered within a day: each costs `price_share` of its usual price."""

    price_share: Annotated[float, Field(gt=0, le=1)]


class Endpoint(Entry):
    """One way of asking a service for pictures (`image`) or for prompts (`text`).

    `http` is said by the fields below; `openai` and `anthropic` are spoken by the official SDKs, which need none.
    `send` are parameters an OpenAI-compatible server needs besides ours ({response_format: b64_json}), `omit` names
    those it does not take. `batch` where the service also takes such questions in batches: Anthropic's Message Batches,
    OpenAI's Batch API for pictures.
    """

    type: Literal["image", "text"]
    protocol: Literal["http", "openai", "anthropic"]
    submit: Submit | None = None
    request: Template | None = None
    poll: Poll | None = None
    result: Result | None = None
    errors: Errors | None = None
    send: Template = Field(default_factory=dict)
    omit: tuple[str, ...] = ()
    batch: Batch | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.protocol == "http" and (self.submit is None or self.result is None or self.type == "text"):
            raise ValueError("the http protocol is for images and needs submit and result")
        if (self.type, self.protocol) == ("image", "anthropic"):
            raise ValueError("the anthropic protocol is for text")
        if self.batch is not None and (self.type, self.protocol) not in (("text", "anthropic"), ("image", "openai")):
            raise ValueError("batch is for text by the anthropic protocol and for images by openai's")
        return self

    def needs_request(self, model: Model) -> bool:
        """True where nothing says what is sent for `model`."""
        return self.protocol == "http" and self.request is None and model.request is None
