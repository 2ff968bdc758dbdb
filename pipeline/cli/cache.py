"""The commands for the store of what was paid for: what is in it, how large it is, throwing things away."""

from __future__ import annotations

import argparse

from pipeline.cli.arguments import Parser, add_config, add_limit, configuration_from, limit_of, parser_of
from pipeline.config.loader import Configuration
from pipeline.engine.clock import SystemClock
from pipeline.errors import ExitCode
from pipeline.reporting.cache_table import (
    Amount,
    describe_entries,
    describe_removed,
    describe_size,
    entries_json,
    removed_json,
    size_json,
)
from pipeline.runs.keeping import store_folder
from pipeline.runs.past.looking_back import prune_store
from pipeline.store.upkeep import Pruned, clear, entries, size_of

_CACHE = """\
Say how much is kept of what was paid for: pictures, and answers of prompt writers. What is kept is never asked for and
paid for again, whichever deck wants it.

  %(prog)s cache list                                      what is kept
  %(prog)s cache size                                      how much, and where
  %(prog)s cache prune --older-than 30d --max-size 5GB     throw away what was not used for long, or is too much
  %(prog)s cache clear                                     throw away all
"""
_LIST = "List what is kept, the last used first: who made it, what it cost, how large it is."
_SIZE = "Say how much is kept, and where."
_PRUNE = """\
Throw away what was not used for so long, then the longest unused until the rest is no larger than said. What a run is
using stays. Without either option, as the settings store.retention and store.max_size say.
"""
_CLEAR = "Throw away all that is kept but what a run is using: it will be asked for, and paid for, anew."


def size_parser() -> Parser:
    return _plain_parser("cache size", _SIZE)


def cache_parser() -> Parser:
    return _plain_parser("cache", _CACHE)


def run_size(options: argparse.Namespace) -> ExitCode:
    folder = store_folder(configuration_from(options, {}))
    found = size_of(folder)
    told = size_json if options.json else describe_size
    print(told(found.pictures, found.answers, found.bytes, folder))
    return ExitCode.OK


def list_parser() -> Parser:
    parser = _plain_parser("cache list", _LIST)
    add_limit(parser, "last used")
    return parser


def run_list(options: argparse.Namespace) -> ExitCode:
    folder, limit = store_folder(configuration_from(options, {})), limit_of(options)
    found = sorted(entries(folder), key=lambda entry: (entry.last_used, entry.key), reverse=True)
    rows = found[:limit]
    print(
        entries_json(rows, folder) if options.json else describe_entries(rows, folder, has_more=len(rows) < len(found))
    )
    return ExitCode.OK


def prune_parser() -> Parser:
    parser = _plain_parser("cache prune", _PRUNE)
    parser.add_argument("--older-than", metavar="AGE", help="not used for 30d, 12h, 4w")
    parser.add_argument("--max-size", metavar="SIZE", help="what may be left: 5GB, 500MB")
    return parser


def run_prune(options: argparse.Namespace) -> ExitCode:
    configuration = configuration_from(options, {})
    pruned = prune_store(configuration, options.older_than, options.max_size, SystemClock().now())
    return _tell(options, pruned, configuration)


def clear_parser() -> Parser:
    return _plain_parser("cache clear", _CLEAR)


def run_clear(options: argparse.Namespace) -> ExitCode:
    configuration = configuration_from(options, {})
    return _tell(options, clear(store_folder(configuration), now=SystemClock().now()), configuration)


def _plain_parser(command: str, description: str) -> Parser:
    parser = parser_of(command, description)
    add_config(parser)
    return parser


def _tell(options: argparse.Namespace, pruned: Pruned, configuration: Configuration) -> ExitCode:
    folder = store_folder(configuration)
    found = size_of(folder)
    went = Amount(entries=pruned.entries, bytes=pruned.bytes)
    left = Amount(entries=found.pictures + found.answers, bytes=found.bytes)
    print(removed_json(went, left, folder) if options.json else describe_removed(went, left, folder))
    return ExitCode.OK
