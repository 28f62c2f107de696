"""docs/migration.md and docs/embed.md, followed beside a running service; the handler shown there is a real process."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.guides.pages import blocks, read
from tests.guides.terminal import Terminal
from tests.processes import Service, Simulators, free_port, simulators, wait_until

REQUEST = {"heygen": {"type": "avatar", "avatar_id": "anna", "script": "Hello"}, "subject": "customer-12"}


@dataclass
class World:
    """A service that HeyGen knows, and a key of its."""

    service: Service
    heygen: Simulators
    terminal: Terminal
    client: httpx.Client
    hook: int
    """The port of a handler of ours."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, hook = tmp_path_factory.mktemp("guides"), free_port()
    with simulators(0.1) as heygen:
        settings = heygen.settings()
        settings["fetch_allow"] = f"{settings['fetch_allow']},127.0.0.1:{hook}"
        with started(Service(folder, settings), heygen) as service:
            yield from introduced(service, heygen, folder, hook)


def introduced(service: Service, heygen: Simulators, folder: Path, hook: int) -> Iterator[World]:
    """The world around a service that runs."""
    with service.local() as local:
        key = local.post("/api/v1/keys", json={"name": "my-app", "role": "operator"}).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=service.base, headers=headers, timeout=15) as client:
        video = client.post("/api/v1/videos", json=REQUEST).raise_for_status().json()["id"]
        instead = [
            ("$REELHOOK", service.base),
            ("$KEY", key),
            ("$VIDEO", video),
            ("YOUR-AVATAR", "anna"),
            ("YOUR-VOICE", "voice_anna"),
            ("https://app.example.com/webhooks/reelhook", f"http://127.0.0.1:{hook}/webhooks/reelhook"),
        ]
        terminal = Terminal(folder, service.port, instead, ours(service))
        yield World(service, heygen, terminal, client, hook)


@contextmanager
def started(service: Service, heygen: Simulators) -> Iterator[Service]:
    try:
        yield service.introduce(heygen)
    finally:
        service.stop()


def ours(service: Service) -> dict[str, object]:
    """What a command beside the service needs to know."""
    environment = service.environment()
    names = ("database_url", "heygen_base_url", "heygen_api_key")
    return {name: environment[f"REELHOOK_{name.upper()}"] for name in names}


def test_every_command_about_embedding_works_and_another_user_sees_nothing(world: World) -> None:
    said = world.terminal.follow(blocks("embed.md"), {})
    parts = {int(part.split()[0]): part for part in said.split("@@ ")[1:]}
    assert '"subject":"customer-12"' in parts[1].replace(" ", "")
    assert set(re.findall(r'"(token|expires_at)":', parts[2])) == {"token", "expires_at"}
    assert parts[4].rstrip().endswith("404")


def test_a_handler_that_moved_is_told_of_each_video_once(world: World, tmp_path: Path) -> None:
    said = world.terminal.follow(blocks("migration.md"), {})
    (secret,) = re.findall(r"whsec_[\w+/=-]+", said)
    (handler,) = re.findall(r"```python\n(.*?)```", read("migration.md"), re.DOTALL)
    printed = tmp_path / "printed"
    with printed.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", handler], env=os.environ | {"PORT": str(world.hook), "SECRET": secret}, stdout=log
        )
    try:
        wait_until(lambda: listens(world.hook), what="the handler")
        world.heygen.control("POST", "/plans", {"plans": [{"duplicates": 2}, {"outcome": "failed"}]})
        for _ in range(2):
            world.client.post("/api/v1/videos", json=REQUEST).raise_for_status()
        wait_until(lambda: len(printed.read_text().splitlines()) == 2, what="both videos told")
        assert {line.split()[0] for line in printed.read_text().splitlines()} == {"ready", "failed"}
        assert "customer-12 /media/" in printed.read_text() or "customer-12 http" in printed.read_text()
        forged = httpx.post(f"http://127.0.0.1:{world.hook}/", content=b"{}", timeout=15)
        assert forged.status_code == 401
    finally:
        process.kill()
        process.wait(10)


def listens(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=5).status_code > 0
    except httpx.TransportError:
        return False
