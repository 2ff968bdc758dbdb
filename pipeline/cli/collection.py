"""The command for many decks at once: what it takes, and its reports."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

from pipeline.cli.arguments import Parser
from pipeline.cli.signals import stopping_in_order
from pipeline.cli.surroundings import logging_as_asked, telling
from pipeline.config.loader import Configuration
from pipeline.engine.clock import SystemClock
from pipeline.engine.threads import Mailbox
from pipeline.errors import ExitCode, FileAccessError, UsageError
from pipeline.outcomes import DecksReport, worst
from pipeline.reporting.decks_console import DecksConsole
from pipeline.reporting.decks_html import decks_html
from pipeline.reporting.decks_json import decks_json
from pipeline.reporting.decks_plan import decks_plan_json, describe_decks_plan
from pipeline.reporting.decks_text import describe_decks
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.collection.finding import STDIN, find_decks
from pipeline.runs.collection.flow import illustrate_all
from pipeline.runs.collection.outcomes import Refused
from pipeline.runs.collection.placing import orders
from pipeline.runs.collection.pricing import plan_all
from pipeline.runs.preparing import Order
from pipeline.runs.targets import DECK_SUFFIXES
from pipeline.store.files import write_whole

_REPORTS = {".html": decks_html, ".json": decks_json, ".txt": describe_decks}


def add_sources(parser: Parser) -> None:
    """Which decks, and how they are looked for."""
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="DECK",
        help="the presentation, slide show or template; or several, folders, patterns, @LIST.txt, - for names on stdin",
    )
    parser.add_argument("-r", "--recursive", action="store_true", help="look into the folders of a folder too")
    for word, what in (("include", "only decks"), ("exclude", "no deck and no folder")):
        told = f"from folders and patterns {what} whose name or path below the folder fits; may be given again"
        parser.add_argument(f"--{word}", action="append", default=[], metavar="PATTERN", help=told)


def add_many(parser: Parser) -> None:
    """How many decks are made, and who is told of them."""
    parser.add_argument("--jobs", type=int, metavar="N", help="decks made at the same time; default: decks.jobs")
    told = "write a report of all decks there; may be given again"
    parser.add_argument(
        "--report", action="append", default=[], type=_report, metavar="FILE.html|.json|.txt", help=told
    )


def run_collection(options: argparse.Namespace, template: Order, configuration: Configuration) -> ExitCode:
    """Illustrate all that the options name. Raises PipelineError where that cannot begin."""
    check_reports(options.report)
    if template.wait:
        raise UsageError("--wait waits for one deck; leave it out, and run the same command again to collect the rest")
    mailbox: Mailbox = SimpleQueue()
    clock, console = SystemClock(), DecksConsole(sys.stderr, quiet=options.quiet, plain=options.verbose)
    with (
        closing(console),
        telling(configuration, clock, console.told) as teller,
        logging_as_asked(options, configuration) as echo,
    ):
        crowd = Crowd(
            heard=teller.deck_ended,
            watching=teller.watching,
            progress=console,
            clock=clock,
            mailbox=mailbox,
            signals=lambda: stopping_in_order(mailbox),
            log_echo=echo,
            log_format=options.log_format,
        )
        report = illustrate_all(_asked(options, template), configuration, crowd)
        teller.decks_ended(report)
    _tell(report, options)
    return write_reports(report, options.report)


def plan_collection(options: argparse.Namespace, template: Order, configuration: Configuration) -> ExitCode:
    """Say what all that the options name would cost."""
    plan = plan_all(_asked(options, template), configuration, SystemClock(), lambda line: print(line, file=sys.stderr))
    print(decks_plan_json(plan) if options.json else describe_decks_plan(plan))
    return plan.exit_code


def check_reports(paths: list[Path]) -> None:
    """Raise FileAccessError where a report could not be written at the end."""
    for path in paths:
        if path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
            raise FileAccessError(f"--report: {path}: cannot be written there; name a file in a folder that is there")


def write_reports(report: DecksReport, paths: list[Path]) -> ExitCode:
    """Each in the form its name ends in; the code of all. One that cannot be written is told of and takes no other."""
    codes = {report.exit_code}
    for path in paths:
        try:
            write_whole(path, f"{_REPORTS[path.suffix.lower()](report)}\n".encode())
        except OSError as error:
            print(f"error: --report: {path}: cannot be written ({error.strerror}); name another", file=sys.stderr)
            codes.add(ExitCode.FILE_ACCESS)
    return worst(codes)


def _asked(options: argparse.Namespace, template: Order) -> Iterator[Order | Refused]:
    """What the options name, each with its own output. Raises UsageError where `template` has no folder for them."""
    output = template.output
    if output is not None:
        _check_folder(output, options.sources)
    found = find_decks(
        options.sources,
        recursive=options.recursive,
        include=options.include,
        exclude=options.exclude,
        stdin=sys.stdin,
        leave_out=() if output is None else (output,),
    )
    return orders(found, output, template)


def _check_folder(output: Path, sources: list[str]) -> None:
    """Raise UsageError for what is no folder, or is one that decks come from."""
    if not output.is_dir() and (output.exists() or output.suffix.lower() in DECK_SUFFIXES):
        raise UsageError(f"-o {output}: several decks go into a folder; name one, it is made where it is missing")
    for source in sources:
        if source != STDIN and os.path.isdir(source) and os.path.realpath(source) == os.path.realpath(output):  # noqa: PTH112
            raise UsageError(f"-o {output}: is where the decks are; name another folder, or leave out -o")


def _tell(report: DecksReport, options: argparse.Namespace) -> None:
    if options.json:
        print(decks_json(report))
    if not options.quiet:
        print(describe_decks(report), file=sys.stderr if options.json else sys.stdout)
    elif report.message:
        print(f"not every deck was begun: {report.message}", file=sys.stderr)


def _report(text: str) -> Path:
    """Where a report goes, by what it is to be."""
    path = Path(text)
    if path.suffix.lower() not in _REPORTS:
        raise argparse.ArgumentTypeError(f"{text}: name a file that ends in {', '.join(_REPORTS)}")
    return path
