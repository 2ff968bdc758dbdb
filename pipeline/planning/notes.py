"""What a person decided for a slide, read from its speaker notes."""

from __future__ import annotations

import re

from pipeline.records import NotesOverride

_ILLUSTRATE = re.compile(r"^\s*illustrate\s*[:：]\s*(yes|no)\s*\.?\s*$", re.IGNORECASE)
_STYLE = re.compile(r"^\s*style\s*[:：]\s*([\w-]+)\s*\.?\s*$", re.IGNORECASE)
_PROMPT = re.compile(r"^\s*(?:dall[-\s·]?e(?:\s*\d)?|image)\s+prompt\s*[:：]\s*(.*)$", re.IGNORECASE)


def parse_notes(notes: str) -> NotesOverride:
    """The override in `notes`: `illustrate: yes|no`, `style: NAME`, and a prompt after `Image prompt:`.

    The prompt runs from its label to a blank line that follows it, to the next directive, or to the end.
    """
    illustrate: bool | None = None
    style = ""
    prompt: list[str] = []
    in_prompt = False
    for line in notes.splitlines():
        if match := _ILLUSTRATE.match(line):
            illustrate, in_prompt = match[1].lower() == "yes", False
        elif match := _STYLE.match(line):
            style, in_prompt = match[1].lower(), False
        elif match := _PROMPT.match(line):
            prompt, in_prompt = [match[1].strip()], True
        elif in_prompt and line.strip():
            prompt.append(line.strip())
        elif in_prompt and any(prompt):
            in_prompt = False
    return NotesOverride(illustrate=illustrate, style=style, prompt=" ".join(filter(None, prompt)))
