"""What the commands that make decks have around them: who is told of each deck, and logs for programs to read."""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TextIO

from pipeline.cli.arguments import Parser
from pipeline.config.loader import Configuration
from pipeline.engine.clock import Clock
from pipeline.reporting.logs import json_lines
from pipeline.runs.services.making import timing_of
from pipeline.telling.teller import Teller


def add_logging(parser: Parser) -> None:
    """How much is said on stderr, and in which form."""
    loudness = parser.add_mutually_exclusive_group()
    loudness.add_argument("-v", "--verbose", action="store_true", help="show the log while running")
    loudness.add_argument("-q", "--quiet", action="store_true", help="say only what must not be missed")
    told = "json: logs as lines of JSON, on stderr too; default: text"
    parser.add_argument("--log-format", choices=("text", "json"), default="text", help=told)


@contextmanager
def logging_as_asked(options: argparse.Namespace, configuration: Configuration) -> Iterator[TextIO | None]:
    """Have logs on stderr as the options say; yields where a run's own log is to be echoed, if anywhere."""
    if options.log_format == "text":
        yield sys.stderr if options.verbose else None
        return
    handler = json_lines(sys.stderr, configuration.credentials.secrets)
    handler.setLevel(logging.DEBUG if options.verbose else logging.INFO)
    logger = logging.getLogger("pipeline")
    former = logger.level
    logger.setLevel(handler.level)
    logger.addHandler(handler)
    try:
        yield None
    finally:
        logger.removeHandler(handler)
        logger.setLevel(former)


@contextmanager
def telling(configuration: Configuration, clock: Clock, warn: Callable[[str], None]) -> Iterator[Teller]:
    """Who tells of decks, as the settings want. `warn` hears in any thread. Raises UsageError, FileAccessError."""
    teller = Teller.of(
        configuration.settings,
        credentials=configuration.credentials,
        environ=os.environ,
        warn=warn,
        timing=timing_of(clock),
        rng=random.Random(),  # noqa: S311 - to spread retries
    )
    with closing(teller):
        yield teller
