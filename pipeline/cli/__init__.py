"""The command line: which command is meant, and the single place where an exception becomes an exit code."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper

from pipeline.cli.arguments import finished
from pipeline.cli.commands import command_of
from pipeline.cli.signals import Terminated, stopping_at_once
from pipeline.errors import ExitCode, PipelineError
from pipeline.reporting.failures import refusal_json
from pipeline.reporting.report import failure_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the return value is the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that cannot show a slide's title must not end the run
            stream.reconfigure(errors="backslashreplace")
    command, words = command_of(list(sys.argv[1:] if arguments is None else arguments))
    options = finished(command.parser()).parse_args(words)
    try:
        with stopping_at_once():
            code = command.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        return _unheard()
    except PipelineError as error:
        return _fail(options, f"error: {' '.join(str(error).split())}", error.exit_code)
    except KeyboardInterrupt as interrupt:
        is_term = isinstance(interrupt, Terminated)
        return _fail(options, "interrupted", ExitCode.TERMINATED if is_term else ExitCode.INTERRUPTED)
    except Exception:  # noqa: BLE001 - the last line of defence: a report a maintainer can use
        traceback.print_exc()
        bug = f"error: a bug in deck-illustrator {version('deck-illustrator')}; please report the lines above"
        return _fail(options, bug, ExitCode.BUG)
    return code


def _unheard() -> ExitCode:
    """Whoever read what is printed has left (`… | head`): the rest is for nobody, and the interpreter's end silent."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.FILE_ACCESS


def _fail(options: argparse.Namespace, line: str, code: ExitCode) -> ExitCode:
    message = line.removeprefix("error: ")
    if options.json:
        print(failure_json(message, code, options.deck) if "deck" in options else refusal_json(message, code))
    print(line, file=sys.stderr)
    return code
