"""Until when each job's times are dealt with, kept over restarts; and one run of a job at a time on a machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import AwareDatetime, BaseModel, ConfigDict, RootModel, ValidationError

from pipeline.config.settings import ScheduledJob
from pipeline.errors import FileAccessError
from pipeline.store.files import PRIVATE_FOLDER, changing, make_folder, write_whole

_FILE = "schedule.json"
_LOCKS = "schedule.locks"
_LOCK_TIMEOUT_S = 10.0


class _Known(BaseModel):
    """A job as it was when its times were last dealt with. Fields of a later version are kept as they are."""

    model_config = ConfigDict(extra="allow", frozen=True)

    cron: str
    timezone: str
    until: AwareDatetime


class _Book(RootModel[dict[str, _Known]]):
    """What the file holds, by name and target: schedules of several config files may share it."""


class JobAtWorkError(FileAccessError):
    """Another process runs this job."""


class Memory:
    """What is remembered in `folder`, a person's folder of data, which is made if need be. Safe for processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / _FILE

    def dealt_with_until(self, job: ScheduledJob, now: datetime) -> datetime:
        """Until when no time of `job` is left to catch up with; `now` where it, or its time, is new, which is noted.

        Raises FileAccessError.
        """
        known = self._read().get(_key(job))
        if known is not None and (known.cron, known.timezone) == (job.cron, job.timezone):
            return known.until
        self.note(job, now)
        return now

    def note(self, job: ScheduledJob, until: datetime) -> None:
        """Remember that all times of `job` until then are dealt with. Raises FileAccessError."""
        with changing(self._file, _LOCK_TIMEOUT_S):
            known = _Known(cron=job.cron, timezone=job.timezone, until=until)
            book = _Book({**self._read(), _key(job): known})
            write_whole(self._file, book.model_dump_json(indent=2).encode())

    @contextmanager
    def alone_with(self, job: ScheduledJob) -> Iterator[None]:
        """Run the block while no other process runs `job`. Raises JobAtWorkError where one does."""
        path = self._folder / _LOCKS / f"{hashlib.sha256(_key(job).encode()).hexdigest()[:16]}.lock"
        lock = FileLock(path, timeout=0)
        try:
            make_folder(path.parent, mode=PRIVATE_FOLDER)
            lock.acquire()
        except Timeout as error:
            raise JobAtWorkError(
                f"job '{job.name}': another process is at it already; wait until it is done"
            ) from error
        except OSError as error:
            raise FileAccessError(f"{path}: cannot be written ({error.strerror}); fix the folder's rights") from error
        try:
            yield
        finally:
            lock.release()

    def _read(self) -> dict[str, _Known]:
        try:
            return _Book.model_validate_json(self._file.read_bytes()).root
        except FileNotFoundError:
            return {}
        except OSError as error:
            reason = error.strerror
            raise FileAccessError(f"{self._file}: cannot be read ({reason}); fix its rights or remove it") from error
        except ValidationError as error:
            raise FileAccessError(f"{self._file}: damaged; remove it, no job catches up with anything then") from error


def _key(job: ScheduledJob) -> str:
    """The same wherever the program is started."""
    return f"{job.name} -> {Path(job.target).absolute()}"
