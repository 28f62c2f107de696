"""A collector for tests: a real HTTP server that takes spans by OTLP and keeps them."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from reelhook.collector import told


@dataclass(frozen=True)
class Told:
    """One span as it was told. *links* are the ids of spans."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int
    took_ns: int
    attributes: dict[str, Any]
    links: list[str]
    failed: str | None
    """The code of what went wrong."""


class Collector(ThreadingHTTPServer):
    """Answers with *status*, once it may go on."""

    def __init__(self) -> None:
        self.spans: list[Told] = []
        self.resources: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.raw = b""
        self.status = 200
        self.may_answer = threading.Event()
        self.may_answer.set()
        super().__init__(("127.0.0.1", 0), Takes)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def named(self, name: str) -> list[Told]:
        return [one for one in self.spans if one.name == name]

    def children(self, of: Told) -> list[Told]:
        return [one for one in self.spans if one.parent == of.id]

    def take(self, body: bytes) -> None:
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append(_plain(resource.resource.attributes))
            for scope in resource.scope_spans:
                self.spans += map(_told, scope.spans)


class Takes(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Collector)
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["content-length"]))
        server.may_answer.wait(20)
        server.headers.append({name.lower(): value for name, value in self.headers.items()})
        if server.status == 200:
            server.take(gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
        self.send_response(server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return None


@contextmanager
def collector() -> Iterator[Collector]:
    """Running inside this block."""
    server = Collector()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.may_answer.set()
        server.shutdown()
        server.server_close()


@contextmanager
def told_here() -> Iterator[Collector]:
    """This process makes spans inside the block; they have all arrived after it."""
    with collector() as heard, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", heard.endpoint)
        with told(True):
            yield heard


def _told(span: Any) -> Told:
    return Told(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        kind=span.kind,
        took_ns=span.end_time_unix_nano - span.start_time_unix_nano,
        attributes=_plain(span.attributes),
        links=[link.span_id.hex() for link in span.links],
        failed=span.status.message if span.status.code == span.status.STATUS_CODE_ERROR else None,
    )


def _plain(attributes: Any) -> dict[str, Any]:
    def value(one: KeyValue) -> Any:
        return getattr(one.value, one.value.WhichOneof("value") or "string_value")

    return {one.key: value(one) for one in attributes}
