"""The command line: arguments, signals, and the single place where an exception becomes an exit code."""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import Any

from pipeline.config.loader import Configuration, load_configuration
from pipeline.engine.clock import StopCause, SystemClock
from pipeline.engine.messages import StopRequested
from pipeline.engine.threads import Mailbox
from pipeline.errors import ExitCode, PipelineError
from pipeline.reporting.configuration import config_json, describe_config
from pipeline.reporting.console import progress_on
from pipeline.reporting.report import failure_json, plan_json, report_json, strip_json
from pipeline.reporting.summary import describe_plan, describe_strip, headline, summarize
from pipeline.runs.assembly import Surroundings
from pipeline.runs.costs import plan_costs
from pipeline.runs.deck_run import illustrate
from pipeline.runs.preparing import Order, prepare
from pipeline.runs.strip_run import strip

_DESCRIPTION = """\
Put a fitting picture on every slide of a PowerPoint deck that wants one, and change nothing else.

  %(prog)s DECK.pptx          illustrate a deck
  %(prog)s plan DECK.pptx     say which slides get a picture, where, why and at what cost; no call, no file
  %(prog)s strip DECK.pptx    take our pictures out again and leave the rest as it is
  %(prog)s config             print the settings and where each came from
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the return value is the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that cannot show a slide's title must not end the run
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    commands: dict[str, Callable[[argparse.Namespace], ExitCode]] = {
        "plan": _plan,
        "strip": _strip,
        "config": _config,
    }
    command = commands.get(words[0]) if words else None
    options = _parser(words[0] if command else "").parse_args(words[1:] if command else words)
    try:
        with _handling(_stop_at_once):
            return (command or _illustrate)(options)
    except PipelineError as error:
        return _fail(options, f"error: {' '.join(str(error).split())}", error.exit_code)
    except KeyboardInterrupt as interrupt:
        is_term = isinstance(interrupt, _Terminated)
        return _fail(options, "interrupted", ExitCode.TERMINATED if is_term else ExitCode.INTERRUPTED)
    except Exception:  # noqa: BLE001 - the last line of defence: a report a maintainer can use
        traceback.print_exc()
        bug = f"error: a bug in deck-illustrator {version('deck-illustrator')}; please report the lines above"
        return _fail(options, bug, ExitCode.BUG)


class _Terminated(KeyboardInterrupt):
    """SIGTERM, where Ctrl-C would raise KeyboardInterrupt."""


def _fail(options: argparse.Namespace, line: str, code: ExitCode) -> ExitCode:
    if options.json:
        print(failure_json(line.removeprefix("error: "), code, getattr(options, "deck", Path())))
    print(line, file=sys.stderr)
    return code


def _illustrate(options: argparse.Namespace) -> ExitCode:
    configuration = _configuration(options)
    mailbox: Mailbox = SimpleQueue()
    around = Surroundings(
        sink=progress_on(sys.stderr, quiet=options.quiet, plain=options.verbose),
        mailbox=mailbox,
        signals=lambda: _stopping_in_order(mailbox),
        log_echo=sys.stderr if options.verbose else None,
    )
    order = Order(
        input=options.deck,
        output=options.output,
        slides=options.slides,
        sequential=options.sequential,
        force=options.force,
    )
    report = illustrate(order, configuration, around)
    if options.json:
        print(report_json(report))
    if not options.quiet:
        print(summarize(report), file=sys.stderr if options.json else sys.stdout)
    elif report.exit_code:
        print(f"{report.input}: {report.message or headline(report)}", file=sys.stderr)
    return report.exit_code


def _plan(options: argparse.Namespace) -> ExitCode:
    order = Order(input=options.deck, slides=options.slides, force=True)  # nothing is written, no signature is lost
    prepared = prepare(order, _configuration(options), SystemClock())
    with closing(prepared.services), closing(prepared.file):
        costs_usd = plan_costs(prepared)
    offline = not prepared.services.provider.is_remote
    for notice in prepared.notices:
        print(notice, file=sys.stderr)
    if options.json:
        print(plan_json(prepared.plans, costs_usd, options.deck, offline=offline))
    else:
        print(describe_plan(prepared.plans, costs_usd, offline=offline))
    return ExitCode.OK if costs_usd else ExitCode.NOTHING_TO_DO


def _strip(options: argparse.Namespace) -> ExitCode:
    report = strip(options.deck, options.output, force=options.force)
    if options.json:
        print(strip_json(report))
    if not options.quiet:
        print(describe_strip(report), file=sys.stderr if options.json else sys.stdout)
    return report.exit_code


def _config(options: argparse.Namespace) -> ExitCode:
    configuration = _configuration(options)
    print(config_json(configuration) if options.json else describe_config(configuration))
    return ExitCode.OK


def _configuration(options: argparse.Namespace) -> Configuration:
    given: dict[str, Any] = {
        "style": options.style,
        "prompts.model": options.prompt_model,
        "images.model": options.image_model,
        "workers.image_workers": options.workers,
    }
    if options.exact:
        given["layout.ink"] = "rendered"
    if options.offline:
        given |= {"prompts.provider": "offline", "images.provider": "offline"}
    return load_configuration(options.config, {key: value for key, value in given.items() if value is not None})


@contextmanager
def _stopping_in_order(mailbox: Mailbox) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end the engine in order, the second at once."""
    causes = {signal.SIGINT: StopCause.INTERRUPTED, signal.SIGTERM: StopCause.TERMINATED}

    def handler(number: int, _frame: FrameType | None) -> None:
        # A SimpleQueue may be put to from a signal handler; no other queue and no event may.
        mailbox.put(StopRequested(cause=causes[signal.Signals(number)]))
        signal.signal(number, _stop_at_once)

    with _handling(handler):
        yield


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    former = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, was in former.items():
            signal.signal(number, was)


def _stop_at_once(number: int, _frame: FrameType | None) -> None:
    raise _Terminated if number == signal.SIGTERM else KeyboardInterrupt


def _parser(command: str) -> argparse.ArgumentParser:
    name = "deck-illustrator"
    parser = argparse.ArgumentParser(
        prog=f"{name} {command}".strip(),
        description=_DESCRIPTION % {"prog": name},
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if command != "config":
        parser.add_argument("deck", type=Path, metavar="DECK", help="the presentation, slide show or template")
    if command in ("", "strip"):
        _add_output(parser, with_log=not command)
    if command in ("", "plan"):
        parser.add_argument("--slides", metavar="LIST", help="only these slides, for example 2-5,8")
    if not command:
        parser.add_argument("--sequential", action="store_true", help="finish each slide before the next is begun")
    if command != "strip":
        _add_settings(parser)
    parser.add_argument("--json", action="store_true", help="the report on stdout, people's text on stderr")
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('deck-illustrator')}")
    return parser


def _add_output(parser: argparse.ArgumentParser, *, with_log: bool) -> None:
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: DECK.illustrated.pptx or .stripped")
    parser.add_argument("--force", action="store_true", help="overwrite an existing output; drop a digital signature")
    loudness = parser.add_mutually_exclusive_group()
    if with_log:
        loudness.add_argument("-v", "--verbose", action="store_true", help="show the log while running")
    loudness.add_argument("-q", "--quiet", action="store_true", help="say only what must not be missed")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in YAML")
    parser.add_argument("--workers", type=int, metavar="N", help="pictures made at the same time")
    parser.add_argument("--offline", action="store_true", help="no service, no key: draw on this machine")
    parser.add_argument("--exact", action="store_true", help="see where a slide is free in a render by LibreOffice")
    parser.add_argument("--style", metavar="NAME", help="the look of the pictures, a preset of prompts/styles")
    parser.add_argument("--prompt-model", metavar="MODEL", help="the Claude model that writes the prompts")
    parser.add_argument("--image-model", metavar="MODEL", help="the model that makes the pictures")
