"""Styles and templates: the text a non-programmer may edit, in `prompts/` or in a folder of one's own.

A user's folder is laid out like `prompts/`: `styles/NAME.yaml`, `writer.md`, `deck.md`, `brief.md`, `prohibited.yaml`.
What is in it wins over what is shipped; what is not is taken from there.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Annotated, TypeVar

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from pipeline.errors import FileAccessError, UsageError
from pipeline.prompting.facts import DECK_FACTS, SLIDE_FACTS, deck_facts, slide_facts
from pipeline.prompting.styles import Style
from pipeline.records import Brief

REPLACEABLE = ("writer.md", "deck.md", "brief.md", "prohibited.yaml", "styles")
NO_TEXT = "No text, no letters, no logos."

_T = TypeVar("_T")
_Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """What the prompt writer is told: `rules` always, then of the deck, then of the slide.

    The first is the same for every deck and the second for every slide of it, so both can be cached.
    """

    rules: str
    deck: Template
    slide: Template
    styles: Mapping[str, Style]

    def deck_part(self, brief: Brief) -> str:
        return self.deck.substitute(deck_facts(brief)).strip()

    def slide_part(self, brief: Brief) -> str:
        """Tell of one slide. `brief.style` must be one of `styles`."""
        style = self.styles[brief.style]
        ground = style.ground_sentence(brief.ground, brief.theme.background) or "a scene that fills the frame"
        told = self.slide.substitute(
            slide_facts(brief), style=style.description, guidance=style.guidance, ground=ground
        )
        return re.sub(r"\n{3,}", "\n\n", told).strip()

    @property
    def key(self) -> str:
        """The same exactly where the same would be told."""
        parts = (self.rules, self.deck.template, self.slide.template, *map(_told_of, self.styles.values()))
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def load_styles(folder: Path | None) -> dict[str, Style]:
    """Load the styles by name, the user's before the shipped ones.

    Raises UsageError where a file is not a style, naming file and key; FileAccessError where it cannot be read.
    """
    styles, adapter = dict[str, Style](), TypeAdapter(Style)
    for root in _roots(folder):
        styles_folder = root / "styles"
        files = sorted(styles_folder.iterdir(), key=lambda file: file.name) if styles_folder.is_dir() else []
        for file in files:
            if file.name.endswith((".yaml", ".yml")):
                style = _validated(file, adapter)
                if style.name != file.name.rpartition(".")[0]:
                    raise UsageError(f"{file}: name: {style.name!r} must be the file's own name")
                styles[style.name] = style
    return styles


def load_templates(folder: Path | None) -> Templates:
    """Load the templates, each the user's if there is one, and the styles.

    Raises UsageError where a template asks for a `$name` that does not exist, FileAccessError where it cannot be read.
    """
    return Templates(
        rules=_read(_find(folder, "writer.md")).strip(),
        deck=_template(_find(folder, "deck.md"), DECK_FACTS),
        slide=_template(_find(folder, "brief.md"), SLIDE_FACTS | {"style", "guidance", "ground"}),
        styles=load_styles(folder),
    )


def load_prohibited(folder: Path | None) -> tuple[str, ...]:
    """Load the words and phrases no prompt may hold.

    Raises UsageError where the file is not a list of them, FileAccessError where it cannot be read.
    """
    return _validated(_find(folder, "prohibited.yaml"), TypeAdapter(tuple[_Text, ...]))


def compose_prompt(subject: str, style: Style | None, ground: str = "") -> str:
    """All that is sent to the image model: what is to be seen, how it looks, and that nothing is written in it.

    `ground` is a sentence on what the subject stands on.
    """
    subject = re.sub(rf"[\s,;.]*\b{re.escape(NO_TEXT[:-1])}\b\.?", ".", subject, flags=re.IGNORECASE)
    suffix = style.suffix if style and style.suffix not in subject else ""
    return " ".join(_ended(part) for part in (subject, suffix, ground, NO_TEXT) if part)


def _told_of(style: Style) -> str:
    """All of a style but how pictures' edges are finished, which the prompt writer is not told."""
    return repr(style.model_dump(exclude={"finish"}))


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _roots(folder: Path | None) -> list[Traversable]:
    shipped = resources.files("prompts")
    if folder is None:
        return [shipped]
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; prompts.folder names one with styles and templates")
    for name in sorted(path.name for path in folder.iterdir()):
        near = difflib.get_close_matches(name, REPLACEABLE, n=1, cutoff=0.75)
        if near and name not in REPLACEABLE:
            raise UsageError(f"{folder / name}: replaces none of our files, did you mean {near[0]}?")
    return [shipped, folder]


def _find(folder: Path | None, name: str) -> Traversable:
    return next(root / name for root in reversed(_roots(folder)) if (root / name).is_file())


def _read(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise FileAccessError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: is not UTF-8 text; save it as UTF-8") from error


def _template(file: Traversable, facts: frozenset[str]) -> Template:
    template = Template(_read(file))
    if not template.is_valid():
        raise UsageError(f"{file}: a $ stands alone; write $$ for a dollar sign")
    unknown = set(template.get_identifiers()) - facts
    if unknown:
        raise UsageError(f"{file}: unknown ${min(unknown)}; there are ${', $'.join(sorted(facts))}")
    return template


def _validated(file: Traversable, adapter: TypeAdapter[_T]) -> _T:
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # on libyaml, where PyYAML has it: ten times as fast
        return adapter.validate_python(yaml.load(_read(file), Loader=loader))  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        raise UsageError(f"{file}: is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, p['loc'])) or 'the file'}: {p['msg']}" for p in error.errors())
        raise UsageError(f"{file}: {'; '.join(problems)}") from error
