"""What an OpenTelemetry collector is told, against one that listens on this machine."""

import io
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from reelhook import collector, logs, masking, metrics, tracing
from reelhook.collector import sending
from reelhook.errors import DatabaseUnavailable, WrongSetting
from tests import collecting
from tests.collecting import Collector
from tests.processes import wait_until

SECRET = "s3cret-of-the-collector"
OUTSIDE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setattr(masking, "_held", masking._Held())
    with collecting.collector() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.endpoint)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"x-key={SECRET}")
        yield running


def lost() -> float:
    return metrics.TELEMETRY_LOST.labels("spans")._value.get()  # type: ignore[no-any-return]


def test_spans_arrive_as_children_of_what_is_around_them(listening: Collector) -> None:
    with collector.told(True), tracing.span("outer", "server", about={"attempt": 1, "left": None}):
        with tracing.span("inner", "client", about={"method": "GET"}):
            tracing.note(status=200)
        tracing.rename("outer, renamed")
    inner, outer = listening.spans
    assert (outer.name, outer.parent, outer.attributes) == ("outer, renamed", "", {"reelhook.attempt": 1})
    assert (inner.parent, inner.trace) == (outer.id, outer.trace)
    assert inner.attributes == {"http.request.method": "GET", "http.response.status_code": 200}
    (us,) = listening.resources
    assert us["service.name"] == "reelhook"
    assert us["service.version"]
    assert listening.headers[0]["x-key"] == SECRET


def test_the_usual_variables_are_obeyed(listening: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "films")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=blue")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    with collector.told(True), tracing.span("one"):
        pass
    (us,) = listening.resources
    assert (us["service.name"], us["deployment.environment.name"]) == ("films", "blue")

    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    with collector.told(True), tracing.span("two"):
        assert str(tracing.carried()).endswith("-00"), "what it queues is not told either"
    assert [one.name for one in listening.spans] == ["one"]


def test_what_comes_after_another_trace_goes_on_there_and_is_linked_with_what_it_ran_in(listening: Collector) -> None:
    with collector.told(True):
        with tracing.span("delivery"):
            kept = tracing.carried()
        with tracing.span("job"), tracing.span("apply", after=kept):
            assert tracing.carried() != kept
        with tracing.span("request", after=OUTSIDE):
            pass
        with tracing.span("nonsense", after="00-nonsense"):
            pass
    delivery, apply, job, request, nonsense = listening.spans
    assert kept == f"00-{delivery.trace}-{delivery.id}-01"
    assert (apply.trace, apply.parent, apply.links) == (delivery.trace, delivery.id, [job.id])
    assert (job.parent, job.links) == ("", [apply.id])
    assert (request.trace, request.parent) == (OUTSIDE.split("-")[1], OUTSIDE.split("-")[2])
    assert (nonsense.parent, nonsense.links) == ("", [])


def test_an_error_is_told_by_its_code_alone(listening: Collector) -> None:
    with collector.told(True):
        with pytest.raises(DatabaseUnavailable), tracing.span("ours"):
            raise DatabaseUnavailable(f"no answer with {SECRET}")
        with pytest.raises(ZeroDivisionError), tracing.span("a bug"):
            raise ZeroDivisionError("with a message")
        with tracing.span("a verdict"):
            tracing.fail("link_expired")
    assert [one.failed for one in listening.spans] == ["database_unavailable", "ZeroDivisionError", "link_expired"]
    assert listening.spans[2].attributes == {"error.type": "link_expired"}
    assert b"no answer" not in listening.raw
    assert b"with a message" not in listening.raw


def test_secrets_do_not_leave_and_what_others_name_is_cut(listening: Collector) -> None:
    about = {"url": f"https://files.heygen.ai/v.mp4?Signature={SECRET}", "api_key": SECRET, "event_type": "x" * 9999}
    with collector.told(True), tracing.span("one", about=about):
        tracing.note(path=f"/found/{SECRET}/here")
    (one,) = listening.spans
    assert SECRET.encode() not in listening.raw
    assert one.attributes["reelhook.url"] == "https://files.heygen.ai/v.mp4?Signature=***"
    assert len(one.attributes["reelhook.event_type"]) <= 200


def test_a_span_may_have_begun_before_its_block(listening: Collector) -> None:
    with collector.told(True), tracing.span("delivery", since=datetime.now(UTC) - timedelta(seconds=3)):
        pass
    assert 3e9 <= listening.spans[0].took_ns < 30e9


def test_log_lines_name_their_span(listening: Collector) -> None:
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    try:
        logs.configure("json")
        (handler,) = root.handlers
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream := io.StringIO())
        with collector.told(True), tracing.span("one"):
            logs.get("test").warning("inside")
            logging.getLogger("of.others").warning("inside too")
        logs.get("test").warning("outside")
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.configure(**before)
    (one,) = listening.spans
    named = [
        f'"trace_id": "{one.trace}"' in line and f'"span_id": "{one.id}"' in line
        for line in stream.getvalue().splitlines()
    ]
    assert named == [True, True, False]


def test_a_collector_that_is_gone_costs_nothing_but_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    before = lost()
    with collector.told(True):
        began = time.monotonic()
        for _ in range(500):
            with tracing.span("one"):
                pass
        assert time.monotonic() - began < 5
        ended = time.monotonic()
    assert time.monotonic() - ended < 8, "two seconds, on a busy machine"
    assert lost() - before == 500
    assert tracing.trouble() is None, "nobody makes spans any more"


def test_it_is_said_once_why_spans_are_lost_and_when_that_is_over(
    listening: Collector, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    said: list[str] = []
    monkeypatch.setattr(sending.log, "error", lambda event, error: said.append(f"{event} {error}"), raising=False)
    monkeypatch.setattr(sending.log, "warning", said.append, raising=False)
    before, listening.status = lost(), 401
    with collector.told(True):
        for _ in range(3):
            counted = lost()
            with tracing.span("refused"):
                pass
            wait_until(lambda counted=counted: lost() > counted, what="a span is lost")  # type: ignore[misc]
        assert "401" in str(tracing.trouble())
        listening.status = 200
        with tracing.span("taken"):
            pass
        wait_until(lambda: listening.spans, what="a span arrives")
        wait_until(lambda: tracing.trouble() is None, what="the trouble is over")
    assert lost() - before == 3
    assert said[0].startswith("spans.lost")
    assert said[1:] == ["spans.sent_again"]
    assert "Failed to export" not in capfd.readouterr().err


def test_more_spans_than_may_wait_are_counted_and_the_process_ends_in_time(
    listening: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "FLUSH_S", 0.2)
    monkeypatch.setattr(sending, "LET_GO_S", 0.1)
    before = lost()
    listening.may_answer.clear()
    with collector.told(True):
        for _ in range(sending.MOST_WAITING + 1000):
            with tracing.span("one"):
                pass
        assert lost() > before
        assert "more are made than the collector takes" in str(tracing.trouble())
        ended = time.monotonic()
    assert time.monotonic() - ended < 5
    on_its_way = 512  # a batch whose answer may still come
    assert lost() - before >= sending.MOST_WAITING + 1000 - on_its_way
    assert not listening.spans


def test_unless_it_is_wanted_nothing_of_it_is_loaded_and_nothing_is_carried() -> None:
    seen = (
        "import sys; from reelhook import app, tracing; from reelhook.cli import serve, worker;"
        "heavy = ('opentelemetry.sdk', 'opentelemetry.exporter', 'opentelemetry.proto', 'google');"
        "print(tracing.carried(), [name for name in sys.modules if name.startswith(heavy)])"
    )
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None []"
    with collector.told(False), tracing.span("one"):
        assert tracing.carried() is None


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("reelhook.collector.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(WrongSetting, match=r"install reelhook\[otel\]"), collector.told(True):
        pass


@pytest.mark.parametrize("name", collector.PROTOCOLS)
def test_a_protocol_that_is_not_spoken_stops_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "grpc")
    with pytest.raises(WrongSetting, match=f"{name} must be http/protobuf"), collector.told(True):
        pass
    with collector.told(False):
        pass
