import re

import pytest
from sqlalchemy import select

from reelhook.auth import Access, local_admin
from reelhook.auth.principal import of_key
from reelhook.db import Database
from reelhook.db.tables import api_keys
from reelhook.errors import Forbidden, WrongInput

from .conftest import Client, Key, StoppedClock


@pytest.fixture
async def program(client: Client, key: Key, clock: StoppedClock):
    admin = await key("admin")
    clock.forward(seconds=1)  # what is made from now on is newer
    return client(authorization=f"Bearer {admin}")


async def test_a_key_is_shown_once_and_kept_as_a_digest(program, client: Client, db: Database, actions) -> None:
    body = {"name": "backend", "role": "operator", "scopes": ["videos:read", "stream-tokens"]}
    answer = await program.post("/api/v1/keys", json=body)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    made = answer.json()
    assert re.fullmatch(rf"rhk_{made['prefix']}_[0-9a-f]{{64}}", made["key"])
    listed = (await program.get("/api/v1/keys")).json()["data"][0]
    assert "key" not in listed
    assert {**listed, "key": made["key"]} == made
    assert listed["scopes"] == ["me", "stream-tokens", "videos:read"]
    secret = made["key"].rpartition("_")[2]
    assert secret not in str(await db.read(lambda conn: conn.execute(select(api_keys)).all()))
    assert (await actions())[-1] == "key.create"
    assert (await client(authorization=f"Bearer {made['key']}").get("/api/v1/stream")).status_code == 200


async def test_a_revoked_key_is_dead_at_once(program, client: Client, actions) -> None:
    made = (await program.post("/api/v1/keys", json={"name": "n", "role": "viewer"})).json()
    other = client(authorization=f"Bearer {made['key']}")
    assert (await other.get("/api/v1/stream")).status_code == 200
    for _ in range(2):
        assert (await program.delete(f"/api/v1/keys/{made['id']}")).status_code == 204
    assert (await other.get("/api/v1/stream")).status_code == 401
    assert (await actions()).count("key.revoke") == 1
    assert (await program.get("/api/v1/keys")).json()["data"][0]["revoked_at"] == "2026-11-22T12:00:01.000Z"
    assert (await program.delete("/api/v1/keys/nothing")).status_code == 404


async def test_changing_one_letter_makes_it_another_key(client: Client, key: Key) -> None:
    good = await key()
    for wrong in (good[:-1], good + "0", good.upper(), good.replace("rhk_", "rhk-"), good[:-1] + "g"):
        assert (await client(authorization=f"Bearer {wrong}").get("/api/v1/keys")).status_code == 401


async def test_the_last_use_is_noted_behind_the_request_and_seldom(access, client, key, clock, db) -> None:
    program = client(authorization=f"Bearer {await key()}")

    async def noted():
        await access.later.drain()
        return await db.read(lambda conn: conn.execute(select(api_keys.c.last_used_at)).scalar())

    await program.get("/api/v1/keys")
    first = await noted()
    assert first == clock.now()
    clock.forward(seconds=59)
    await program.get("/api/v1/keys")
    assert await noted() == first
    clock.forward(seconds=1)
    await program.get("/api/v1/keys")
    assert await noted() == clock.now()


async def test_a_full_disk_does_not_stop_a_key_from_being_used(access, client, key, db, monkeypatch) -> None:
    from .test_gate import away

    program = client(authorization=f"Bearer {await key()}")
    monkeypatch.setattr(db, "write", away)
    assert (await program.get("/api/v1/keys")).status_code == 200
    await access.later.drain()


async def test_a_key_cannot_have_more_than_its_role_or_its_maker(access: Access, clock: StoppedClock) -> None:
    with pytest.raises(WrongInput, match="keys:write"):
        await access.keys.create(local_admin(), "n", "operator", ["videos:read", "keys:write"])
    with pytest.raises(WrongInput, match="not a role"):
        await access.keys.create(local_admin(), "n", "root")
    narrow = of_key("k", "k", "admin", frozenset({"keys:write", "jobs:read"}))
    with pytest.raises(Forbidden):
        await access.keys.create(narrow, "n", "admin")
    await access.keys.create(narrow, "n", "operator", ["jobs:read"])


@pytest.mark.parametrize(
    "body", [{"name": "", "role": "viewer"}, {"name": "a\nb", "role": "viewer"}, {"name": "n", "role": "x"}, {}]
)
async def test_a_request_of_the_wrong_shape_is_422(program, body) -> None:
    assert (await program.post("/api/v1/keys", json=body)).status_code == 422
