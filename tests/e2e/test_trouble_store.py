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
    Json,
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

    def waits(self, video_id: str, word: str) -> str:
        """The video waits, and says for what wherever a person looks; all else goes on. Returns the reason."""
        wait_until(lambda: told(self.client, video_id, "waiting"), what="it waits")
        assert becomes(self.client, self.ask("cloudinary"), "ready")["asset"]["store"] == "cloudinary"
        assert self.service.post(failure_of(word), secret=self.secret).status_code == 200
        wait_until(lambda: word in failed(self.client), what="the event is applied")
        assert readiness(self.service)["ok"]
        (_, words), *_ = told(self.client, video_id, "waiting")
        job = job_error(self.client, video_id)
        assert (job["state"], job["code"], job["message"]) == ("available", "postponed", words)
        (down,) = [one for one in self.destinations() if one["state"] != "closed"]
        assert (down["name"], words) == ("local", f"waiting for local: {down['reason']}")
        assert told(self.client, video_id) == [], "no attempt was used up"
        return str(down["reason"])

    def is_quiet(self) -> None:
        """Wait until no file is being stored, or waits to be."""
        which = [{"kind": "archive_asset", "state": state} for state in ("available", "retryable", "running")]
        jobs = lambda: [self.client.get("/api/v1/jobs", params=one).json()["data"] for one in which]  # noqa: E731
        wait_until(lambda: not any(jobs()), what="every file is stored")

    def destinations(self) -> list[Json]:
        return self.client.get("/api/v1/jobs/destinations").json()["data"]  # type: ignore[no-any-return]

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
    words = world.waits(waiting, "no-permission")
    for folder in (world.media, world.media / ".partial"):
        folder.chmod(0o700)
    becomes(world.client, waiting, "ready")
    assert words == f"{world.media} cannot be used: Permission denied"
    guide("waiting for local", "cannot be used: Permission denied")


def test_a_folder_replaced_by_a_file(world: World) -> None:
    aside = world.media.with_name("aside")
    world.is_quiet()  # whoever stores a file in between would make the folder anew
    world.media.rename(aside)
    world.media.write_text("not a folder")
    waiting = world.ask("local")
    words = world.waits(waiting, "no-folder")
    world.media.unlink()
    aside.rename(world.media)
    becomes(world.client, waiting, "ready")
    assert words in (f"{world.media} cannot be used: {reason}" for reason in ("Not a directory", "File exists"))
    guide("waiting for local", "Not a directory")


def test_a_disk_that_is_full(world: World) -> None:
    """It is looked at again a minute later, so the test moves that minute in the database, while nobody else has it."""
    limit_files(world.service, FULL_AT)
    waiting = world.ask("local", FILM)
    words = world.waits(waiting, "no-space")
    assert list((world.media / ".partial").iterdir()) == [], "what does not fit is not left there"
    world.service.stop()
    with closing(sqlite3.connect(world.service.folder / "reelhook.db")) as database, database:
        database.execute("UPDATE jobs SET run_at = created_at, deadline = created_at WHERE video_id = ?", [waiting])
    world.service.start()
    assert becomes(world.client, waiting, "ready")["asset"]["bytes"] == FILM
    assert words == f"no space left in {world.media}"
    guide("waiting for local", "no space left in")
