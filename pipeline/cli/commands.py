"""The commands there are, by the words they begin with."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.cli import decks, pictures, services
from pipeline.cli.arguments import Parser
from pipeline.errors import ExitCode


@dataclass(frozen=True, slots=True)
class Command:
    """What a command takes and does. `run` raises PipelineError, or KeyboardInterrupt where it is broken off."""

    parser: Callable[[], Parser]
    run: Callable[[argparse.Namespace], ExitCode]


_ILLUSTRATE = Command(decks.illustrate_parser, decks.run_illustrate)
_COMMANDS = {
    ("plan",): Command(decks.plan_parser, decks.run_plan),
    ("strip",): Command(decks.strip_parser, decks.run_strip),
    ("config",): Command(decks.config_parser, decks.run_config),
    ("models",): Command(services.models_parser, services.run_models),
    ("models", "refresh"): Command(services.refresh_parser, services.run_refresh),
    ("providers",): Command(services.providers_parser, services.run_providers),
    ("providers", "check"): Command(services.check_parser, services.run_check),
    ("providers", "enable"): Command(services.enable_parser, services.run_enable),
    ("providers", "disable"): Command(services.disable_parser, services.run_disable),
    ("generate",): Command(pictures.generate_parser, pictures.run_generate),
}


def command_of(words: list[str]) -> tuple[Command, list[str]]:
    """The command that `words` begin with, and the rest of them; a deck to be illustrated where they name none."""
    for length in (2, 1):
        command = _COMMANDS.get(tuple(words[:length]))
        if command is not None:
            return command, words[length:]
    return _ILLUSTRATE, words
