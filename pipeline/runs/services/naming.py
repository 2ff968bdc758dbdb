"""Which services the settings name: for the prompts one, for the pictures one or a chain. Decides, makes nothing."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.config.loader import Configuration
from pipeline.errors import CredentialsError, PipelineError, UsageError
from pipeline.services.catalog import Catalog, ModelChoice
from pipeline.services.models import Kind
from pipeline.store.choices import disabled_services

AUTO, OFFLINE, PLACEHOLDER = "auto", "offline", "placeholder"
# Who is meant where nobody is named.
_FIRST: dict[Kind, str] = {"image": "openai", "text": "anthropic"}
_SECTION: dict[Kind, str] = {"image": "images", "text": "prompts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Painters:
    """Who draws, in turn; None draws on this machine. `left_out` says, a line each, who of a chain cannot."""

    choices: tuple[ModelChoice | None, ...]
    has_placeholder: bool = False
    left_out: tuple[str, ...] = ()


class Naming:
    """The settings' names looked up among the services that can be used: not switched off, with address and key."""

    def __init__(self, configuration: Configuration) -> None:
        self._settings = configuration.settings
        self._catalog: Catalog = configuration.catalog
        self._credentials = configuration.credentials
        self._disabled = disabled_services(configuration.home)

    def painters(self) -> Painters:
        """Raises UsageError for a name that means nothing, CredentialsError where nobody named can be used."""
        images = self._settings.images
        if images.chain:
            return self._chain(images.chain)
        return Painters(choices=(self._one("image", images.provider, images.model),))

    def writer(self, painters: Sequence[ModelChoice | None]) -> ModelChoice | None:
        """The model that writes prompts, None where this machine does. Raises as `painters` does.

        Where nobody is named and Claude cannot be used, whoever draws is asked, if it can write too.
        """
        prompts = self._settings.prompts
        choice = self._one("text", prompts.provider, prompts.model)
        if choice is not None or prompts.provider != AUTO or prompts.model is not None:
            return choice
        for painter in painters:
            if painter is not None and painter.service.default_model("text"):
                return self._catalog.choose(painter.service.service, "text", "prompts.provider")
        return None

    def _one(self, kind: Kind, provider: str, model: str | None) -> ModelChoice | None:
        if provider == OFFLINE:
            return None
        section = _SECTION[kind]
        setting = f"{section}.provider" if model is None else f"{section}.model"
        choice = self._meant(kind, provider, model, setting)
        problem = self._problem(choice)
        if not problem:
            return choice
        is_named = provider != AUTO or (model or "").startswith(f"{choice.service.service}/")
        if is_named:
            raise CredentialsError(f"{setting} is {model or provider!r} but {problem}")
        return None

    def _meant(self, kind: Kind, provider: str, model: str | None, setting: str) -> ModelChoice:
        if provider != AUTO:
            service = self._catalog.service(provider, f"{_SECTION[kind]}.provider").service
            rest = (model or "").removeprefix(f"{service}/")
            return self._catalog.choose(f"{service}/{rest}", kind, setting)
        if model is None:
            return self._catalog.choose(_FIRST[kind], kind, setting)
        prefix, slash, _ = model.partition("/")
        is_misspelt = slash and difflib.get_close_matches(prefix, self._catalog.services, n=1, cutoff=0.8)
        if is_misspelt or self._catalog.knows(model, kind):
            return self._catalog.choose(model, kind, setting)
        return self._catalog.choose(f"{_FIRST[kind]}/{model}", kind, setting)

    def _chain(self, names: Sequence[str]) -> Painters:
        *drawing, last = names
        has_placeholder = last == PLACEHOLDER
        if PLACEHOLDER in drawing or names == (PLACEHOLDER,):
            raise UsageError("images.chain: placeholder stands last, behind at least one service")
        choices: dict[str, ModelChoice | None] = {}
        left_out = []
        for name in drawing if has_placeholder else names:
            choice = None if name == OFFLINE else self._catalog.choose(name, "image", "images.chain")
            problem = "" if choice is None else self._chain_problem(choice)
            if problem:
                left_out.append(f"{name} is left out of images.chain: {problem}")
            else:
                choices[OFFLINE if choice is None else choice.name] = choice
        if not choices:
            raise CredentialsError("; ".join(left_out))
        return Painters(choices=tuple(choices.values()), has_placeholder=has_placeholder, left_out=tuple(left_out))

    def _chain_problem(self, choice: ModelChoice) -> str:
        """As `_problem`, a key or address that cannot be one being a problem too."""
        try:
            return self._problem(choice)
        except PipelineError as error:
            return str(error)

    def _problem(self, choice: ModelChoice) -> str:
        """Why the service cannot be used now, "" where it can. Raises for a key or address that cannot be one."""
        name = choice.service.service
        if name in self._disabled:
            return f"{name} is switched off; `providers enable {name}` switches it on"
        lacking = self._credentials.of(name).lacking
        if not lacking:
            return ""
        are, them = ("is", "it") if len(lacking) == 1 else ("are", "them")
        return f"{' and '.join(lacking)} {are} not set; set {them} in the environment or a .env file"
