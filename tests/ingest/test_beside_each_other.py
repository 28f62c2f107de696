"""Several processes on one database: what one of them is told, the others learn before they refuse anything for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete
from structlog.testing import capture_logs

from reelhook.db.tables import webhook_secrets
from reelhook.errors import DatabaseUnavailable
from reelhook.ingest.asking import Unfinished
from tests.conftest import eventually
from tests.servers import database_url, postgres, prepared_file

from .conftest import Scene
from .desk import ADMIN, REMOTE, Desk, Outside, another_book, desk, desk_of, outside, with_time

__all__ = ["database_url", "desk", "outside", "postgres", "prepared_file"]


@pytest.fixture
async def beside(desk: Desk, outside: Outside) -> AsyncIterator[Desk]:
    """The second process, which took no part in anything."""
    scene = Scene(desk.scene.db, desk.scene.clock, desk.scene.ids)
    scene.secrets[:] = []
    scene.book = another_book(scene)
    async with desk_of(scene, outside.base, outside.key, wrong_rate=0.25) as one:
        await scene.book.load()
        yield one


async def test_a_new_secret_opens_every_door_at_once(desk: Desk, beside: Desk, outside: Outside) -> None:
    endpoint_id = (await desk.register()).endpoint.id
    assert (await beside.deliver(await outside.secret(endpoint_id), b"1")).status == 200
    desk.scene.clock.move(1)
    await desk.does.rotation.rotate(ADMIN, REMOTE, endpoint_id, timedelta(hours=1))
    assert (await beside.deliver(await outside.secret(endpoint_id), b"2")).status == 200


async def test_a_rotation_under_way_elsewhere_is_no_attack_here(desk: Desk, beside: Desk, outside: Outside) -> None:
    endpoint_id = (await desk.register()).endpoint.id
    await outside.arm("drop_after", "rotate-secret", times=0)
    with pytest.raises(Unfinished):
        await with_time(desk, desk.does.rotation.rotate(ADMIN, REMOTE, endpoint_id, timedelta(hours=1)))
    new = await outside.secret(endpoint_id)
    assert {(await beside.deliver(new, b"%d" % number)).code for number in range(5)} == {"secret_changing"}


async def test_a_secret_that_was_replaced_elsewhere_retires_here_though_nothing_new_ever_came(
    desk: Desk, beside: Desk, outside: Outside
) -> None:
    """Whoever stole it may send here alone."""
    endpoint_id = (await desk.register()).endpoint.id
    old = await outside.secret(endpoint_id)
    assert (await beside.deliver(old, b"1")).status == 200
    await desk.does.rotation.rotate(ADMIN, REMOTE, endpoint_id, timedelta(0))
    async with watching(beside):
        await beside.scene.clock.forward(30)
        await eventually(lambda: old in [secret.value for secret in beside.scene.book.known.retired])
    assert (await beside.deliver(old, b"2")).code == "retired_secret"


async def test_the_watch_writes_the_uses_and_looks_when_the_time_of_a_secret_is_over(
    desk: Desk, outside: Outside
) -> None:
    endpoint_id = (await desk.register()).endpoint.id
    old = await outside.secret(endpoint_id)
    await desk.does.rotation.rotate(ADMIN, REMOTE, endpoint_id, timedelta(seconds=10))
    await desk.deliver(old)
    with capture_logs() as told:
        async with watching(desk):
            await desk.scene.clock.forward(10)
            await eventually(lambda: len(told) == 2)
    assert [line["event"] for line in told] == ["secret.retired", "secret.used_after_replacement"]


async def test_the_watch_goes_on_when_the_database_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint_id = (await desk.register()).endpoint.id
    async with watching(desk):
        with monkeypatch.context() as broken, capture_logs() as told:
            broken.setattr(desk.scene.db, "write", _away)
            await desk.scene.clock.forward(30)
            await eventually(lambda: [line["event"] for line in told] == ["secrets.not_reloaded"])
        await desk.scene.db.write(lambda tx: tx.execute(delete(webhook_secrets)) and None)
        await desk.scene.clock.forward(30)
        await eventually(lambda: desk.scene.book.current(endpoint_id) is None)


async def _away(*_: object, **__: object) -> None:
    raise DatabaseUnavailable("away")


@asynccontextmanager
async def watching(desk: Desk) -> AsyncIterator[None]:
    """The book looks by itself; given is the moment in which it sleeps."""
    task = asyncio.create_task(desk.scene.book.watch())
    await asyncio.sleep(0)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
