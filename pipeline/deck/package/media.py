"""The bytes of new pictures, in a temporary file until the deck is saved: a thousand of them do not fit in memory."""

from __future__ import annotations

import hashlib
import tempfile
import weakref
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import FileAccessError

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One picture in the spool. `crc` is zip's CRC-32, `sha256` its hexadecimal digest."""

    offset: int
    length: int
    crc: int
    sha256: str
    extension: str


class MediaSpool:
    """A file without a name that goes when it is closed or forgotten. Equal bytes are kept once."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="deck-illustrator-")  # noqa: SIM115 -- closed with the deck
        self._by_digest: dict[str, Media] = {}
        self._end = 0
        self.close = weakref.finalize(self, self._file.close)

    def add(self, data: bytes, extension: str) -> Media:
        """Keep `data`. Raises FileAccessError where there is no room for it."""
        digest = hashlib.sha256(data).hexdigest()
        known = self._by_digest.get(digest)
        if known is not None:
            return known
        try:
            self._file.seek(self._end)
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            folder = tempfile.gettempdir()
            raise FileAccessError(
                f"{folder}: cannot keep a picture there ({error.strerror}); free some space or set TMPDIR"
            ) from error
        media = Media(offset=self._end, length=len(data), crc=zlib.crc32(data), sha256=digest, extension=extension)
        self._end += len(data)
        self._by_digest[digest] = media
        return media

    def chunks(self, media: Media) -> Iterator[bytes]:
        """The bytes of a picture, a piece at a time."""
        position, end = media.offset, media.offset + media.length
        while position < end:
            self._file.seek(position)
            piece = self._file.read(min(CHUNK_BYTES, end - position))
            if not piece:
                raise OSError("the temporary file of pictures was cut off")
            position += len(piece)
            yield piece
