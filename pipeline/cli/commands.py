"""The commands there are, by the words they begin with."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.cli import cache, decks, fleet, history, pictures, schedule, services, watch
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
    ("history",): Command(history.history_parser, history.run_history),
    ("history", "show"): Command(history.show_parser, history.run_show),
    ("history", "stats"): Command(history.stats_parser, history.run_stats),
    ("history", "prune"): Command(history.prune_parser, history.run_prune),
    ("cache",): Command(cache.cache_parser, cache.run_size),
    ("cache", "list"): Command(cache.list_parser, cache.run_list),
    ("cache", "size"): Command(cache.size_parser, cache.run_size),
    ("cache", "prune"): Command(cache.prune_parser, cache.run_prune),
    ("cache", "clear"): Command(cache.clear_parser, cache.run_clear),
    ("schedule",): Command(schedule.schedule_parser, schedule.run_schedule),
    ("generate",): Command(pictures.generate_parser, pictures.run_generate),
    ("watch",): Command(watch.watch_parser, watch.run_watch),
    ("worker",): Command(fleet.worker_parser, fleet.run_worker),
    ("submit",): Command(fleet.submit_parser, fleet.run_submit),
    ("status",): Command(fleet.status_parser, fleet.run_status),
    ("cancel",): Command(fleet.cancel_parser, fleet.run_cancel),
    ("beat",): Command(fleet.beat_parser, fleet.run_beat),
}


def command_of(words: list[str]) -> tuple[Command, list[str]]:
    """The command that `words` begin with, and the rest of them; a deck to be illustrated where they name none."""
    for length in (2, 1):
        command = _COMMANDS.get(tuple(words[:length]))
        if command is not None:
            return command, words[length:]
    return _ILLUSTRATE, words
