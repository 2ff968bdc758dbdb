"""The commands for the history: which runs there were, all about one, what services did, forgetting old ones."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pipeline.cli.arguments import Parser, add_config, add_limit, configuration_from, limit_of, parser_of
from pipeline.config.loader import Configuration
from pipeline.engine.clock import SystemClock
from pipeline.errors import ExitCode, UsageError
from pipeline.records.history import AttemptState, RunState
from pipeline.reporting.history_json import attempts_json, forgotten_json, run_json, runs_json, stats_json
from pipeline.reporting.history_rows import ToldRun
from pipeline.reporting.history_run import describe_run
from pipeline.reporting.history_table import describe_attempts, describe_forgotten, describe_runs, describe_stats
from pipeline.runs.keeping import store_folder
from pipeline.runs.past.looking_back import given_age, history_of, pictures_kept, prune_history
from pipeline.store.history import History, RunFilter

_HISTORY = """\
List the runs there were, the newest first: how each ended, how many pictures it made, what it cost.

  %(prog)s history show RUN                  all about a run: slides, calls and their prices, pictures
  %(prog)s history --status error            the calls to services that failed, in place of runs
  %(prog)s history stats --since 30d         what each model did and cost, day by day
  %(prog)s history prune --older-than 90d    forget old runs
"""
_SHOW = """\
All about one run: its slides, every call to a service with its price, what may have been charged though the answer was
lost, and where each picture is. The first digits of its id will do.
"""
_STATS = "What each model of each service did and cost, day by day: images, success rate, median seconds, dollars."
_PRUNE = """\
Forget runs, their slides and calls. Those of this month, which count for budgets, and those under way are kept.
Pictures are too: `cache prune` is for them.
"""
_STATES = (*(state.value for state in RunState), AttemptState.ERROR.value)


def history_parser() -> Parser:
    parser = parser_of("history", _HISTORY)
    _add_filter(parser)
    parser.add_argument("--status", choices=_STATES, metavar="STATE", help=f"{', '.join(RunState)}; or error: calls")
    parser.add_argument("--attempts", action="store_true", help="single calls to services in place of runs")
    add_limit(parser, "newest")
    return parser


def run_history(options: argparse.Namespace) -> ExitCode:
    limit = limit_of(options)
    wanted = replace(_filter(options), status=options.status, limit=None if limit is None else limit + 1)
    with _opened(configuration_from(options, {})) as history:
        if options.attempts or options.status == AttemptState.ERROR.value:
            attempts = history.attempts(wanted=wanted)[::-1]  # the newest first
            shown, has_more = attempts[:limit], len(attempts[:limit]) < len(attempts)
            print(attempts_json(shown) if options.json else describe_attempts(shown, has_more=has_more))
        else:
            runs = history.runs(wanted)
            listed, has_more = runs[:limit], len(runs[:limit]) < len(runs)
            print(runs_json(listed) if options.json else describe_runs(listed, has_more=has_more))
    return ExitCode.OK


def show_parser() -> Parser:
    parser = parser_of("history show", _SHOW)
    add_config(parser)
    parser.add_argument("run", metavar="RUN", help="its id, or as much of it as no other begins with")
    return parser


def run_show(options: argparse.Namespace) -> ExitCode:
    if not options.run.strip():
        raise UsageError("name a run; `history` lists them")
    configuration = configuration_from(options, {})
    with _opened(configuration) as history:
        told = _told(history, configuration, options.run)
    print(run_json(told) if options.json else describe_run(told))
    return ExitCode.OK


def stats_parser() -> Parser:
    parser = parser_of("history stats", _STATS)
    _add_filter(parser)
    return parser


def run_stats(options: argparse.Namespace) -> ExitCode:
    wanted = _filter(options)
    with _opened(configuration_from(options, {})) as history:
        rows = history.stats(wanted)
    print(stats_json(rows) if options.json else describe_stats(rows))
    return ExitCode.OK


def prune_parser() -> Parser:
    parser = parser_of("history prune", _PRUNE)
    add_config(parser)
    parser.add_argument("--older-than", metavar="AGE", help="90d, 12h, 4w; default: the setting history.retention")
    return parser


def run_prune(options: argparse.Namespace) -> ExitCode:
    configuration = configuration_from(options, {})
    with _opened(configuration) as history:
        runs, age = prune_history(history, configuration, options.older_than)
    print(forgotten_json(runs, age) if options.json else describe_forgotten(runs, age))
    return ExitCode.OK


def _add_filter(parser: Parser) -> None:
    add_config(parser)
    # Not `deck`: that is what a run is about, whose refusals are told as those of a run.
    parser.add_argument(
        "--deck", dest="of_deck", metavar="DECK", help="its path, the end of one, or how its SHA-256 begins"
    )
    parser.add_argument("--since", metavar="AGE", help="no older than 7d, 12h, 4w")
    parser.add_argument("--project", metavar="LABEL", help="of this project")
    parser.add_argument("--service", metavar="NAME", help="with calls to this service")


def _filter(options: argparse.Namespace) -> RunFilter:
    since = None if options.since is None else SystemClock().now() - given_age(options.since)
    deck = options.of_deck
    if deck is not None and Path(deck).name != deck:  # as a shell completes it: ./deck.pptx
        deck = str(Path(deck).resolve()) if Path(deck).exists() else os.path.normpath(deck)
    return RunFilter(deck=deck, since=since, project=options.project, service=options.service)


def _opened(configuration: Configuration) -> closing[History]:
    return closing(history_of(configuration, SystemClock(), lambda line: print(line, file=sys.stderr)))


def _told(history: History, configuration: Configuration, name: str) -> ToldRun:
    run = history.run(name)
    if run is None:
        raise UsageError(f"{name}: the history holds no run whose id begins so; `history` lists them")
    slides, attempts = history.slides(run.id), history.attempts(run.id)
    hashes = [*(slide.image_hash for slide in slides), *(attempt.response.hash for attempt in attempts)]
    pictures = pictures_kept(store_folder(configuration), hashes)
    return ToldRun(run=run, slides=slides, attempts=attempts, pictures=pictures)
