"""A real Caddy with our file, before two servers of which one is gone."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.deploy.artefacts import DEPLOY
from tests.deploy.standing import ENDED, is_ready, nobody, standing
from tests.processes import free_port, wait_until

CADDY = shutil.which("caddy")
pytestmark = pytest.mark.skipif(CADDY is None, reason="no Caddy here: apt-get install caddy")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("caddy")
    at = f"http://127.0.0.1:{free_port()}"
    with standing() as alive, nobody() as gone, (folder / "log").open("wb") as log:
        process = start(folder, at, alive, gone, log.fileno())
        try:
            wait_until(lambda: is_ready(at), what="Caddy serves")
            yield at
        finally:
            ENDED.set()
            process.kill()
            process.wait()


def start(folder: Path, at: str, alive: int, gone: int, log: int) -> subprocess.Popen[bytes]:
    said = (DEPLOY / "caddy" / "Caddyfile").read_text()
    said = said.replace("reelhook.example.com {", f"{at} {{").replace(":8081", f":{alive}").replace(":8082", f":{gone}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + said)
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    return subprocess.Popen(command, env=os.environ | home, stdout=log, stderr=log, start_new_session=True)


def test_no_webhook_goes_to_a_server_that_is_not_ready_and_each_tells_who_sent_it(address: str) -> None:
    told = {"X-Forwarded-For": "6.6.6.6"}
    for number in range(6):
        answer = httpx.post(f"{address}/webhooks/heygen", content=b"%d" % number, headers=told, timeout=10)
        assert (answer.status_code, answer.text) == (200, f"{number} from 127.0.0.1")


def test_each_line_of_a_stream_goes_out_when_it_comes_in(address: str) -> None:
    with httpx.stream("GET", f"{address}/api/v1/stream", timeout=10) as answer:
        assert next(answer.iter_lines()) == "data: first"
        assert not ENDED.is_set()
