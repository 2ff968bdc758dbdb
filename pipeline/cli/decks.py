"""The commands for a deck: illustrate it, plan that, take our pictures out again; and the settings they go by."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from pipeline.cli.arguments import Parser, add_overwriting, parser_of
from pipeline.cli.collection import add_many, add_sources, check_reports, plan_collection, run_collection, write_reports
from pipeline.cli.making import add_making, making_configuration
from pipeline.cli.signals import stopping_in_order
from pipeline.cli.surroundings import add_logging, logging_as_asked, telling
from pipeline.engine.clock import SystemClock
from pipeline.engine.threads import Mailbox
from pipeline.errors import ExitCode, PipelineError, UsageError
from pipeline.outcomes import DecksReport
from pipeline.reporting.configuration import config_json, describe_config
from pipeline.reporting.console import progress_on
from pipeline.reporting.report import plan_json, report_json, strip_json
from pipeline.reporting.summary import describe_plan, describe_strip, headline, summarize
from pipeline.runs.assembly import Surroundings
from pipeline.runs.collection.finding import is_many
from pipeline.runs.collection.outcomes import Refused, outcome_of, outcome_of_refusal
from pipeline.runs.costs import quote_for
from pipeline.runs.deck_run import illustrate
from pipeline.runs.preparing import Order
from pipeline.runs.strip_run import strip

_DESCRIPTION = """\
Put a fitting picture on every slide of a PowerPoint deck that wants one, and change nothing else.

  %(prog)s DECK.pptx          illustrate a deck
  %(prog)s decks/ -o out/     illustrate several: folders, patterns, @list.txt, - for names on stdin
  %(prog)s decks/ -o out/     illustrate all decks of a folder; `-r`: of the folders in it too
  %(prog)s plan DECK.pptx     say which slides get a picture, where, why and at what cost; no call, no file
  %(prog)s strip DECK.pptx    take our pictures out again and leave the rest as it is
  %(prog)s config             print the settings and where each came from
  %(prog)s models             list the models there are, what they cost, whether you can use them
  %(prog)s providers          list the services, whose key each has, and try, switch off or on
  %(prog)s generate "a lynx"  make pictures without a deck
  %(prog)s history            what was run, made and paid
  %(prog)s cache              what is kept, so that it is not paid for twice
  %(prog)s watch INBOX        illustrate every deck that is put into a folder
  %(prog)s schedule           make decks by the clock
  %(prog)s submit decks/      hand decks in to several machines; worker, status, cancel, beat

Each command says more when asked for help.
"""


def illustrate_parser() -> Parser:
    parser = parser_of("", _DESCRIPTION)
    add_sources(parser)
    _add_output(
        parser, "or, for several decks, their folder; default: DECK.illustrated.pptx beside each", with_log=True
    )
    _add_slides(parser)
    parser.add_argument("--dry-run", action="store_true", help="as `plan`: no call, no file, what it will cost")
    parser.add_argument("--sequential", action="store_true", help="finish each slide before the next is begun")
    add_making(parser)
    _add_batch(parser)
    parser.add_argument("--wait", action="store_true", help="with --batch: wait until it is done")
    add_many(parser)
    return parser


def run_illustrate(options: argparse.Namespace) -> ExitCode:
    if options.dry_run:
        if options.report:
            raise UsageError("--report tells of decks that were made; leave it out, or --dry-run")
        return _plan(options, options.output)
    template = Order(
        input=Path(),
        output=options.output,
        slides=options.slides,
        sequential=options.sequential,
        force=options.force,
        batch=options.batch,
        wait=options.wait,
    )
    if is_many(options.sources):
        return run_collection(options, template, making_configuration(options, {"decks.jobs": options.jobs}))
    return _illustrate_one(replace(template, input=_one_deck(options)), options)


def _illustrate_one(order: Order, options: argparse.Namespace) -> ExitCode:
    configuration = making_configuration(options, {"decks.jobs": options.jobs})
    check_reports(options.report)
    mailbox: Mailbox = SimpleQueue()
    around = Surroundings(
        sink=progress_on(sys.stderr, quiet=options.quiet, plain=options.verbose),
        mailbox=mailbox,
        signals=lambda: stopping_in_order(mailbox),
        log_format=options.log_format,
    )
    with telling(configuration, around.clock, _said) as teller, logging_as_asked(options, configuration) as echo:
        around = replace(around, sink=teller.watching(around.sink), log_echo=echo)
        try:
            report = illustrate(order, configuration, around)
        except PipelineError as error:
            refused = outcome_of_refusal(Refused(input=str(order.input), error=error))
            write_reports(DecksReport(decks=(refused,), seconds=0.0), options.report)
            teller.deck_ended(refused, None)
            raise
        teller.deck_ended(outcome_of(report), report)
    if options.json:
        print(report_json(report))
    if not options.quiet:
        print(summarize(report), file=sys.stderr if options.json else sys.stdout)
    elif report.exit_code:
        print(f"{report.input}: {report.message or headline(report)}", file=sys.stderr)
    return write_reports(DecksReport(decks=(outcome_of(report),), seconds=report.seconds), options.report)


def _said(line: str) -> None:
    """By whoever tells of the deck, when the run and its bars are over."""
    print(line, file=sys.stderr)


def plan_parser() -> Parser:
    parser = parser_of("plan", "Say which slides get a picture, where, why and at what cost. No call, no file.")
    add_sources(parser)
    _add_slides(parser)
    add_making(parser)
    _add_batch(parser)
    return parser


def run_plan(options: argparse.Namespace) -> ExitCode:
    return _plan(options, None)


def _plan(options: argparse.Namespace, output: Path | None) -> ExitCode:
    # With force, as nothing is written and no signature is lost.
    template = Order(input=Path(), output=output, slides=options.slides, batch=options.batch, force=True)
    if is_many(options.sources):
        return plan_collection(options, template, making_configuration(options))
    order = replace(template, input=_one_deck(options))
    quote = quote_for(order, making_configuration(options), SystemClock())
    for notice in quote.notices:
        print(notice, file=sys.stderr)
    print(plan_json(quote, order.input) if options.json else describe_plan(quote))
    if quote.exceeds:
        return ExitCode.BUDGET
    return ExitCode.OK if quote.prices else ExitCode.NOTHING_TO_DO


def _one_deck(options: argparse.Namespace) -> Path:
    """The only deck, of which whatever is refused from now on is told."""
    deck = options.deck = Path(options.sources[0])
    return deck


def strip_parser() -> Parser:
    parser = parser_of("strip", "Take our pictures out of a deck again and leave the rest as it is.")
    parser.add_argument("deck", type=Path, metavar="DECK", help="the presentation, slide show or template")
    _add_output(parser, "default: DECK.stripped.pptx", with_log=False)
    return parser


def run_strip(options: argparse.Namespace) -> ExitCode:
    report = strip(options.deck, options.output, force=options.force)
    if options.json:
        print(strip_json(report))
    if not options.quiet:
        print(describe_strip(report), file=sys.stderr if options.json else sys.stdout)
    return report.exit_code


def config_parser() -> Parser:
    parser = parser_of("config", "Print every setting, its value and where it came from, and which keys are set.")
    parser.set_defaults(deck=Path())  # its refusals are told as those of a run, which they are
    add_making(parser)
    return parser


def run_config(options: argparse.Namespace) -> ExitCode:
    configuration = making_configuration(options)
    print(config_json(configuration) if options.json else describe_config(configuration))
    return ExitCode.OK


def _add_slides(parser: Parser) -> None:
    parser.add_argument("--slides", metavar="LIST", help="only these slides, for example 2-5,8")


def _add_output(parser: Parser, told: str, *, with_log: bool) -> None:
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=told)
    add_overwriting(parser, "overwrite an existing output; drop a digital signature")
    if with_log:
        add_logging(parser)
    else:
        parser.add_argument("-q", "--quiet", action="store_true", help="say only what must not be missed")


def _add_batch(parser: Parser) -> None:
    parser.add_argument("--batch", action="store_true", help="half the price, within a day: run again to collect")
