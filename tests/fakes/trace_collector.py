"""A collector of traces that speaks OTLP over HTTP: it reads the protobuf messages as they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.fakes.http_server import FakeService
from tests.fakes.wire import Json, Reply, Request

_PROTOBUF = "application/x-protobuf"


class TraceCollector(FakeService):
    """`spans` are those that came, `raw` the bytes they came in, `resources` what was said of who sends them."""

    def __init__(self) -> None:
        super().__init__(api_key="")
        self.spans: list[Span] = []
        self.raw = b""
        self.resources: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"{self.origin}/v1/traces"

    def taken(self, path: str, headers: Mapping[str, str], raw: bytes) -> Request:
        request = super().taken(path, headers, raw)
        if path == "/v1/traces" and headers.get("content-type") == _PROTOBUF:
            self.raw += raw
            for batch in ExportTraceServiceRequest.FromString(raw).resource_spans:
                self.resources.append({one.key: one.value.string_value for one in batch.resource.attributes})
                self.spans += [span for scope in batch.scope_spans for span in scope.spans]
        return request

    def answer(self, request: Request) -> Reply:
        body = ExportTraceServiceResponse().SerializeToString()
        return Reply(status=200, headers={"content-type": _PROTOBUF}, body=body)

    def error_body(self, status: int, message: str) -> Json:
        return {"code": status, "message": message}

    def of(self, name: str) -> list[Span]:
        """The spans called so, in the order of their beginning."""
        return sorted((span for span in self.spans if span.name == name), key=lambda span: span.start_time_unix_nano)


def attributes_of(span: Span) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}
