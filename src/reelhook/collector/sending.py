"""On the way to the collector: how much may wait, what was lost, and why. None of it holds up the work."""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from reelhook import logs, metrics
from reelhook.kit.text import shorten
from reelhook.masking import mask, never_show

HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
MOST_WAITING = 2048
FLUSH_S = 1.5  # a stopping process waits so long for what is not sent yet
LET_GO_S = 0.5  # beyond it, for what is told to give up
LOST = metrics.TELEMETRY_LOST.labels("spans")

log = logs.get("tracing")


class Sending(SpanProcessor):
    """Sends spans in batches from a thread of its own; those that find the queue full are lost, and counted."""

    def __init__(self, exporter: SpanExporter, complaints: "Complaints", most: int = MOST_WAITING) -> None:
        self._counted = _Counted(exporter, complaints)
        self._most = most
        # Nothing is dropped in there without our knowing: it holds as many as we let through.
        self._batches = BatchSpanProcessor(self._counted, max_queue_size=most, max_export_batch_size=min(512, most))

    @property
    def trouble(self) -> str | None:
        return self._counted.trouble

    def on_end(self, span: ReadableSpan) -> None:
        if self._counted.enter(self._most):
            self._batches.on_end(span)

    def shutdown(self) -> None:
        """Send what waits; after *FLUSH_S* the rest is lost."""
        ending = threading.Thread(target=self._batches.shutdown, name="spans-ending", daemon=True)
        ending.start()
        ending.join(FLUSH_S)
        if ending.is_alive():
            self._counted.begin_trouble(f"the collector did not take what was left within {FLUSH_S:g} s")
            self._counted.shutdown()
            ending.join(LET_GO_S)
        self._counted.give_up()


class _Counted(SpanExporter):
    """Passes batches on to *exporter* and knows how many wait and what became of them."""

    def __init__(self, exporter: SpanExporter, complaints: "Complaints") -> None:
        self._exporter, self._complaints = exporter, complaints
        self._lock = threading.Lock()
        self._waiting = 0
        self._ended = False
        self.trouble: str | None = None

    def enter(self, most: int) -> bool:
        """Whether there is room for one more to wait."""
        with self._lock:
            if self._waiting < most:
                self._waiting += 1
                return True
        LOST.inc()
        self.begin_trouble(f"{most} spans wait already: more are made than the collector takes")
        return False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        with self._lock:
            self._waiting -= len(spans)
        self._complaints.clear()
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._end_trouble()
        else:
            LOST.inc(len(spans))
            self.begin_trouble(self._complaints.first or "the collector did not take them")
        return result

    def shutdown(self) -> None:
        if not self._ended:
            self._ended = True
            self._exporter.shutdown()

    def give_up(self) -> None:
        """Count what waits as lost: nobody sends it any more."""
        with self._lock:
            left, self._waiting = self._waiting, 0
        LOST.inc(left)

    def begin_trouble(self, reason: str) -> None:
        """Spans are being lost, for this *reason*: said once."""
        if self.trouble is None:
            log.error("spans.lost", error=reason)
        self.trouble = reason

    def _end_trouble(self) -> None:
        if self.trouble is not None:
            log.warning("spans.sent_again")
            self.trouble = None


class Complaints(logging.Filter):
    """What the exporter has to say of its last batch. It would say it with every batch, so we say it once instead."""

    def __init__(self) -> None:
        super().__init__()
        self.first: str | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        if self.first is None:
            self.first = shorten(mask(record.getMessage().partition(", retrying in")[0]), 300)
        return False

    def clear(self) -> None:
        self.first = None


def to_collector() -> Sending:
    """To where the variables OTEL_EXPORTER_OTLP_… say."""
    never_show(*_keys())
    complaints = Complaints()
    logging.getLogger(OTLPSpanExporter.__module__).filters[:] = [complaints]
    return Sending(OTLPSpanExporter(), complaints)


def _keys() -> Iterator[str]:
    """What opens the collector's door: the values of the headers that are sent with each batch."""
    for name in HEADERS:
        for pair in os.environ.get(name, "").split(","):
            yield from unquote(pair.partition("=")[2]).split()
