"""What HeyGen may also answer when it is asked to register: each ends in words, and never in two endpoints."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from reelhook.db.tables import marks, webhook_secrets
from reelhook.heygen import HeyGenUnavailable
from reelhook.ingest.asking import Unfinished
from reelhook.ingest.registration import AlreadyRegistered, NoSecretTold
from tests.heygen.conftest import FakeHeyGen, server

from .conftest import Scene
from .desk import ADMIN, REMOTE, Desk, desk_of, with_time

__all__ = ["server"]

CREATE = "POST /v3/webhooks/endpoints"


@pytest.fixture
async def desk(scene: Scene, server: FakeHeyGen) -> AsyncIterator[Desk]:
    scene.secrets[:] = []
    async with desk_of(scene, f"http://{server.address}", "sk_V2_of_a_test") as one:
        yield one


def lists(server: FakeHeyGen, desk: Desk, *ids: str) -> None:
    server.answers_with({"data": [_row(desk, one) for one in ids], "has_more": False})


def makes(server: FakeHeyGen, desk: Desk, endpoint_id: str, secret: str | None) -> None:
    server.answers_with({"data": {**_row(desk, endpoint_id), "secret": secret}})


def _row(desk: Desk, endpoint_id: str) -> dict[str, Any]:
    return {"endpoint_id": endpoint_id, "url": desk.url, "events": None, "status": "enabled"}


def keys(server: FakeHeyGen) -> list[str]:
    return [asked.headers["Idempotency-Key"] for asked in server.asked if asked.line == CREATE]


async def test_a_conflict_is_one_that_is_there_already(desk: Desk, server: FakeHeyGen) -> None:
    lists(server, desk)
    server.refuses_with(409, "conflict", "A webhook with this url exists.")
    with pytest.raises(
        AlreadyRegistered, match=r"A webhook with this url exists\.? \[conflict\] Delete the endpoint at"
    ):
        await desk.register()


async def test_an_endpoint_without_a_secret_is_named_and_how_to_get_one(desk: Desk, server: FakeHeyGen) -> None:
    lists(server, desk)
    makes(server, desk, "e1", None)
    with pytest.raises(NoSecretTold, match="as e1, but told no secret: run `reelhook rotate-secret e1`"):
        await desk.register()
    assert (await desk.rows(marks), await desk.rows(webhook_secrets)) == ([], [])


async def test_a_second_endpoint_made_by_a_late_repeat_is_deleted_again(desk: Desk, server: FakeHeyGen) -> None:
    lists(server, desk)
    for _ in range(3):
        server.hangs_up()  # nothing was made
    with pytest.raises(Unfinished):
        await with_time(desk, desk.register())
    lists(server, desk, "of somebody else")
    makes(server, desk, "too many", "whsec_too_many")
    server.answers_with({"data": {}})
    with pytest.raises(AlreadyRegistered, match="as of somebody else, and no secret of it"):
        await desk.register()
    assert server.asked[-1].line == "DELETE /v3/webhooks/endpoints/too%20many"
    assert (await desk.rows(marks), await desk.rows(webhook_secrets)) == ([], [])


async def test_the_same_key_is_used_until_there_is_an_answer(desk: Desk, server: FakeHeyGen) -> None:
    lists(server, desk)
    server.hangs_up()
    server.refuses_with(409, "request_in_progress")
    server.answers_with(b"<html>Bad Gateway</html>", 502)
    with pytest.raises(Unfinished, match="Whether HeyGen did it is not known"):
        await with_time(desk, desk.register())
    lists(server, desk, "e1")
    makes(server, desk, "e1", "whsec_e1")
    assert (await desk.register()).new
    assert (len(keys(server)), len(set(keys(server)))) == (4, 1)


async def test_after_a_no_the_next_try_has_a_key_of_its_own(desk: Desk, server: FakeHeyGen) -> None:
    """HeyGen may repeat what it said once for as long as it keeps the key."""
    lists(server, desk)
    server.refuses_with(500, "internal_error")
    with pytest.raises(HeyGenUnavailable, match="it answered 500"):
        await desk.register()
    lists(server, desk)
    makes(server, desk, "e1", "whsec_e1")
    await desk.register()
    assert len(set(keys(server))) == 2


async def test_a_key_that_heygen_has_forgotten_does_not_stand_in_the_way(desk: Desk, server: FakeHeyGen) -> None:
    lists(server, desk)
    for _ in range(3):
        server.hangs_up()
    with pytest.raises(Unfinished):
        await with_time(desk, desk.register())
    desk.scene.clock.move(24 * 3600)
    lists(server, desk, "e1")
    with pytest.raises(AlreadyRegistered, match="as e1, and no secret of it"):
        await desk.register()
    lists(server, desk)
    makes(server, desk, "e2", "whsec_e2")
    await desk.register()
    assert len(set(keys(server))) == 2
    assert await desk.rows(marks) == []


@pytest.mark.parametrize(("asked", "waited"), [("0", 1), ("7", 7), ("3600", 10)])
async def test_heygen_says_when_to_come_back(
    asked: str, waited: float, desk: Desk, server: FakeHeyGen, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(desk.scene.clock, "sleep", sleep)
    lists(server, desk)
    server.answers_with({"error": {"code": "rate_limit_exceeded"}}, 429, **{"Retry-After": asked})
    makes(server, desk, "e1", "whsec_e1")
    assert (await desk.register()).new
    assert pauses == [waited]


async def test_a_rotation_that_tells_no_secret_is_asked_for_anew(desk: Desk, server: FakeHeyGen) -> None:
    lists(server, desk, "e1")
    server.answers_with({"data": {"endpoint_id": "e1"}})
    with pytest.raises(HeyGenUnavailable, match="its answer holds no secret"):
        await desk.does.rotation.rotate(ADMIN, REMOTE, "e1", timedelta(0))
    assert await desk.rows(marks) == []
