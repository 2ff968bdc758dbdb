"""A disk of a test's own, which can be filled up and emptied, and taken to be read only."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEGABYTE = 1_000_000
_BALLAST = "ballast"


class Disk:
    """A tmpfs mounted at `folder` by the program `mount`."""

    def __init__(self, folder: Path, mount: str) -> None:
        self.folder = folder
        self._mount = mount

    def fill(self, *, leaving: int = 0) -> None:
        """Have no byte free but `leaving`. Others may be writing there meanwhile."""
        with (self.folder / _BALLAST).open("wb") as file:
            while (room := shutil.disk_usage(self.folder).free - leaving) > 0:
                try:
                    os.posix_fallocate(file.fileno(), 0, room)
                except OSError as error:
                    if error.errno != errno.ENOSPC:  # somebody was quicker
                        raise
                else:
                    return

    def free(self) -> None:
        (self.folder / _BALLAST).unlink()

    def make_read_only(self) -> None:
        subprocess.run([self._mount, "-o", "remount,ro", str(self.folder)], check=True)


@contextmanager
def mounted(folder: Path, *, size: int) -> Iterator[Disk]:
    """A disk of `size` bytes; skips the test where none can be had."""
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or sys.platform != "linux":
        pytest.skip("there is no tmpfs here")
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a file system")
    try:
        yield Disk(folder, mount)
    finally:
        subprocess.run([umount, str(folder)], check=True)
