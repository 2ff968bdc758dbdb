"""What the body of a POST holds: a JSON object, or the fields and files of a form."""

from __future__ import annotations

import json
from email.parser import BytesParser
from email.policy import HTTP

from tests.fakes.wire import Json, Upload


def content(content_type: str, raw: bytes) -> tuple[Json, dict[str, Upload]]:
    """The JSON object or the fields sent, and the files of a form; anything else is {} and lacks every field."""
    if content_type.startswith("multipart/form-data"):
        return _form(content_type, raw)
    try:
        found = json.loads(raw)
    except ValueError:
        return {}, {}
    return found if isinstance(found, dict) else {}, {}


def _form(content_type: str, raw: bytes) -> tuple[Json, dict[str, Upload]]:
    """The parts of a form (RFC 7578): the value of every field is a text, a part with a file's name is a file."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    fields: Json = {}
    files: dict[str, Upload] = {}
    for part in message.iter_parts():
        name, filename = str(part.get_param("name", header="content-disposition")), part.get_filename()
        data = bytes(part.get_payload(decode=True))
        if filename is None:
            fields[name] = data.decode()
        else:
            files[name] = Upload(filename=filename, data=data)
    return fields, files
