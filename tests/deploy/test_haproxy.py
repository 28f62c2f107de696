"""A real HAProxy with our file, before two servers of which one is odd."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.deploy.artefacts import DEPLOY
from tests.deploy.standing import ENDED, Standing, is_ready, nobody, standing
from tests.processes import free_port, wait_until

HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
FILE = DEPLOY / "haproxy" / "haproxy.cfg"
pytestmark = pytest.mark.skipif(HAPROXY is None, reason="no HAProxy here: apt-get install haproxy")
ROUNDS = 6
"""Enough that each server had its turn."""


class Dying(Standing):
    """Takes what it is sent, and is gone before it answers."""

    def do_POST(self) -> None:  # noqa: N802
        self.rfile.read(int(self.headers["Content-Length"]))
        self.close_connection = True


class Leaving(Standing):
    """Goes on, but is stopping and wants nothing new."""

    ready = False

    def do_POST(self) -> None:  # noqa: N802
        self._answer(b"from one that is leaving")


@contextmanager
def haproxy(folder: Path, first: int, second: int) -> Iterator[str]:
    at, said = free_port(), FILE.read_text()
    others = {"bind :80\n": f"bind 127.0.0.1:{at}\n", ":8081": f":{first}", ":8082": f":{second}"}
    for ours, own in others.items():
        assert ours in said
        said = said.replace(ours, own)
    (folder / "haproxy.cfg").write_text(said)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(HAPROXY), "-db", "-f", str(folder / "haproxy.cfg")], stdout=log, stderr=log, start_new_session=True
        )
    try:
        address = f"http://127.0.0.1:{at}"
        wait_until(lambda: listens(at), what="HAProxy serves")
        yield address
    finally:
        ENDED.set()
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def post(address: str, path: str, body: bytes = b"x", **headers: str) -> httpx.Response:
    return httpx.post(address + path, content=body, headers=headers, timeout=10)


def test_haproxy_takes_the_file() -> None:
    done = subprocess.run([str(HAPROXY), "-c", "-f", str(FILE)], capture_output=True, text=True)
    assert (done.returncode, "WARNING" in done.stderr.upper()) == (0, False), done.stderr


def test_every_webhook_gets_through_beside_a_dead_server_and_tells_who_sent_it(tmp_path: Path) -> None:
    with nobody() as gone, standing() as alive, haproxy(tmp_path, gone, alive) as address:
        for number in range(ROUNDS):
            answer = post(address, "/webhooks/heygen", b"%d" % number, **{"X-Forwarded-For": "6.6.6.6"})
            assert (answer.status_code, answer.text) == (200, f"{number} from 127.0.0.1")
        with httpx.stream("GET", f"{address}/api/v1/stream", timeout=10) as stream:
            assert next(stream.iter_lines()) == "data: first"
            assert not ENDED.is_set()


def test_a_webhook_is_sent_once_more_when_a_server_died_with_it_and_nothing_else_is(tmp_path: Path) -> None:
    with standing(Dying) as dying, standing() as alive, haproxy(tmp_path, dying, alive) as address:
        hooks = [post(address, "/webhooks/heygen").status_code for _ in range(ROUNDS)]
        calls = [post(address, "/api/v1/videos").status_code for _ in range(ROUNDS)]
    assert hooks == [200] * ROUNDS
    assert set(calls) == {200, 502}


def test_a_server_that_is_stopping_gets_nothing_new(tmp_path: Path) -> None:
    with standing(Leaving) as leaving, standing() as alive, haproxy(tmp_path, leaving, alive) as address:
        wait_until(lambda: all(is_ready(address) for _ in range(ROUNDS)), what="the other is known to be leaving")
        told = {post(address, "/webhooks/heygen").text for _ in range(ROUNDS)}
    assert told == {"x from 127.0.0.1"}


def test_when_nobody_may_be_asked_it_says_when_to_come_again(tmp_path: Path) -> None:
    with standing(Leaving) as one, standing(Leaving) as other, haproxy(tmp_path, one, other) as address:
        answer = wait_until(lambda: unavailable(post(address, "/webhooks/heygen")), what="both are known to be leaving")
    assert answer.headers["retry-after"] == "5"


def unavailable(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.status_code == 503 else None


def test_the_log_keeps_no_token(tmp_path: Path) -> None:
    with standing() as alive, nobody() as gone, haproxy(tmp_path, alive, gone) as address:
        assert post(address, "/webhooks/heygen/callback/tok3n?token=s3cret").status_code == 200
        log = wait_until(lambda: [line for line in lines(tmp_path) if "POST" in line], what="a line")
    assert "POST /webhooks/heygen/callback/*** 200" in log[0]
    assert not [line for line in lines(tmp_path) if "tok3n" in line or "s3cret" in line]


def lines(folder: Path) -> list[str]:
    return (folder / "log").read_text().splitlines()
