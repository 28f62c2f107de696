"""What happens between SIGTERM and the end: of a server, and of a worker with a job in its hands."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.e2e.many import Installation, installation, postgres, redis_server
from tests.e2e.trouble import guide
from tests.processes import Service, sse, wait_until

__all__ = ["installation", "postgres", "redis_server"]

DRAIN_S = 2.5
VIDEO = (Path(__file__).parents[2] / "src/reelhook/simulators/media/quarter.mp4").read_bytes()


async def test_a_server_goes_on_for_a_while_then_says_goodbye(service: Service) -> None:
    service.settings["drain_s"] = DRAIN_S
    service.start()
    with service.client() as client:
        head, key = client.get("/api/v1/videos").json()["stream_id"], client.headers["Authorization"]
    own = httpx.AsyncClient(base_url=service.base, headers={"Authorization": key}, timeout=15)
    async with own as client, client.stream("GET", "/api/v1/stream", params={"last_event_id": head}) as response:
        frames = sse(response)
        assert service.process is not None
        service.process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        not_ready = await client.get("/readyz")
        while not_ready.status_code == 200 and time.monotonic() < told + DRAIN_S:
            not_ready = await client.get("/readyz")
        assert (not_ready.status_code, not_ready.json()["status"]) == (503, "draining")
        failure = {"event_type": "avatar_video.fail", "event_data": {"video_id": "hg-1", "msg": "x"}}
        assert service.post(failure).status_code == 200
        assert (await client.post("/api/v1/videos", json={"heygen_video_id": "hg-2"})).status_code == 202
        update, bye = await anext(frames), await anext(frames)
    assert json.loads(update["data"])["video"]["heygen_video_id"] == "hg-2", "the stream stayed open and alive"
    assert (bye["event"], 500 <= int(bye["retry"]) <= 3000) == ("bye", True)
    assert service.process.wait(20) == -signal.SIGTERM
    assert time.monotonic() - told >= DRAIN_S
    assert "Traceback" not in service.log
    guide('"status": "draining"', "/readyz")


@dataclass
class SlowHost:
    """Serves one video, to nobody before it is let go."""

    url: str = ""
    let_go: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def host() -> Iterator[SlowHost]:
    one = SlowHost()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            one.asked.append(self.path)
            one.let_go.wait(60)
            self.send_response(200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Content-Length", str(len(VIDEO)))
            self.end_headers()
            self.wfile.write(VIDEO)

        def log_message(self, *_: object) -> None:
            return None

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:  # who asked has been stopped
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    one.url = f"http://127.0.0.1:{server.server_port}"
    yield one
    one.let_go.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stopped_worker_hands_its_job_on_untouched_or_ends_it_in_time(
    installation: Installation, host: SlowHost
) -> None:
    web = installation.service(fetch_allow=host.url.removeprefix("http://"), drain_s=0.3)
    web.start(arguments=("--no-worker",))

    def job() -> dict[str, Any]:
        found = client.get("/api/v1/jobs", params={"kind": "archive_asset"}).json()["data"]
        return found[0]  # type: ignore[no-any-return]

    with web.client() as client:
        first = installation.worker(web).start()
        data = {"video_id": "one", "url": f"{host.url}/one.mp4"}
        assert web.post({"event_type": "avatar_video.success", "event_data": data}).status_code == 200
        wait_until(lambda: len(host.asked) == 1, what="the first worker has the job")
        web.settings["drain_s"] = 30
        second = installation.worker(web).start()
        assert first.end() == 0
        wait_until(lambda: len(host.asked) == 2, what="the second worker takes it")
        (attempt,) = job()["attempts"]
        assert (attempt["outcome"], attempt["error"]["message"]) == ("postponed", "the worker stopped")

        assert second.process is not None
        second.process.send_signal(signal.SIGTERM)
        wait_until(lambda: second.log.count("draining") == 2, what="it heard")
        with pytest.raises(subprocess.TimeoutExpired):
            second.process.wait(2)  # longer than the moment that is left to jobs when there is no time
        told = time.monotonic()
        host.let_go.set()
        assert second.process.wait(25) == 0
        assert time.monotonic() - told < 25, "it ends as soon as its jobs have"
        assert job()["state"] == "done"
        assert client.get("/api/v1/videos").json()["data"][0]["state"] == "ready"
