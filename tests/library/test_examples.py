"""The examples of the library: real servers of three frameworks, which the simulated HeyGen calls."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.processes import STOP_LIMIT_S, Simulators, clean_environment, free_port, simulators, wait_until

ROOT = Path(__file__).parents[2]
SECRET, NEXT = "whsec_in_use", "whsec_that_follows"
COPIES = 8

FASTAPI = ["-m", "uvicorn", "--app-dir", "examples/fastapi", "receiver:app", "--port", "{port}"]
FLASK = ["-m", "flask", "--app", "examples/flask/receiver", "run", "--port", "{port}"]
MIGRATE = ["examples/django/manage.py", "migrate"]
DJANGO = ["examples/django/manage.py", "runserver", "--noreload", "127.0.0.1:{port}"]
EXAMPLES = {
    "fastapi": ([FASTAPI], "received"),
    "flask": ([FLASK], "received"),
    "django": ([MIGRATE, DJANGO], "receiver_received"),
}


@dataclass
class Receiver:
    """An example that runs."""

    url: str
    database: Path
    table: str

    def kept(self) -> list[tuple[str, bytes]]:
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute(f"SELECT type, body FROM {self.table} WHERE done_at IS NULL").fetchall()


@contextmanager
def running(name: str, folder: Path) -> Iterator[Receiver]:
    """The example *name*, begun as its own text says."""
    (*before, command), table = EXAMPLES[name]
    port, database = free_port(), folder / "webhooks.db"
    own = {"DATABASE": str(database), "HEYGEN_WEBHOOK_SECRETS": f"{SECRET},{NEXT}"}
    environment = clean_environment() | own
    for words in before:
        subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    with (folder / "log").open("wb") as log:
        words = [word.format(port=port) for word in command]
        process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        receiver = Receiver(f"http://127.0.0.1:{port}/webhooks/heygen", database, table)
        try:
            wait_until(lambda: answers(receiver.url, process, folder / "log"), what=f"the start of {name}")
            yield receiver
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(STOP_LIMIT_S)


def answers(url: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    with suppress(httpx.TransportError):
        return bool(httpx.options(url, timeout=5).is_success)
    return False


@pytest.fixture(scope="module")
def outside() -> Iterator[Simulators]:
    with simulators() as both:
        yield both


@pytest.fixture(params=EXAMPLES)
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Receiver]:
    with running(request.param, tmp_path) as one:
        yield one


def sent(outside: Simulators, receiver: Receiver, **order: Any) -> list[int]:
    """What was answered to each copy of one event, as HeyGen would send it."""
    data = {"video_id": "v1", "url": "https://files.example/v1.mp4"}
    usual = {"event_type": "avatar_video.success", "event_data": data, "url": receiver.url, "secret": SECRET}
    started = set(outside.control("POST", "/send", usual | order)["deliveries"])

    def attempts() -> list[dict[str, Any]]:
        rows = outside.control("GET", "/deliveries")["deliveries"]
        found = [one for row in rows if row["id"] in started for one in row["attempts"]]
        return found if len(found) == len(started) and all(one["status"] or one["error"] for one in found) else []

    return [one["status"] for one in wait_until(attempts, what="the answers")]


def test_what_heygen_signed_is_kept_once_and_nothing_else_is(outside: Simulators, receiver: Receiver) -> None:
    for signature in ("wrong", "missing", "reserialized"):
        assert sent(outside, receiver, signature=signature) == [401]
    assert receiver.kept() == []
    assert sent(outside, receiver, copies=COPIES) == [200] * COPIES
    ((kind, body),) = receiver.kept()
    assert kind == "avatar_video.success"
    assert b"files.example/v1.mp4" in body
    # Another event, and by another secret that is alive; and one of a type that nobody knows yet.
    assert sent(outside, receiver, event_type="avatar_video.fail", secret=NEXT) == [200]
    assert sent(outside, receiver, body='{"event_type": "brand.new"}') == [200]
    assert [kind for kind, _ in receiver.kept()] == ["avatar_video.success", "avatar_video.fail", "brand.new"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_says_how_it_is_begun(name: str) -> None:
    said = (ROOT / "examples" / name / "README.md").read_text()
    commands, _ = EXAMPLES[name]
    for words in commands:
        line = " ".join(words).removeprefix("-m ").replace("--port {port}", "--port 8000")
        assert line.replace("127.0.0.1:{port}", "8000").replace(" --noreload", "") in said
