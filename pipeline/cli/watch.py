"""The command that watches a folder: what it takes, and what it says while it runs."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from pipeline.cli.arguments import Parser, parser_of
from pipeline.cli.making import add_making, making_configuration
from pipeline.cli.signals import stopping_in_order
from pipeline.cli.surroundings import add_logging, logging_as_asked, telling
from pipeline.engine.clock import SystemClock
from pipeline.engine.heart import Heart
from pipeline.errors import ExitCode
from pipeline.outcomes import DeckOutcome, RunReport
from pipeline.reporting.decks_console import DecksConsole
from pipeline.reporting.decks_json import outcome_json
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.watching.flow import Watcher
from pipeline.runs.watching.folder_settings import FolderSettings
from pipeline.runs.watching.folders import open_folders
from pipeline.runs.watching.leases import BEATS_IN_A_LEASE, Lease
from pipeline.runs.watching.saying import Said
from pipeline.runs.watching.standby import SystemStandby

_DESCRIPTION = """\
Illustrate every deck that is put into a folder, as soon as it is there whole and at rest.

  %(prog)s watch INBOX --outbox done/ --failed failed/            until Ctrl-C or SIGTERM
  %(prog)s watch INBOX --outbox done/ --failed failed/ --once     what is there now, for a schedule

done/ gets NAME.pptx, NAME.report.json and originals/NAME.pptx; failed/ gets the deck with NAME.reason.txt and what
there is of it. INBOX/illustrate.yaml holds settings of that folder alone. Any number may watch one folder.
"""


def watch_parser() -> Parser:
    parser = parser_of("watch", _DESCRIPTION)
    parser.add_argument("inbox", type=Path, metavar="INBOX", help="the folder where decks are put")
    parser.add_argument("--outbox", type=Path, required=True, metavar="DIR", help="where finished decks go")
    parser.add_argument(
        "--failed", type=Path, required=True, metavar="DIR", help="where failures go, with their reason"
    )
    parser.add_argument("--once", action="store_true", help="end when what is there is done, with the worst code")
    parser.add_argument("--interval", type=float, metavar="S", help="seconds between looks; default: watch.interval_s")
    parser.add_argument("--jobs", type=int, metavar="N", help="decks made at the same time; default: decks.jobs")
    add_logging(parser)
    add_making(parser)
    return parser


def run_watch(options: argparse.Namespace) -> ExitCode:
    configuration = making_configuration(options, {"watch.interval_s": options.interval, "decks.jobs": options.jobs})
    folders = open_folders(options.inbox, options.outbox, options.failed)
    settings, clock, say = configuration.settings, SystemClock(), Said(_tell)
    mailbox: SimpleQueue[Any] = SimpleQueue()
    console = DecksConsole(sys.stderr, quiet=options.quiet, plain=True)
    lease = Lease(folders.processing, clock, settings.fleet.lease_s)
    with (
        closing(console),
        telling(configuration, clock, console.told) as teller,
        logging_as_asked(options, configuration) as echo,
        stopping_in_order(mailbox),
        lease,
        Heart(lease.beat, settings.fleet.lease_s / BEATS_IN_A_LEASE),
    ):

        def heard(outcome: DeckOutcome, report: RunReport | None) -> None:
            if options.json:
                _print(outcome)
            teller.deck_ended(outcome, report)

        around = Crowd(
            heard=heard,
            watching=teller.watching,
            progress=console,
            clock=clock,
            mailbox=mailbox,
            log_echo=echo,
            log_format=options.log_format,
        )
        standby = SystemStandby(folders.inbox, mailbox, _tell, is_notified=settings.watch.notify)
        folder_settings = FolderSettings(configuration, folders.inbox, say)
        watcher = Watcher(
            folders=folders, settings=folder_settings, lease=lease, standby=standby, around=around, say=say
        )
        return watcher.run(once=options.once)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print(outcome: DeckOutcome) -> None:
    """One line of JSON for each deck, since there is no end at which all could be told."""
    sys.stdout.write(f"{json.dumps(outcome_json(outcome))}\n")  # in one piece: several decks may end at once
    sys.stdout.flush()
