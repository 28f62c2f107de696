"""Spans told to an OpenTelemetry collector. Nothing of its SDK is loaded until REELHOOK_TRACING is set."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from reelhook import tracing
from reelhook.errors import WrongSetting

PROTOCOL = "http/protobuf"
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")

__all__ = ["told"]


@contextmanager
def told(wanted: bool) -> Iterator[None]:
    """Inside this block spans are made and sent, if that is *wanted*. Raises *WrongSetting*."""
    if not wanted:
        yield
        return
    _check_protocol()
    try:
        from reelhook.collector.spans import Spans  # noqa: PLC0415 - an extra
    except ImportError:
        raise WrongSetting("REELHOOK_TRACING is set, but the extra is missing: install reelhook[otel]") from None
    spans = Spans.to_collector()
    stop = tracing.use(spans)
    try:
        yield
    finally:
        stop()
        spans.close()


def _check_protocol() -> None:
    for name in PROTOCOLS:
        if (os.environ.get(name) or PROTOCOL) != PROTOCOL:
            raise WrongSetting(f"{name} must be {PROTOCOL}, the one protocol that spans are sent by here")
