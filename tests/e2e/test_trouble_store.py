"""A store that cannot be used: its videos wait, those of the other store become ready, and webhooks are taken."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.e2e.trouble import (
    REQUEST,
    becomes,
    bound_by_permissions,
    failed,
    failure_of,
    guide,
    job_error,
    limit_files,
    readiness,
    told,
)
from tests.processes import Service, Simulators, free_port, simulators, wait_until

FULL_AT = 8_000_000  # more than the database and its write-ahead log need, less than the film has
FILM = 10_000_000


@dataclass
class World:
    """A service with two stores, of which the local one gets into trouble."""

    service: Service
    outside: Simulators
    client: httpx.Client
    media: Path

    def ask(self, store: str, length: int | None = None) -> str:
        """The id of a video that is to be kept there."""
        self.outside.control("POST", "/plans", {"plans": [{"bytes": length}]})
        asked = self.client.post("/api/v1/videos", json=REQUEST | {"store": store})
        wait_until(lambda: not self.outside.control("GET", "/plans")["plans"], what="HeyGen was asked")
        return str(asked.raise_for_status().json()["id"])

    def waits(self, video_id: str, code: str) -> str:
        """The video waits, and says why in its timeline and its job; all else goes on. Returns the message."""
        wait_until(lambda: told(self.client, video_id), what="an attempt failed")
        assert becomes(self.client, self.ask("cloudinary"), "ready")["asset"]["store"] == "cloudinary"
        assert self.service.post(failure_of(code), secret=self.secret).status_code == 200
        wait_until(lambda: code in failed(self.client), what="the event is applied")
        assert readiness(self.service)["ok"]
        told_code, words = told(self.client, video_id)[0]
        job = job_error(self.client, video_id)
        assert (told_code, job["code"], job["message"], job["state"]) == (code, code, words, "retryable")
        return words

    @property
    def secret(self) -> str:
        return str(self.service.settings["heygen_webhook_secrets"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("store")
    with simulators(0.3) as outside:
        service = Service(folder, outside.settings(), free_port(), confine=bound_by_permissions)
        secret = outside.register(f"{service.base}/webhooks/heygen")
        service.settings |= {"heygen_webhook_secrets": secret, "stores": f"local:{folder / 'media'},cloudinary"}
        try:
            with service.start().client() as client:
                world = World(service, outside, client, folder / "media")
                becomes(client, world.ask("local"), "ready")
                yield world
        finally:
            service.kill()


def test_a_folder_without_permission(world: World) -> None:
    for folder in (world.media / ".partial", world.media):
        folder.chmod(0o500)
    waiting = world.ask("local")
    words = world.waits(waiting, "store_unavailable")
    for folder in (world.media, world.media / ".partial"):
        folder.chmod(0o700)
    becomes(world.client, waiting, "ready")
    assert words == f"{world.media} cannot be used: Permission denied"
    guide("store_unavailable", "cannot be used: Permission denied")


def test_a_folder_replaced_by_a_file(world: World) -> None:
    aside = world.media.with_name("aside")
    world.media.rename(aside)
    world.media.write_text("not a folder")
    waiting = world.ask("local")
    words = world.waits(waiting, "store_unavailable")
    world.media.unlink()
    aside.rename(world.media)
    becomes(world.client, waiting, "ready")
    assert words in (f"{world.media} cannot be used: {reason}" for reason in ("Not a directory", "File exists"))
    guide("store_unavailable", "Not a directory")


def test_a_disk_that_is_full(world: World) -> None:
    """It is looked at again a minute later, so the test moves that minute in the database, while nobody else has it."""
    limit_files(world.service, FULL_AT)
    waiting = world.ask("local", FILM)
    words = world.waits(waiting, "store_full")
    assert list((world.media / ".partial").iterdir()) == [], "what does not fit is not left there"
    world.service.stop()
    with closing(sqlite3.connect(world.service.folder / "reelhook.db")) as database, database:
        database.execute("UPDATE jobs SET run_at = created_at, deadline = created_at WHERE video_id = ?", [waiting])
    world.service.start()
    assert becomes(world.client, waiting, "ready")["asset"]["bytes"] == FILM
    assert words == f"no space left in {world.media}"
    guide("store_full", "no space left in")
