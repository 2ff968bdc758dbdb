"""What a Claude model costs and takes, read from the table beside this file."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml
from anthropic.types import Usage
from pydantic import BaseModel, ConfigDict


class ClaudeModel(BaseModel):
    """One model; prices in US dollars per million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float
    output: float
    cache_write: float
    cache_read: float
    can_skip_thinking: bool = False

    def cost_usd(self, usage: Usage) -> float:
        """The price of one answer. `usage.input_tokens` counts only what was neither read from nor put in the cache.

        What a gateway leaves out counts as nothing.
        """
        counts = (
            (usage.input_tokens, self.input),
            (usage.output_tokens, self.output),
            (usage.cache_creation_input_tokens, self.cache_write),
            (usage.cache_read_input_tokens, self.cache_read),
        )
        return sum((count or 0) * price for count, price in counts) / 1_000_000

    def estimate_usd(self, input_tokens: float, output_tokens: float) -> float:
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


def find_claude_model(name: str) -> ClaudeModel | None:
    """The entry for `name`, None for a model this table does not know."""
    return _table().get(name)


@cache
def _table() -> dict[str, ClaudeModel]:
    text = resources.files("pipeline.prompting").joinpath("claude_models.yaml").read_text(encoding="utf-8")
    return {name: ClaudeModel.model_validate(entry) for name, entry in yaml.safe_load(text)["models"].items()}
