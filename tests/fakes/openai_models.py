"""The models OpenAI lists in November 2026. Sources: providers.md sections 0 and 2, `types/shared/chat_model.py`."""

from __future__ import annotations

from tests.fakes.openai_sizes import FIXED_SIZE, MODELS

CHAT_SHUTDOWNS: dict[str, str | None] = dict.fromkeys(
    (
        *("gpt-6.2-astra", "gpt-6.2-sol", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-astra", "gpt-6-sol", "gpt-6-luna"),
        *("gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-5.5", "gpt-5.4", "gpt-5.4-mini", "gpt-5.2"),
    )
)
CHAT_SHUTDOWNS |= dict.fromkeys(("gpt-5.4-nano", "gpt-5.1"), "2027-04-01")
CHAT_SHUTDOWNS |= dict.fromkeys(("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini"), "2027-01-14")
CHAT_SHUTDOWNS |= dict.fromkeys(("gpt-5", "gpt-5-mini", "gpt-5-nano", "o3"), "2026-12-11")

SHUTDOWNS: dict[str, str | None] = {
    **{model: "2026-12-01" if model in FIXED_SIZE else None for model in MODELS},
    **CHAT_SHUTDOWNS,
}
"""Model -> the day it is shut down (YYYY-MM-DD), None where none is announced."""


def takes_sampling(model: str) -> bool:
    """Whether the model takes `max_tokens` and a temperature; those that reason take neither."""
    return model.startswith("gpt-4")
