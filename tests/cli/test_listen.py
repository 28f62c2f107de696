"""`reelhook listen`, beside a real server, before a real program."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from reelhook.cli.listen.follow import ages
from reelhook.cli.listen.lines import line
from tests.processes import SECRET, Service, clean_environment, free_port, run_command, wait_until
from tests.servers import Postgres, postgres

__all__ = ["postgres"]

RAW = b'{"event_type": "avatar_video.success",  "event_data": {"video_id": "hv1", "title": "\xc3\xbc"}}'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    one = Service(Path(tmp_path_factory.mktemp("service")))
    one.start()
    yield one
    one.stop()


class Program(HTTPServer):
    """A builder's own program: keeps what it is sent, and answers 202."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[bytes, dict[str, str]]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Program

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((body, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response(202)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def program() -> Iterator[Program]:
    with Program() as one:
        thread = threading.Thread(target=one.serve_forever, args=(0.05,))
        thread.start()
        yield one
        one.shutdown()
        thread.join()


class Listening:
    """A running `listen`, and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path, err: Path) -> None:
        self.process, self._out, self._err = process, out, err

    @property
    def lines(self) -> list[str]:
        return self._out.read_text().splitlines()

    @property
    def complaints(self) -> str:
        return self._err.read_text()

    def until(self, number: int) -> list[str]:
        wait_until(lambda: len(self.lines) >= number, what=f"{number} lines: {self.lines} {self.complaints}")
        return self.lines


@contextmanager
def listening(service: Service, folder: Path, *words: str) -> Iterator[Listening]:
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "reelhook", "listen", *words],
            env=service.environment(),
            stdout=out,
            stderr=err,
            # A test run that was started in the background ignores interrupts, and so would its processes.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
    one = Listening(process, folder / "out", folder / "err")
    try:
        wait_until(lambda: "Listening" in one.complaints or process.poll() is not None, what="listening")
        yield one
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130


def test_everything_is_shown_once_and_passed_on_as_it_came_though_the_server_is_replaced(
    service: Service, program: Program, tmp_path: Path
) -> None:
    service.post({"event_type": "avatar_video.fail", "event_data": {"video_id": "before"}})
    words = ("--json", "--rejections", "--forward", program.url)
    with listening(service, tmp_path, *words) as listener:
        service.post(RAW)
        listener.until(1)
        service.post(RAW)  # a repeat is no news
        service.post(b"{}", secret="whsec_wrong")
        listener.until(2)
        service.kill()
        wait_until(lambda: "Waiting for it" in listener.complaints, what="noticing")
        service.start()
        service.post({"event_type": "later", "event_data": {}})
        first, refused, later = map(json.loads, listener.until(3))
    assert (first["kind"], first["resource_id"], first["forwarded"]["status"]) == ("event", "hv1", 202)
    assert (refused["kind"], refused["status"]) == ("rejection", 401)
    assert later["type"] == "later"
    (body, headers), (other, _) = program.got
    assert body == RAW
    assert headers["content-type"] == "application/json"
    assert headers["signature"]
    assert headers["host"] == program.url.split("/")[2]
    assert b"later" in other


def test_a_time_ago_and_filters_from_afar_and_a_program_that_is_not_there(service: Service, tmp_path: Path) -> None:
    service.post({"event_type": "wanted", "event_data": {}, "n": 1})
    service.post({"event_type": "unwanted", "event_data": {}, "n": 1})
    with service.local() as local:
        made = local.post("/api/v1/keys", json={"name": "l", "role": "operator"}).raise_for_status().json()
    nobody = f"http://127.0.0.1:{free_port()}/"
    words = ("--url", service.base, "--key", made["key"], "--since", "1h", "--type", "wanted", "--forward", nobody)
    with listening(service, tmp_path, *words) as listener:
        (shown,) = listener.until(1)
        assert "wanted" in shown
        assert "->" in shown
        assert "Connect call failed" in shown
        service.post({"event_type": "wanted", "event_data": {}, "n": 2})
        assert len(listener.until(2)) == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--since", "yesterday"), 2, "like 15m"),
        (("--since", "9999999999d"), 2, "longer ago"),
        (("--url", "http://127.0.0.1:1"), 2, "--key"),
        (("--url", "localhost", "--key", "k"), 2, "http://"),
        (("--forward", "localhost:3000"), 2, "http://"),
        ((), 1, "does not answer"),
        (("--url", "http://127.0.0.1:1", "--key", "k"), 1, "there is no answer"),
    ],
)
def test_what_cannot_be_listened_to_is_said(words: tuple[str, ...], code: int, told: str, tmp_path: Path) -> None:
    environment = clean_environment(database_url=f"sqlite:///{tmp_path / 'none.db'}")
    done = run_command("listen", *words, environment=environment)
    assert (done.returncode, told in " ".join(done.stderr.split())) == (code, True), done.stderr


def test_a_wrong_key_ends_it(service: Service) -> None:
    done = run_command("listen", "--url", service.base, "--key", "rk_wrong")
    assert done.returncode == 1
    assert SECRET not in done.stderr


def test_ages_and_lines() -> None:
    assert ages("90s") == timedelta(seconds=90)
    assert ages("3d") == timedelta(days=3)
    rejection = {"id": "r", "at": "2026-11-22T12:00:00.000Z", "reason": "wrong", "status": 401, "detail": "d"}
    assert line(rejection | {"remote": None}, None).endswith("refused: wrong (401)  d")


def test_with_postgres_it_reads_for_itself_and_still_prints_documents_alone(postgres: Postgres, tmp_path: Path) -> None:
    one = Service(tmp_path, {"database_url": postgres.create("prepared"), "secret_key": "k" * 43})
    one.start()
    try:
        with listening(one, tmp_path, "--json", "--since", "1h") as listener:
            one.post(RAW)
            listener.until(1)
            assert [json.loads(line)["resource_id"] for line in listener.lines] == ["hv1"]
    finally:
        one.stop()
