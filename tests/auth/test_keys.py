import re
from datetime import timedelta

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


async def test_a_key_ends_when_its_time_is_over_and_so_do_its_tokens(program, client: Client, access, clock) -> None:
    body = {"name": "trial", "role": "operator", "ttl_days": 1}
    made = (await program.post("/api/v1/keys", json=body)).json()
    assert made["expires_at"] == "2026-11-23T12:00:01.000Z"
    other = client(authorization=f"Bearer {made['key']}")
    principal = await access.keys.find(made["key"])
    assert principal.expires_at == clock.now() + timedelta(days=1), "a stream ends with it"
    clock.forward(hours=23, minutes=59)
    token = (await other.post("/api/v1/stream-tokens", json={"subject": "u1"})).json()
    assert token["expires_at"] == made["expires_at"], "no longer than the key"
    clock.forward(minutes=1)
    assert (await other.get("/api/v1/stream")).status_code == 401
    assert await access.standing.lost([principal]) == {principal}
    assert (await client().get("/api/v1/stream", params={"token": token["token"]})).status_code == 401
    assert (await program.post(f"/api/v1/keys/{made['id']}/rotate", json={})).json()["code"] == "key_ended"


async def test_after_a_rotation_both_secrets_are_the_same_key_until_the_overlap_ends(
    program, client: Client, access, clock, actions
) -> None:
    first = (await program.post("/api/v1/keys", json={"name": "n", "role": "viewer"})).json()
    answer = await program.post(f"/api/v1/keys/{first['id']}/rotate", json={"overlap_h": 2})
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    second = answer.json()
    assert second["id"] == first["id"]
    assert second["key"] != first["key"]
    old, new = (client(authorization=f"Bearer {one['key']}") for one in (first, second))
    seen = [(await one.get("/api/v1/stream")).json()["subject"] for one in (old, new)]
    assert seen == [first["id"], first["id"]]
    await access.later.drain()
    assert (await access.keys.find(first["key"])).expires_at == clock.now() + timedelta(hours=2)
    assert (await access.keys.find(second["key"])).expires_at is None
    listed = (await program.get("/api/v1/keys")).json()["data"][0]
    assert listed["previous_used_at"] == listed["last_used_at"] == listed["rotated_at"]
    assert "hash" not in str(listed)
    clock.forward(hours=2)
    assert [(await one.get("/api/v1/stream")).status_code for one in (old, new)] == [401, 200]
    assert (await actions())[-1] == "key.rotate"


async def test_a_second_rotation_ends_the_oldest_secret_and_no_overlap_ends_all(program, client: Client) -> None:
    secrets = [(await program.post("/api/v1/keys", json={"name": "n", "role": "viewer"})).json()]
    path = f"/api/v1/keys/{secrets[0]['id']}/rotate"

    async def good() -> list[int]:
        clients = [client(authorization=f"Bearer {one['key']}") for one in secrets]
        return [(await one.get("/api/v1/stream")).status_code for one in clients]

    assert await good() == [200]
    for overlap_h, expected in ((24, [200, 200]), (24, [401, 200, 200]), (0, [401, 401, 401, 200])):
        secrets.append((await program.post(path, json={"overlap_h": overlap_h})).json())
        assert await good() == expected
    await program.delete(path.removesuffix("/rotate"))
    assert await good() == [401] * 4
    assert (await program.post(path, json={})).status_code == 409
    assert (await program.post("/api/v1/keys/nothing/rotate", json={})).status_code == 404


async def test_who_rotates_a_key_sees_its_secret_and_so_needs_all_its_scopes(access: Access) -> None:
    wide = await access.keys.create(local_admin(), "wide", "admin")
    narrow = of_key("k", "k", "admin", frozenset({"keys:write"}))
    with pytest.raises(Forbidden):
        await access.keys.rotate(narrow, wide.id)


async def test_streams_of_a_rotated_key_begin_anew(access: Access, bus) -> None:
    told: list[str] = []
    bus.listen("access", told.append)
    made = await access.keys.create(local_admin(), "n", "viewer")
    await access.keys.rotate(local_admin(), made.id)
    assert told == [f"key:{made.id}"]


async def test_a_key_is_found_by_indexes_whichever_secret_it_is(access: Access, db: Database) -> None:
    statements: list[str] = []
    original = db.read

    async def watched(work, **limits):
        def counted(conn):
            class Watching:
                def execute(self, statement):
                    text = str(statement.compile(conn, compile_kwargs={"literal_binds": True}))
                    plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
                    statements.append(str(plan))
                    return conn.execute(statement)

            return work(Watching())

        return await original(counted, **limits)

    db.read = watched
    made = await access.keys.create(local_admin(), "n", "viewer")
    assert await access.keys.find(made.key) is not None
    assert len(statements) == 1
    assert "SCAN" not in statements[0]


async def test_a_page_learns_which_scopes_a_role_has(program) -> None:
    told = (await program.get("/api/v1/keys/roles")).json()["data"]
    assert told["viewer"] == ["me", "stream", "videos:read"]
    assert list(told) == ["viewer", "operator", "admin"]
