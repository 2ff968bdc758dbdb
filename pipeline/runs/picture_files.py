"""The files of pictures made without a deck."""

from __future__ import annotations

from pathlib import Path

from PIL.Image import Image

from pipeline.errors import FileAccessError, UsageError
from pipeline.images.encoding import SUFFIXES, encoded_as, suffix_of
from pipeline.records import GeneratedImage
from pipeline.store.files import write_whole

# What a name without a suffix may get.
_POSSIBLE = (".png", ".jpg", ".webp", ".gif")


class PictureFiles:
    """Safe for many threads, each with a number of its own.

    One picture is `output`, several are OUTPUT-1, OUTPUT-2, …
    """

    def __init__(self, output: Path, count: int, *, may_overwrite: bool) -> None:
        """Raises UsageError for a kind of file that is none of ours, FileAccessError where nothing may be written."""
        if output.suffix and output.suffix.lower() not in SUFFIXES:
            raise UsageError(f"{output}: pictures are saved as {', '.join(SUFFIXES)}; name it like that, or without")
        if output.is_dir() or not output.name:
            raise FileAccessError(f"{output}: is a folder; name a file")
        if not output.parent.is_dir():
            raise FileAccessError(f"{output.parent}: no such folder; make it, or name another")
        self._output = output
        self._count = count
        self.paths: dict[int, Path] = {}
        if not may_overwrite:
            self._check_free()

    def put(self, number: int, image: GeneratedImage, picture: Image) -> None:
        """Write `image`, which shows `picture`, in the kind of file its name says. Raises FileAccessError."""
        suffix = self._output.suffix
        path = self._named(number, suffix or suffix_of(image.data))
        _write(path, encoded_as(image.data, picture, suffix) if suffix else image.data)
        self.paths[number] = path

    def _check_free(self) -> None:
        suffixes = (self._output.suffix,) if self._output.suffix else _POSSIBLE
        for number in range(1, self._count + 1):
            for path in (self._named(number, suffix) for suffix in suffixes):
                if path.exists():
                    raise FileAccessError(f"{path}: exists already; name another with -o, or overwrite with --force")

    def _named(self, number: int, suffix: str) -> Path:
        stem = self._output.stem if self._output.suffix else self._output.name
        return self._output.with_name(f"{stem}-{number}{suffix}" if self._count > 1 else f"{stem}{suffix}")


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be written ({error.strerror}); free space or fix its rights") from error
