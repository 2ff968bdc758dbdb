"""How OpenAI's Batch API checks an input file: every line, before any is worked off; one bad line fails the batch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.wire import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One entry of a failed batch's errors. `line` counts from 1; None where no line is to blame."""

    code: str
    message: str
    param: str | None = None
    line: int | None = None

    def described(self) -> Json:
        return {"code": self.code, "message": self.message, "param": self.param, "line": self.line}


def read_lines(data: bytes) -> list[Json | None]:
    """The lines of an input file; None for one that is no JSON object. A newline at the end begins no line."""
    return [_object(line) for line in data.removesuffix(b"\n").split(b"\n")] if data.strip() else []


def problems(
    lines: Sequence[Json | None], data: bytes | None, endpoint: str, max_items: int, max_bytes: int
) -> list[Problem]:
    """What is wrong with an input file; `data` is None where there is no file for batches of that id."""
    if data is None:
        return [Problem(code="invalid_input_file", message="No such file, or its purpose is not 'batch'.")]
    if not lines:
        return [Problem(code="empty_file", message="The batch input file is empty.")]
    if len(lines) > max_items:
        return [Problem(code="too_many_tasks", message=f"The batch may have at most {max_items} requests.")]
    if len(data) > max_bytes:
        return [Problem(code="file_too_large", message=f"The batch input file may have at most {max_bytes} bytes.")]
    found: list[Problem] = []
    seen: set[str] = set()
    model = next((line["body"].get("model") for line in lines if line and isinstance(line.get("body"), dict)), None)
    for number, line in enumerate(lines, 1):
        found.extend(_of_line(number, line, endpoint, model, seen))
    return found


def _of_line(number: int, line: Json | None, endpoint: str, model: Any, seen: set[str]) -> Iterator[Problem]:
    if line is None:
        yield Problem(code="invalid_json_line", message="This line is not parseable as valid JSON.", line=number)
        return
    for name, kind in (("custom_id", str), ("method", str), ("url", str), ("body", dict)):
        if not isinstance(line.get(name), kind):
            message = f"Missing required parameter: '{name}'."
            yield Problem(code="missing_required_parameter", message=message, param=name, line=number)
            return
    if line["custom_id"] in seen:
        message = f"The custom_id '{line['custom_id']}' is a duplicate of another request's."
        yield Problem(code="duplicate_custom_id", message=message, param="custom_id", line=number)
    seen.add(line["custom_id"])
    if line["method"] != "POST":
        yield Problem(code="invalid_method", message="Only POST is supported.", param="method", line=number)
    if line["url"] != endpoint:
        message = f"The URL '{line['url']}' does not match the batch endpoint '{endpoint}'."
        yield Problem(code="url_mismatch", message=message, param="url", line=number)
    if line["body"].get("model") != model:
        message = f"The model '{line['body'].get('model')}' differs from '{model}': a batch has one model."
        yield Problem(code="model_mismatch", message=message, param="body.model", line=number)


def _object(line: bytes) -> Json | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
