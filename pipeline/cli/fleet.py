"""The commands of a fleet: work for it, hand decks in, look how far they are, call them off, hand in by the clock."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from pipeline.cli.arguments import Parser, add_config, add_overwriting, add_settings, configuration_from, parser_of
from pipeline.cli.making import add_choices, choices_of
from pipeline.config.loader import Configuration
from pipeline.engine.clock import SystemClock
from pipeline.engine.threads import in_background
from pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from pipeline.fleet.jobs import JobBook

_WORKER = """\
Work for the fleet: take decks and pictures from the queue until told to stop (Ctrl-C, SIGTERM). What is paid for comes
in first; a second signal ends at once, and others go on with it.

Settings: fleet.broker_url, fleet.redis_url, fleet.storage; keys are this machine's own.
"""
_SUBMIT = """\
Hand decks in to the fleet: files, folders, patterns, @list.txt, - for names on stdin, or URLs (s3://, gs://, az://,
sftp://). Paths must mean the same on every worker. Prints the job's id.

  %(prog)s submit s3://bucket/decks/ -o s3://bucket/done/ --wait
  %(prog)s submit decks/ -r -o /shared/done/
"""
_LOOK_EVERY_S = 0.2
_SHARES = ("decks", "images")


def worker_parser() -> Parser:
    parser = parser_of("worker", _WORKER)
    add_settings(parser)
    parser.add_argument("--only", choices=_SHARES, help="decks: prompts and assembly; images: pictures; default: both")
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    return parser


def run_worker(options: argparse.Namespace) -> ExitCode:
    if options.only is None:
        return _supervise(sys.argv[1:])
    _require()
    from pipeline.fleet.worker import run_worker as work  # noqa: PLC0415 - Celery is loaded where it is used

    if options.supervised:
        in_background(_end_with_parent)
    return work(configuration_from(options, {}), options.only, say=lambda line: print(line, file=sys.stderr))


def submit_parser() -> Parser:
    parser = parser_of("submit", _SUBMIT)
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="decks, folders, patterns, URLs")
    parser.add_argument("-o", "--output", required=True, metavar="TARGET", help="the folder or URL results go to")
    parser.add_argument("-r", "--recursive", action="store_true", help="folders with all that is below them")
    parser.add_argument("--include", action="append", default=[], metavar="GLOB", help="only these, in folders")
    parser.add_argument("--exclude", action="append", default=[], metavar="GLOB", help="not these, in folders")
    parser.add_argument("--wait", action="store_true", help="until the job is over; Ctrl-C leaves it under way")
    add_choices(parser, offline="no service, no key: the workers draw themselves")
    add_overwriting(parser, "overwrite existing targets")
    add_settings(parser)
    return parser


def run_submit(options: argparse.Namespace) -> ExitCode:
    _require()
    from pipeline.fleet.app import make_app  # noqa: PLC0415 - Celery is loaded where it is used
    from pipeline.fleet.submitting import Wish, submit, travelling  # noqa: PLC0415

    configuration = configuration_from(options, choices_of(options))
    wish = Wish(
        sources=options.sources,
        target=options.output,
        recursive=options.recursive,
        include=options.include,
        exclude=options.exclude,
        force=options.force,
        values=travelling(configuration),
        stdin=sys.stdin,
    )
    with closing(_redis(configuration)) as client:
        book = _book(client)
        job = submit(wish, book, make_app(configuration.settings.fleet), SystemClock())
        if not options.json or not options.wait:
            print(job.id, flush=True)
        return _waited(book, job.id, options) if options.wait else ExitCode.OK


def status_parser() -> Parser:
    parser = parser_of("status", "How far a job is; without one, the jobs handed in last.")
    parser.add_argument("job", nargs="?", metavar="JOB", help="the id that `submit` printed")
    parser.add_argument("--dead", action="store_true", help="tasks that nobody tries again, and why")
    add_config(parser)
    return parser


def run_status(options: argparse.Namespace) -> ExitCode:
    _require()
    from pipeline.fleet import telling  # noqa: PLC0415

    with closing(_redis(configuration_from(options, {}))) as client:
        book = _book(client)
        if options.dead:
            letters = book.dead_letters()
            print(telling.dead_json(letters) if options.json else telling.describe_dead(letters))
        elif options.job is None:
            print(telling.jobs_json(book) if options.json else telling.describe_jobs(book))
        else:
            job = book.job(options.job)
            rows = list(book.decks(job))
            print(telling.job_json(job, rows) if options.json else telling.describe_job(job, rows))
    return ExitCode.OK


def cancel_parser() -> Parser:
    parser = parser_of("cancel", "Begin nothing more of a job. What is being paid for comes in and is kept.")
    parser.add_argument("job", metavar="JOB", help="the id that `submit` printed")
    add_config(parser)
    return parser


def run_cancel(options: argparse.Namespace) -> ExitCode:
    _require()
    with closing(_redis(configuration_from(options, {}))) as client:
        book = _book(client)
        waiting = book.cancel(book.job(options.job))
    print(f"{options.job}: cancelled; {waiting} decks had not begun, those under way end soon")
    return ExitCode.OK


def beat_parser() -> Parser:
    parser = parser_of("beat", "Hand in decks by the clock, as `schedule` in the settings says. Run one in a fleet.")
    add_config(parser)
    return parser


def run_beat(options: argparse.Namespace) -> ExitCode:
    _require()
    from pipeline.fleet.beating import beat  # noqa: PLC0415

    beat(configuration_from(options, {}))
    return ExitCode.OK


def _waited(book: JobBook, job_id: str, options: argparse.Namespace) -> ExitCode:
    from pipeline.fleet import telling  # noqa: PLC0415
    from pipeline.fleet.waiting import wait_for  # noqa: PLC0415

    job = book.job(job_id)
    wait_for(book, job, SystemClock(), tell=lambda line: print(line, file=sys.stderr))
    rows = list(book.decks(job))
    print(telling.job_json(job, rows) if options.json else telling.describe_job(job, rows))
    return telling.exit_code_of(rows)


def _supervise(words: list[str]) -> ExitCode:
    """Both shares of a worker as processes of their own; where one ends, the other does."""
    program = [sys.executable, "-c", "from pipeline.cli import main; raise SystemExit(main())"]
    children = [
        # Each reads from a pipe that this process holds open: at its end, whichever way, they know.
        subprocess.Popen([*program, *words, "--only", share, "--supervised"], stdin=subprocess.PIPE)  # noqa: S603 - ourselves
        for share in _SHARES
    ]

    told: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        told.append(number)
        for child in children:
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    while not (ended := [code for child in children if (code := child.poll()) is not None]):
        time.sleep(_LOOK_EVERY_S)
    if not told:
        pass_on(signal.SIGTERM, None)
    # Who ended first says why; the other was told to.
    codes = [*ended, *(child.wait() for child in children)]
    code = next((code for code in codes if code), 0)
    return ExitCode(code) if code in set(ExitCode) else ExitCode.BUG


def _end_with_parent() -> None:
    """Ends this process in order when its parent is gone."""
    os.read(sys.stdin.fileno(), 1)  # without Python's own buffer, whose lock the interpreter's end would wait for
    os.kill(os.getpid(), signal.SIGTERM)


def _redis(configuration: Configuration) -> Any:
    from pipeline.fleet.app import redis_url_of  # noqa: PLC0415
    from pipeline.store.shared.connecting import open_redis  # noqa: PLC0415

    return open_redis(redis_url_of(configuration.settings.fleet))


def _book(client: Any) -> JobBook:
    from pipeline.fleet.jobs import JobBook as Book  # noqa: PLC0415

    return Book(client, SystemClock().now)


def _require() -> None:
    """Raises UsageError where the extra is not installed."""
    try:
        import celery  # noqa: F401, PLC0415
        import fsspec  # noqa: F401, PLC0415
        import redis  # noqa: F401, PLC0415
    except ImportError as error:
        raise UsageError("a fleet needs more packages; run: pip install 'deck-illustrator[fleet]'") from error
