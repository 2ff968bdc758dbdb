"""A command of the person's own that is run when a deck has ended, without a shell and without anybody's keys."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

from pipeline.config.credentials import Credentials
from pipeline.config.settings import Hook as HookSettings
from pipeline.telling.messages import UntoldError

# Keys that are shorter than this are not looked for inside longer values: they stand in any text by chance.
_MIN_CHARS = 8
_TAIL_BYTES = 4096
_LINE_CHARS = 200


class Hook:
    """The command. It gets the JSON report on its standard input; what it writes to its output is not shown.

    Its variables are those of this process without keys, and `DECK_EVENT` ("deck.done"), `DECK_INPUT`, `DECK_OUTPUT`
    ("" where nothing was delivered). They have not the prefix of settings, so that it may start this program.
    """

    def __init__(self, settings: HookSettings, credentials: Credentials, environ: Mapping[str, str]) -> None:
        self._command = settings.command
        self._timeout_s = settings.timeout_s
        self._credentials = credentials
        self._environ = environ

    def run(self, event: str, source: str, output: str | None, report: str) -> None:
        """Run it to its end. Raises UntoldError where it cannot be started, fails or takes too long."""
        told = {"DECK_EVENT": event, "DECK_INPUT": source, "DECK_OUTPUT": output or ""}
        environ = without_keys(self._environ, self._credentials) | told
        with tempfile.TemporaryFile() as errors:  # a pipe would be held open by whatever it leaves running
            try:
                process = subprocess.Popen(  # noqa: S603 - the person's own command, as a list
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    env=environ,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                raise self._untold(f"cannot be started ({reason}); correct the command") from error
            self._finish(process, report)
            if process.returncode:
                raise self._untold(f"ended with {_told(process.returncode)}{_last_line(errors)}")

    def _finish(self, process: subprocess.Popen[bytes], report: str) -> None:
        """Give it its input and wait. Whatever breaks in here, nothing of it stays behind."""
        try:
            process.communicate(report.encode(), timeout=self._timeout_s)
        except subprocess.TimeoutExpired as error:
            raise self._untold(f"did not end within {self._timeout_s:g} s and was killed") from error
        finally:
            if process.poll() is None:
                _kill(process)

    def _untold(self, why: str) -> UntoldError:
        return UntoldError(f"hook.command: {self._command[0]}: {why}")


def without_keys(environ: Mapping[str, str], credentials: Credentials) -> dict[str, str]:
    """`environ` without the variables of keys that the catalog names, and without any that holds a key all the same."""
    services = [access.service for access in credentials.accesses.values()]
    names = {variable for service in services if service.key for variable in service.key.variables}
    secrets = credentials.secrets
    return {
        name: value
        for name, value in environ.items()
        if name not in names and not any(_holds(value, secret) for secret in secrets)
    }


def _holds(value: str, secret: str) -> bool:
    return value.strip() == secret or (len(secret) >= _MIN_CHARS and secret in value)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it has started."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):  # what macOS says of a group that has just ended
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _told(code: int) -> str:
    return f"exit code {code}" if code > 0 else f"signal {-code}"


def _last_line(errors: IO[bytes]) -> str:
    """The last line a program wrote to its standard error, after a colon; "" where it wrote none."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _TAIL_BYTES))
    lines = errors.read().decode("utf-8", "replace").split("\n")
    line = next((line.strip() for line in reversed(lines) if line.strip()), "")
    shown = "".join(letter if letter.isprintable() else " " for letter in line)[:_LINE_CHARS]
    return f": {shown}" if shown else ""
