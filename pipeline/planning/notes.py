"""What a person decided for a slide, read from its speaker notes."""

from __future__ import annotations

import re
import unicodedata

from pipeline.records import NotesOverride

_ILLUSTRATE = re.compile(r"illustrate\W*:\W*(yes|no|true|false)\b", re.IGNORECASE)
_STYLE = re.compile(r"style\W*:\W*([\w-]+)\W*$", re.IGNORECASE)
_PROMPT = re.compile(r"(?:dall\W?e(?:\s*\d)?|image)\s+prompt[*_]*\s*:[*_]*\s*(.*)$", re.IGNORECASE)


def parse_notes(notes: str) -> NotesOverride:
    """The override in `notes`: `illustrate: yes|no`, `style: NAME`, and a prompt after `Image prompt:`.

    The prompt runs from its label to a blank line that follows it, to the next directive, or to the end.
    """
    illustrate: bool | None = None
    style = ""
    prompt: list[str] = []
    in_prompt = False
    for raw in notes.splitlines():
        line = _plain(raw)
        if match := _ILLUSTRATE.match(line):
            illustrate, in_prompt = match[1].lower() in ("yes", "true"), False
        elif match := _STYLE.match(line):
            style, in_prompt = match[1].lower(), False
        elif match := _PROMPT.match(line):
            prompt, in_prompt = [match[1].strip()], True
        elif in_prompt and line:
            prompt.append(line)
        elif in_prompt and any(prompt):
            in_prompt = False
    return NotesOverride(illustrate=illustrate, style=style, prompt=" ".join(filter(None, prompt)))


def _plain(line: str) -> str:
    """A line without what people and programs put round it: bullets, emphasis, quotes, invisible characters."""
    visible = "".join(char for char in unicodedata.normalize("NFKC", line) if unicodedata.category(char) != "Cf")
    return visible.strip(" \t-*•_\"'“”")
