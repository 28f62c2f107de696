"""What Sentry is told, against a server that plays its envelope endpoint."""

import gzip
import json
import logging
import socket
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest
import sentry_sdk
import structlog
import uvloop
from prometheus_client import REGISTRY
from pydantic import SecretStr

from reelhook import crashes, logs, masking
from reelhook.cli import serve
from reelhook.cli.main import main
from reelhook.errors import WrongSetting
from tests.conftest import StillClock
from tests.processes import clean_environment, run_command

# Not written out: Sentry is sent the lines of code around a crash.
SECRET = "s3" + "cret"
LINK = f"https://files.heygen.ai/v.mp4?Signature={SECRET}"


class Sentry(ThreadingHTTPServer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.raw: list[str] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), Envelopes)

    @property
    def dsn(self) -> SecretStr:
        return SecretStr(f"http://0123456789abcdef@127.0.0.1:{self.server_port}/7")


class Envelopes(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        body = {"gzip": gzip.decompress, "br": brotli.decompress}[self.headers["content-encoding"]](body)
        text, server = body.decode(), self.server
        assert isinstance(server, Sentry)
        server.raw.append(text)
        server.events += [one for one in map(json.loads, text.splitlines()) if "exception" in one]
        self.send_response(server.status)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    server = Sentry()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(masking, "_held", masking._Held())
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    logs.configure("json")
    structlog.configure(cache_logger_on_first_use=False)  # or loggers would write there after this test, too
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def crash(message: str) -> Exception:
    token = f"{SECRET} of a local variable"  # a local variable: Sentry would show its value
    try:
        raise RuntimeError(message + token[:0])
    except RuntimeError as error:
        return error


def test_a_crash_arrives_without_what_is_secret_in_it(sentry: Sentry) -> None:
    masking.never_show(f"held-{SECRET}-of-ours")
    with crashes.reported(sentry.dsn):
        error = crash(f"no answer from {LINK}, whsec_{SECRET}, held-{SECRET}-of-ours")
        headers = {"authorization": f"Bearer {SECRET}", "cookie": f"reelhook={SECRET}", "x-api-key": SECRET}
        logs.get("test").error("it.broke", exc_info=error, url=LINK, headers=headers, video="v1")
    (event,) = sentry.events
    assert SECRET not in "".join(sentry.raw)
    (told,) = event["exception"]["values"]
    assert told["type"] == "RuntimeError"
    assert told["value"].startswith("no answer from https://files.heygen.ai/v.mp4?Signature=*** whsec_***")
    assert event["contexts"]["log line"]["video"] == "v1"
    assert event["level"] == "error"
    frames = told["stacktrace"]["frames"]
    assert any(frame["function"] == "crash" for frame in frames)
    assert not any("vars" in frame for frame in frames)
    assert not {"request", "user"} & set(event)
    assert not event.get("breadcrumbs", {}).get("values")


def test_a_crash_is_tagged_with_what_its_line_is_about(sentry: Sentry) -> None:
    with crashes.reported(sentry.dsn):
        logs.get("test").error("it.broke", exc_info=crash("x"), event_id="e1", video="v1", job_id="j1", role="gif")
        logs.get("test").error("it.broke", exc_info=crash("y"), video_id=f"whsec_{SECRET}")
    first, second = sentry.events
    assert first["tags"] == {"event_id": "e1", "video_id": "v1", "job_id": "j1"}
    assert second["tags"] == {"video_id": "whsec_***"}


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_server_and_worker_report_and_only_crashes(
    sentry: Sentry, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(work: Coroutine[Any, Any, Any]) -> int:
        work.close()
        with sentry_sdk.start_transaction(name="slow"):
            logs.get("test").error("it.broke", exc_info=crash("while it ran"))
        return 0

    database = f"sqlite:///{tmp_path / 'r.db'}" if command == "serve" else "postgresql://nobody@127.0.0.1:9/x"
    monkeypatch.setenv("REELHOOK_DATABASE_URL", database)
    monkeypatch.setenv("REELHOOK_SENTRY_DSN", sentry.dsn.get_secret_value())
    monkeypatch.setattr(uvloop, "run", run)
    monkeypatch.setattr(sys, "argv", ["reelhook", command])
    with socket.socket() as listener, suppress(SystemExit):
        monkeypatch.setattr(serve, "tcp_socket", lambda *_: listener)
        main()
    assert [one["exception"]["values"][-1]["value"] for one in sentry.events] == ["while it ran"]
    assert '"type":"transaction"' not in "".join(sentry.raw).replace(" ", "")


def test_what_others_add_is_scrubbed_too(sentry: Sentry) -> None:
    with crashes.reported(sentry.dsn):
        sentry_sdk.add_breadcrumb(message=LINK)
        request = {
            "url": LINK,
            "headers": [("Cookie", SECRET), ("X-Api-Key", SECRET)],
            "query_string": f"token={SECRET}",
        }
        event: Any = {"message": LINK, "request": request, "exception": {"values": []}}
        sentry_sdk.capture_event(event)
    assert len(sentry.events) == 1
    assert SECRET not in "".join(sentry.raw)


def test_every_way_to_log_a_traceback_is_heard_and_only_as_long_as_asked(sentry: Sentry) -> None:
    log = logs.get("test")
    with crashes.reported(sentry.dsn):
        try:
            raise KeyError("handled now")
        except KeyError:
            log.critical("part.died", exc_info=True)
            logging.getLogger("asyncio").error("never retrieved", exc_info=True)
        log.error("no traceback")
        log.warning("only a warning", exc_info=crash("w"))
    log.error("later", exc_info=crash("after"))
    assert [(one["level"], one["exception"]["values"][-1]["type"]) for one in sentry.events] == [
        ("fatal", "KeyError"),
        ("error", "KeyError"),
    ]


def test_what_is_not_taken_is_counted_and_told_for_ten_minutes(
    sentry: Sentry, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost() -> float:
        return REGISTRY.get_sample_value("reelhook_telemetry_lost_total", {"what": "crashes"}) or 0

    monkeypatch.setattr(crashes, "_losses", crashes._Losses(clock))
    before = lost()
    with crashes.reported(sentry.dsn):
        logs.get("test").error("it.broke", exc_info=crash("one"))
    assert (crashes.trouble(), lost()) == (None, before)
    sentry.status = 503
    with crashes.reported(sentry.dsn):
        logs.get("test").error("it.broke", exc_info=crash("two"))
    assert (crashes.trouble(), lost()) == ("Sentry took no report (status_503)", before + 1)
    clock.move(crashes.TROUBLE_S)
    assert crashes.trouble() is None


def test_without_a_dsn_nothing_is_loaded() -> None:
    with crashes.reported(None):
        assert logs._listeners == []


@pytest.mark.parametrize("dsn", ["https://s3cret@host", "s3cret", "ftp://s3cret@host/1"])
def test_a_wrong_dsn_stops_the_start_and_is_not_repeated(dsn: str) -> None:
    with (
        pytest.raises(WrongSetting, match="must look like https://KEY@HOST/PROJECT") as caught,
        crashes.reported(SecretStr(dsn)),
    ):
        pass
    assert "s3cret" not in str(caught.value)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(WrongSetting, match=r"install reelhook\[sentry\]"), crashes.reported(SecretStr("https://k@h/1")):
        pass


def test_serve_refuses_a_wrong_one_by_name(tmp_path: Any) -> None:
    environment = clean_environment(database_url=f"sqlite:///{tmp_path / 'r.db'}", sentry_dsn="mark3dNoDsn")
    done = run_command("serve", "--port", "0", environment=environment)
    assert done.returncode == 1
    assert "REELHOOK_SENTRY_DSN" in done.stderr
    assert "mark3d" not in done.stderr
