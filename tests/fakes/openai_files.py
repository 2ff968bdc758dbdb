"""The Files endpoint of the OpenAI API: upload (a form), retrieve, list, content, delete. What batches read and write.

Wire facts: `resources/files.py` and `types/file_object.py` of `openai` 3.5x; the refusal of a batch file that is not
called .jsonl was seen on the wire (litellm pull request 37527).
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.fakes.wire import Json, Refused, Reply, Request

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
BATCH_LIFETIME_S = 30 * 24 * 3600
MAX_PAGE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """One file. `created` is a Unix time in s."""

    id: str
    filename: str
    purpose: str
    created: int
    data: bytes = field(repr=False)
    expires_at: int | None = None

    def described(self) -> Json:
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.data),
            "created_at": self.created,
            "expires_at": self.expires_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }


class Files:
    """The files of one server. Safe for threads. `refuse(status, message, param)` makes an error to be raised."""

    def __init__(self, refuse: Callable[[int, str, str | None], Refused]) -> None:
        self._refuse = refuse
        self._files: dict[str, StoredFile] = {}
        self._made = 0
        self._lock = threading.Lock()

    def find(self, name: str) -> StoredFile | None:
        with self._lock:
            return self._files.get(name)

    def add(self, filename: str, purpose: str, data: bytes, lifetime_s: int | None = None) -> StoredFile:
        with self._lock:
            self._made += 1
            name = f"file-{hashlib.sha256(f'{self._made} {filename}'.encode()).hexdigest()[:22]}"
            created = int(time.time())
            expires = None if lifetime_s is None else created + lifetime_s
            made = StoredFile(
                id=name, filename=filename, purpose=purpose, created=created, data=data, expires_at=expires
            )
            self._files[name] = made
            return made

    def drop(self, name: str) -> bool:
        """Whether there was such a file."""
        with self._lock:
            return self._files.pop(name, None) is not None

    def uploaded(self, request: Request) -> Reply:
        """POST /files. Raises Refused."""
        purpose, file = request.body.get("purpose"), request.files.get("file")
        if file is None:
            raise self._refuse(400, "'file' is a required property", "file")
        if purpose not in PURPOSES:
            raise self._refuse(400, f"'{purpose}' is not one of {list(PURPOSES)} - 'purpose'", "purpose")
        if purpose == "batch" and not file.filename.endswith(".jsonl"):
            raise self._refuse(400, "Invalid file format for Batch API. Must be .jsonl", None)
        if not file.data:
            raise self._refuse(400, "File is empty.", "file")
        usual = BATCH_LIFETIME_S if purpose == "batch" else None
        return Reply.of_json(
            self.add(file.filename, purpose, file.data, self._lifetime_s(request.body) or usual).described()
        )

    def fetched(self, request: Request, operation: str) -> Reply:
        """GET of "files", "files/{id}" or "files/{id}/content". Raises Refused."""
        if operation == "files":
            return self._listed(request)
        _, name, *rest = operation.split("/")
        file = self._named(name)
        if rest != ["content"]:
            return Reply.of_json(file.described())
        headers = {
            "content-type": "application/octet-stream",
            "content-disposition": f'attachment; filename="{file.filename}"',
        }
        return Reply(headers=headers, body=file.data)

    def removed(self, operation: str) -> Reply:
        """DELETE of "files/{id}". Raises Refused."""
        file = self._named(operation.removeprefix("files/"))
        self.drop(file.id)
        return Reply.of_json({"id": file.id, "object": "file", "deleted": True})

    def _named(self, name: str) -> StoredFile:
        file = self.find(name)
        if file is None:
            raise self._refuse(404, f"No such File object: {name}", "id")
        return file

    def _lifetime_s(self, form: Json) -> int | None:
        wanted = form.get("expires_after[seconds]")
        if wanted is None:
            return None
        if not wanted.isdecimal() or not 3600 <= int(wanted) <= 30 * 24 * 3600:
            raise self._refuse(400, "'expires_after[seconds]' must be between 3600 and 2592000", "expires_after")
        return int(wanted)

    def _listed(self, request: Request) -> Reply:
        """One page, newest first unless asked otherwise."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        with self._lock:
            found = [file for file in self._files.values() if query.get("purpose") in (None, file.purpose)]
        if query.get("order") != "asc":
            found.reverse()
        page, has_more = a_page([file.id for file in found], query, MAX_PAGE)
        listed = [file.described() for file in found if file.id in page]
        return Reply.of_json({"object": "list", "data": listed, "has_more": has_more})


def a_page(ids: list[str], query: dict[str, str], limit: int) -> tuple[list[str], bool]:
    """The ids after the cursor `after`, as many as `limit` says (or else the query), and whether there are more."""
    start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
    end = start + min(limit, int(query.get("limit", limit)))
    return ids[start:end], end < len(ids)
