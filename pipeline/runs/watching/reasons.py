"""Why a deck failed, for the person who put it into the inbox: what happened, why, what to do."""

from __future__ import annotations

from pipeline.errors import ExitCode
from pipeline.outcomes import DeckOutcome

_SLIDES = (
    "Look at the slides below and at the report. Then put the deck into the inbox again: only the rest is paid for."
)
_WHY_AND_WHAT = {
    ExitCode.BAD_DECK: (
        "The file is not a presentation that can be read, or not one that may be changed.",
        "Mend or save it as said and put it into the inbox again. Where an option is named, illustrate it by hand.",
    ),
    ExitCode.FILE_ACCESS: (
        "The file itself cannot be read.",
        "Mend its rights, or copy it again from where it came from, and put it into the inbox again.",
    ),
    ExitCode.PROMPT_GATE: ("For too many slides no text could be had to draw by.", _SLIDES),
    ExitCode.IMAGE_GATE: ("For too many slides no picture could be had.", _SLIDES),
    ExitCode.CHECK_FAILED: (
        "The finished deck was not as it must be, so it was not delivered.",
        "Put the deck into the inbox again. If it fails again, please report it with the deck.",
    ),
}
_BUG = (
    "Something happened that this program does not know.",
    "Please report it, with the deck if you may. Others are not affected.",
)


def reason_text(name: str, outcome: DeckOutcome, *, beside: dict[str, str]) -> str:
    """The text. `beside` are the other files under the same name: what each is, by its suffix."""
    what = outcome.message.removeprefix(f"{outcome.input}: ") or f"It failed with code {int(outcome.exit_code)}."
    why, what_to_do = _WHY_AND_WHAT.get(outcome.exit_code, _BUG)
    lines = [
        f"{name} was not illustrated.",
        "",
        f"What:    {what}",
        f"Why:     {why}",
        f"To do:   {what_to_do}",
    ]
    if outcome.errors:
        lines += ["", f"Slides that failed ({outcome.failed} of {outcome.planned}):", *outcome.errors]
    if beside:
        lines += ["", "Beside this file, under the same name:", *(f"  {end}  {what}" for end, what in beside.items())]
    if outcome.cost_usd:
        lines += ["", f"Paid: ${outcome.cost_usd:.4f}. What was paid for is kept and not paid for again."]
    if outcome.run_id:
        lines += ["", f"Run {outcome.run_id}"]
    return "\n".join(lines) + "\n"
