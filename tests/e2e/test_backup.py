"""Backup and restore as an operator does them: real processes, real load, a real browser's stream."""

import asyncio
import json
import math
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx

from reelhook.events import sign
from tests.processes import SECRET, Service, sse, wait_until

PACE_S = 0.01


def failure(number: int) -> dict[str, Any]:
    return {"event_type": "avatar_video.fail", "event_data": {"video_id": f"hg-{number}", "msg": "x"}}


class Load:
    """Senders that post events at a steady pace, and remember what was acknowledged, and when."""

    def __init__(self, base: str) -> None:
        self.acknowledged: list[tuple[float, str]] = []
        self.refused: list[str] = []
        self._base, self._ended = base, threading.Event()

    def before(self, moment: float) -> set[str]:
        return {event for at, event in self.acknowledged if at < moment}

    def send(self, first: int) -> None:
        with httpx.Client(base_url=self._base, timeout=20) as client:
            for number in range(first, first + 100_000):
                if self._ended.wait(PACE_S):
                    return
                body = json.dumps(failure(number)).encode()
                answer = client.post("/webhooks/heygen", content=body, headers={"signature": sign(body, SECRET)})
                if answer.status_code == 200:
                    self.acknowledged.append((time.monotonic(), answer.json()["event_id"]))
                else:
                    self.refused.append(answer.text)

    @contextmanager
    def running(self, senders: int = 2) -> Iterator[None]:
        threads = [threading.Thread(target=self.send, args=(index * 1_000_000,)) for index in range(senders)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()


def events(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {event for (event,) in conn.execute("SELECT id FROM events")}


def local(service: Service) -> httpx.Client:
    """A client at the machine itself, as commands are."""
    transport = httpx.HTTPTransport(uds=str(service.folder / "reelhook.db.sock"))
    return httpx.Client(transport=transport, base_url="http://reelhook", timeout=60)


def test_a_backup_under_load_holds_all_that_was_acknowledged_before_it_and_refuses_nobody(service: Service) -> None:
    service.start()
    load, folder = Load(service.base), service.folder / "backup"
    with load.running():
        wait_until(lambda: len(load.acknowledged) > 50, what="the load is running")
        with local(service) as machine:
            begun = time.monotonic()
            made = machine.post("/api/v1/backups", json={"path": str(folder)})
        until_now = len(load.acknowledged)
        wait_until(lambda: len(load.acknowledged) > until_now + 10, what="the load goes on")
    assert made.status_code == 201, made.text
    copied = events(folder / "reelhook.db")
    assert load.before(begun) <= copied <= load.before(math.inf)
    assert load.refused == []
    assert list(service.folder.glob(".*.partial")) == []
    with service.client("admin") as client:
        (audited,) = [x for x in client.get("/api/v1/audit").json()["data"] if x["action"] == "backup.create"]
        assert (audited["actor"], audited["target"]) == ("local:local", str(folder))
        refused = client.post("/api/v1/backups", json={"path": str(service.folder / "by-http")})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


class Browser:
    """One open stream, as an EventSource: it remembers the last id it saw."""

    def __init__(self, client: httpx.AsyncClient, last_id: int | None = None) -> None:
        self._client, self.last_id = client, last_id
        self.frames: list[dict[str, str]] = []

    async def watch(self, until: str, number: int = 1) -> dict[str, str]:
        """Reconnect with the last id and read until the *number*-th frame of this name."""
        headers = {} if self.last_id is None else {"last-event-id": str(self.last_id)}
        async with asyncio.timeout(20), self._client.stream("GET", "/api/v1/stream", headers=headers) as response:
            response.raise_for_status()
            async for frame in sse(response):
                self.frames.append(frame)
                self.last_id = int(frame.get("id") or self.last_id or 0)
                number -= frame.get("event") == until
                if number == 0:
                    return frame
        raise AssertionError("the stream ended")


async def seen_by(
    service: Service, headers: dict[str, str], last_id: int | None, until: str, number: int = 1
) -> Browser:
    async with httpx.AsyncClient(base_url=service.base, headers=headers, timeout=20) as client:
        browser = Browser(client, last_id)
        await browser.watch(until, number)
        return browser


def test_after_a_restore_every_browser_is_told_to_read_anew_and_misses_nothing_from_then_on(service: Service) -> None:
    service.start()
    client = service.client()
    headers = {"Authorization": client.headers["authorization"]}
    start = client.get("/api/v1/videos").json()["stream_id"]

    def watch(last_id: int, until: str, number: int = 1) -> Browser:
        return asyncio.run(seen_by(service, headers, last_id, until, number))

    for number in (1, 2):
        service.post(failure(number))
    early = watch(start, "video.updated", 4)  # each video is seen twice: found, and failed
    done = service.command("backup", str(service.folder / "backup"), "--json")
    assert json.loads(done.stdout)["stream_head"] == early.last_id
    for number in (3, 4, 5):
        service.post(failure(number))
    late = watch(start, "video.updated", 10)
    assert late.last_id is not None
    assert early.last_id is not None
    assert late.last_id > early.last_id

    refused = service.command("restore", str(service.folder / "backup"), "--force")
    assert (refused.returncode, "is in use by process" in refused.stderr) == (1, True)
    service.kill()
    restored = json.loads(service.command("restore", str(service.folder / "backup"), "--force", "--json").stdout)
    assert {path.name for path in Path(restored["replaced"]).iterdir()} >= {"reelhook.db", "reelhook.db-wal"}
    service.start()

    ids = [watch(last_id, "resync").last_id for last_id in (0, early.last_id, late.last_id, late.last_id + 1000)]
    assert ids == [restored["stream_floor"]] * 4
    read_anew = client.get("/api/v1/videos").json()
    assert {video["heygen_video_id"] for video in read_anew["data"]} == {"hg-1", "hg-2"}
    assert read_anew["stream_id"] == restored["stream_floor"]

    service.post(failure(6))
    anew = watch(restored["stream_floor"], "video.updated", 2)
    assert json.loads(anew.frames[-1]["data"])["video"]["heygen_video_id"] == "hg-6"
    assert "resync" not in {frame.get("event") for frame in anew.frames}
    service.post(failure(7))
    assert anew.last_id is not None
    more = watch(anew.last_id, "video.updated", 2)
    assert json.loads(more.frames[-1]["data"])["video"]["heygen_video_id"] == "hg-7"
    assert watch(late.last_id, "resync").last_id == more.last_id
    client.close()


def test_a_server_that_is_stopped_during_a_backup_ends_in_time_and_leaves_a_whole_one_or_none(service: Service) -> None:
    assert service.command("migrate").returncode == 0
    with closing(sqlite3.connect(service.folder / "reelhook.db")) as conn, conn:
        conn.execute("CREATE TABLE ballast (x)")
        conn.executemany("INSERT INTO ballast VALUES (randomblob(?))", [(100_000,)] * 600)
    service.start()
    asked = subprocess.Popen(
        [sys.executable, "-m", "reelhook", "backup", str(service.folder / "backup")],
        env=service.environment(),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    wait_until(lambda: list(service.folder.glob("*backup*")), what="the backup has begun")
    begun = time.monotonic()
    assert service.stop() in (0, -15)
    assert time.monotonic() - begun < 20
    _, said = asked.communicate(timeout=20)
    assert list(service.folder.glob(".*.partial")) == []
    whole = (service.folder / "backup").exists()
    assert whole or "the backup was given up: the server is stopping" in said
    assert "Traceback" not in service.log + said
