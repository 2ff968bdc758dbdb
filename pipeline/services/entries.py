"""One service of the catalog: where it is, its key, its limits, its ways of asking, its models."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.services.expressions import Expression
from pipeline.services.mistakes import Mistake, MistakesError, near
from pipeline.services.models import KINDS, Entry, Kind, Model
from pipeline.services.placeholders import ALWAYS, OF_A_TASK, OF_SHAPES, names_in
from pipeline.services.texts import ADDRESS, KEY_TEXT, SERVICE_NAME, VARIABLE, HeaderName, HeaderText
from pipeline.services.wire import Endpoint, Errors

# What settings say instead of a service: choose one, none at all, a card with the prompt on it.
_RESERVED = ("auto", "offline", "placeholder")


def _free(name: str) -> str:
    if name in _RESERVED:
        raise ValueError(f"{name} is a word of the settings; call it otherwise")
    return name


class Key(Entry):
    """Where the key is looked for (`variables`, the first is the one people are told) and how it is sent.

    `is_optional`: servers on one's own machine need none.
    """

    variables: tuple[Annotated[str, Field(pattern=VARIABLE)], ...] = Field(min_length=1)
    header: HeaderName = "Authorization"
    value: Annotated[str, Field(pattern=KEY_TEXT)] = "Bearer {{key}}"
    is_optional: bool = False


class Limits(Entry):
    """What the service allows one account: starts at least `delay_s` apart, so many a minute, so many at once."""

    delay_s: Annotated[float, Field(ge=0)] = 0.0
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None
    parallel: Annotated[int, Field(ge=1)] | None = None


class Check(Entry):
    """A free call that tries the key: GET `path` answers 200 where it is good.

    `find` finds something worth telling in the answer, `says` is a text with `{}` for it: a balance. `base_url` where
    this call has another address than the rest; `<SERVICE>_BASE_URL` stands for both.
    """

    path: str
    base_url: str | None = None
    find: Expression | None = None
    says: str = ""


class Listing(Entry):
    """A free call that lists models.

    GET `path`; `models` finds a list of objects with `id` and, where they are known, `retires` (a date) and `usd` (one
    picture at the default size). Where prices stand elsewhere, `detail` is called for each model, `{{id}}` in its path,
    and `usd` is found there.
    """

    path: str
    models: Expression
    detail: str | None = None
    usd: Expression | None = None


class Service(Entry):
    """One service. `base_url` null: there is none before `<SERVICE>_BASE_URL` says where it is.

    `unknown` names, for image and text, the model that ids not listed here are treated like; without it only listed
    models can be used.
    `definitions` holds what the file's own YAML anchors stand for.
    """

    service: Annotated[str, Field(pattern=SERVICE_NAME), AfterValidator(_free)]
    title: str
    base_url: Annotated[str, Field(pattern=ADDRESS)] | None = None
    key: Key | None = None
    headers: dict[HeaderName, HeaderText] = Field(default_factory=dict)
    limits: Limits = Limits()
    errors: Errors = Errors()
    endpoints: dict[str, Endpoint] = Field(min_length=1)
    models: dict[str, Model] = Field(default_factory=dict)
    unknown: dict[Kind, str] = Field(default_factory=dict)
    check: Check | None = None
    listing: Listing | None = None
    definitions: Any = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        found = [*_model_mistakes(self), *_naming_mistakes(self), *_placeholder_mistakes(self)]
        if found:
            raise MistakesError(found)
        return self

    @property
    def address_variable(self) -> str:
        """The variable that says where else the service is: OPENAI_BASE_URL."""
        return f"{self.service.upper().replace('-', '_')}_BASE_URL"

    def endpoint_for(self, model: Model, kind: Kind) -> Endpoint:
        """How `model` is asked for `kind`: by the endpoint it names, else by the service's first for that kind."""
        named = self.endpoints.get(model.endpoint or "")
        if named is not None and named.type == kind:
            return named
        return next(endpoint for endpoint in self.endpoints.values() if endpoint.type == kind)

    def is_asked_at(self, model: Model, endpoint: str) -> bool:
        """True where `model` is asked by the endpoint of that name for one of the things it is for."""
        kind = self.endpoints[endpoint].type
        return model.is_for(kind) and self.endpoint_for(model, kind) is self.endpoints[endpoint]

    def listed(self, kind: Kind) -> dict[str, Model]:
        """The models for `kind` that can be named, by id; patterns for unlisted ones are none."""
        return {name: model for name, model in self.models.items() if model.is_for(kind) and not model.pattern}

    def default_model(self, kind: Kind) -> str | None:
        """The id of the model taken where none is named: the one marked as default, else the first."""
        listed = self.listed(kind)
        return next((name for name, model in listed.items() if model.default), next(iter(listed), None))


def _model_mistakes(service: Service) -> Iterator[Mistake]:
    """What makes a model one that cannot be asked."""
    for name, model in service.models.items():
        if model.endpoint is not None and model.endpoint not in service.endpoints:
            yield Mistake(("models", name, "endpoint"), f"there is no endpoint {model.endpoint!r}")
            continue
        for kind in KINDS:
            if model.is_for(kind) and not any(endpoint.type == kind for endpoint in service.endpoints.values()):
                yield Mistake(("models", name), f"the service has no endpoint for {kind}")
            elif model.is_for(kind) and service.endpoint_for(model, kind).needs_request(model):
                yield Mistake(("models", name, "request"), "neither the model nor its endpoint has one")


def _naming_mistakes(service: Service) -> Iterator[Mistake]:
    """Names that lead to two models, or to none."""
    for kind, pattern in service.unknown.items():
        if pattern not in service.models:
            yield Mistake(("unknown", kind), f"there is no model {pattern!r}")
        elif not service.models[pattern].is_for(kind):
            yield Mistake(("unknown", kind), f"{pattern} is no {kind} model")
    for kind in KINDS:
        defaults = [name for name, model in service.models.items() if model.default and model.is_for(kind)]
        if len(defaults) > 1:
            yield Mistake(("models", defaults[1], "default"), f"{defaults[0]} is the default for {kind} already")
    owners = {name: name for name in service.models}
    for name, model in service.models.items():
        for alias in model.aliases:
            if owners.setdefault(alias, name) != name:
                yield Mistake(("models", name, "aliases"), f"{alias!r} means {owners[alias]} already")


def _placeholder_mistakes(service: Service) -> Iterator[Mistake]:
    """Names in double braces that stand for nothing, and requests without the one of the prompt."""
    strange = list(_strange_names(service))
    yield from strange
    misspelt = {mistake.where for mistake in strange}
    yield from (mistake for mistake in _silent_requests(service) if mistake.where not in misspelt)


def _strange_names(service: Service) -> Iterator[Mistake]:
    """Names that are not ours, of no shape, no parameter of any model so asked."""
    for name, model in service.models.items():
        known = ALWAYS | OF_SHAPES | model.parameters.keys()
        yield from _strange(("models", name, "request"), model.request, known)
    for name, endpoint in service.endpoints.items():
        known = (
            ALWAYS
            | OF_SHAPES
            | {parameter for model in _asked_at(service, name).values() for parameter in model.parameters}
        )
        yield from _strange(("endpoints", name, "request"), endpoint.request, known)
        if endpoint.submit is not None:
            yield from _strange(("endpoints", name, "submit"), endpoint.submit.model_dump(), known)
        if endpoint.poll is not None:
            yield from _strange(("endpoints", name, "poll", "path"), endpoint.poll.path, OF_A_TASK)


def _strange(where: tuple[str, ...], template: Any, known: Set[str]) -> Iterator[Mistake]:
    for name in dict.fromkeys(names_in(template)):
        if name not in known:
            yield Mistake(where, f"{{{{{name}}}}} stands for nothing{near(name, sorted(known))}")


def _silent_requests(service: Service) -> Iterator[Mistake]:
    """Requests that would be sent, and paid for, without the prompt."""
    what = "{{prompt}} stands nowhere in it: every picture would be of the same"
    for name, endpoint in service.endpoints.items():
        submit = endpoint.submit
        if submit is None or "prompt" in {*names_in(submit.path), *names_in(submit.query)}:
            continue
        asked = _asked_at(service, name)
        is_used = not asked or any(model.request is None for model in asked.values())
        if is_used and endpoint.request is not None and "prompt" not in names_in(endpoint.request):
            yield Mistake(("endpoints", name, "request"), what)
        for model_id, model in asked.items():
            if model.request is not None and "prompt" not in names_in(model.request):
                yield Mistake(("models", model_id, "request"), what)


def _asked_at(service: Service, endpoint: str) -> dict[str, Model]:
    return {name: model for name, model in service.models.items() if service.is_asked_at(model, endpoint)}
