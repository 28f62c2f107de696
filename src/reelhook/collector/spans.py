"""Our spans as those of OpenTelemetry."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, format_span_id, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from reelhook import __version__
from reelhook.collector import sending
from reelhook.collector.sending import Sending
from reelhook.errors import ReelhookError
from reelhook.kit.text import shorten
from reelhook.masking import scrub
from reelhook.tracing import Attributes, Kind

KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
# Names that every tool knows; whatever else is noted is our own.
KNOWN_NAMES = {
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
    "error": "error.type",
}
LONGEST = 200  # of an attribute: an event names its own type
PARENT = "traceparent"
_contexts = TraceContextTextMapPropagator()


class Spans:
    """The tracer of a process that tells a collector."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        # How many are kept is for OTEL_TRACES_SAMPLER to say; the end of the process is ours to look after.
        self._provider = TracerProvider(resource=_ourselves(), shutdown_on_exit=False)
        self._provider.add_span_processor(sending)
        self._tracer = self._provider.get_tracer("reelhook", __version__)

    @classmethod
    def to_collector(cls) -> Self:
        return cls(sending.to_collector())

    @contextmanager
    def span(
        self, name: str, kind: Kind, after: str | None, since: datetime | None, about: Attributes
    ) -> Iterator[None]:
        around, parent = trace.get_current_span(), _context(after)
        with self._tracer.start_as_current_span(
            name,
            context=parent,
            kind=KINDS[kind],
            links=[] if parent is None else _between(around),
            start_time=None if since is None else int(since.timestamp() * 1e9),
            record_exception=False,  # messages and tracebacks may hold what is secret, or of persons
            set_status_on_exception=False,
        ) as made:
            self.note(about)
            if parent is not None:
                around.add_link(made.get_span_context())
            try:
                yield
            except Exception as error:
                self.fail(error.code if isinstance(error, ReelhookError) else type(error).__name__)
                raise

    def note(self, about: Attributes) -> None:
        if (current := trace.get_current_span()).is_recording():  # else nobody will see it
            current.set_attributes(_shown(about))

    def rename(self, name: str) -> None:
        trace.get_current_span().update_name(name)

    def fail(self, code: str) -> None:
        current = trace.get_current_span()
        current.set_status(Status(StatusCode.ERROR, code))
        current.set_attribute(KNOWN_NAMES["error"], code)

    def carried(self) -> str | None:
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        ids = f"{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}"
        return f"00-{ids}-{context.trace_flags & 1:02x}"

    def trouble(self) -> str | None:
        return self._sending.trouble

    def close(self) -> None:
        """Send what waits, for two seconds at most."""
        self._provider.shutdown()


def _ourselves() -> Resource:
    """OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over what we call ourselves."""
    us = Resource({"service.name": "reelhook", "service.version": __version__})
    return Resource.create().merge(us).merge(OTELResourceDetector().detect())


def _context(carried: str | None) -> Context | None:
    """Where a span belongs that comes after *carried*; text that is no context begins a trace of its own."""
    return None if carried is None else _contexts.extract({PARENT: carried}, Context())


def _between(span: trace.Span) -> list[Link]:
    context = span.get_span_context()
    return [Link(context)] if context.is_valid else []


def _bounded(value: Any) -> Any:
    return shorten(value, LONGEST) if isinstance(value, str) else value


def _shown(about: Attributes) -> dict[str, str | int | float | bool]:
    return {
        KNOWN_NAMES.get(name, f"reelhook.{name}"): _bounded(scrub(value, name))
        for name, value in about.items()
        if value is not None
    }
