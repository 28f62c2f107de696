"""A stream ends with the access by which it was opened: told on the bus, or found out."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from reelhook.auth import changes
from reelhook.auth.principal import Principal, of_key, of_person, of_token
from reelhook.auth.standing import Standing
from reelhook.db import Tx
from reelhook.db.tables import api_keys, people
from reelhook.errors import DatabaseUnavailable
from reelhook.realtime import revoked
from tests.conftest import START, eventually

from .browser import Browser, watching
from .conftest import Scene

ADA = of_person("p-ada", "ada@example.com", "operator")
KEY = of_key("k-1", "backend", "viewer", None)


@pytest.fixture(autouse=True)
async def access(scene: Scene) -> None:
    """Ada and two keys are good."""

    def work(tx: Tx) -> None:
        person = {"id": ADA.id, "email": ADA.name, "role": ADA.role, "created_at": START}
        tx.execute(insert(people).values(**person))
        for number in (1, 2):
            key = {"id": f"k-{number}", "name": "backend", "prefix": "x", "key_hash": str(number), "role": "viewer"}
            tx.execute(insert(api_keys).values(**key, created_at=START))

    await scene.db.write(work)


def token(scene: Scene, issuer: Principal) -> Principal:
    return of_token("user 7", None, scene.clock.now() + timedelta(hours=1), issuer=issuer.actor)


async def ended(browser: Browser) -> None:
    (frame,) = await browser.rest()
    assert (frame.event, frame.id) == ("bye", None)
    assert (frame.data["reason"], "renew" in frame.data) == ("revoked", False)
    assert 3000 <= (frame.retry or 0) < 10_000


async def revoke(scene: Scene, key: str = "k-1") -> None:
    await scene.db.write(
        lambda tx: tx.execute(update(api_keys).where(api_keys.c.id == key).values(revoked_at=START)).rowcount
    )


WHOSE = {
    "key": (KEY, changes.key(KEY.id)),
    "person": (ADA, changes.person(ADA.id)),
    "session": (of_person(ADA.id, ADA.name, ADA.role, session="d1"), changes.session("d1")),
}


@pytest.mark.parametrize("whose", WHOSE)
async def test_what_is_told_ends_its_streams_at_once_and_no_others(whose: str, port: int, scene: Scene) -> None:
    scene.principal, told = WHOSE[whose]
    async with watching(port) as gone, watching(port) as gone_too:
        scene.principal = token(scene, of_key("k-2", "backend", "viewer", None))
        async with watching(port) as stays:
            scene.bus.publish(changes.TOPIC, told)
            await ended(gone)
            await ended(gone_too)
            scene.bus.publish(changes.TOPIC, "something of a newer version")
            await scene.write(subject="user 7")
            assert (await stays.frame()).id == 1


async def test_the_tokens_that_a_key_gave_out_share_its_fate(port: int, scene: Scene) -> None:
    scene.principal = token(scene, KEY)
    async with watching(port) as browser:
        scene.bus.publish(changes.TOPIC, changes.key(KEY.id))
        await ended(browser)


async def test_who_was_being_let_in_meanwhile_is_found_by_the_second_look(port: int, scene: Scene) -> None:
    scene.principal = KEY
    await revoke(scene)
    scene.bus.publish(changes.TOPIC, changes.key(KEY.id))
    async with watching(port) as late:
        await forward_until(scene, lambda: scene.streams == 0)
        await ended(late)


async def test_after_a_gap_all_are_looked_at_in_the_database(port: int, scene: Scene) -> None:
    scene.principal = KEY
    async with watching(port) as revoked_one:
        scene.principal = ADA
        async with watching(port) as demoted:
            scene.principal = of_key("k-2", "backend", "viewer", None)
            async with watching(port) as stays:
                await revoke(scene)
                await scene.db.write(lambda tx: tx.execute(update(people).values(role="viewer")).rowcount)
                gap(scene)
                await ended(revoked_one)
                await ended(demoted)
                await scene.write()
                assert scene.streams == 1
                del stays


async def test_what_nobody_was_told_of_is_found_in_the_end(
    port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revoked, "EVERY_S", 0.05)
    gap(scene)  # wakes it from the minute it began to wait
    scene.principal = KEY
    async with watching(port) as browser:
        await revoke(scene)
        await ended(browser)


async def test_while_the_database_is_away_it_is_asked_again_and_nobody_is_thrown_out(
    port: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def away(*_: object) -> set[Principal]:
        nonlocal asked
        asked += 1
        raise DatabaseUnavailable("it is away")

    scene.principal = KEY
    async with watching(port) as browser:
        await revoke(scene)
        with monkeypatch.context() as broken:
            broken.setattr(Standing, "lost", away)
            gap(scene)
            await forward_until(scene, lambda: asked >= 2)
            assert scene.streams == 1
        await forward_until(scene, lambda: scene.streams == 0)
        await ended(browser)


def gap(scene: Scene) -> None:
    scene.bus._listeners.tell_of_gap()  # type: ignore[attr-defined]


async def forward_until(scene: Scene, condition: Callable[[], bool]) -> None:
    """Sleepers go to sleep at moments of their own, so time goes on until it has happened."""

    async def step() -> bool:
        await scene.clock.forward(revoked.SECOND_LOOK_S)
        return condition()

    await eventually(step)
    await asyncio.sleep(0)
