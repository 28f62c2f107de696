import base64
import json
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from sqlalchemy import update

from reelhook.auth import Access, local_admin
from reelhook.auth.callback_tokens import CallbackTokens
from reelhook.auth.issuers import Issuers
from reelhook.auth.principal import of_key, of_person
from reelhook.auth.recognised import Recognised
from reelhook.auth.tokens import AUDIENCE, StreamTokens
from reelhook.db import Database
from reelhook.db.tables import api_keys
from reelhook.errors import WrongInput
from reelhook.kit.bus import LocalBus
from reelhook.kit.sealing import Sealer

from .conftest import HEADER, Client, Key, Person, StoppedClock

VIDEO = "0192c000-0000-7000-8000-000000000001"
OTHER = "0192c000-0000-7000-8000-000000000002"


@pytest.fixture
async def program(client: Client, key: Key):
    return client(authorization=f"Bearer {await key('operator')}")


def signing(db: Database, clock: StoppedClock, *keys: str) -> StreamTokens:
    return StreamTokens(clock, Sealer(keys), Issuers(db, clock, Recognised(LocalBus(), clock).issuers))


async def test_a_builder_gets_a_token_for_one_of_its_users(program, client: Client) -> None:
    body = {"subject": " user 7", "video_ids": [VIDEO], "ttl_s": 60}
    answer = await program.post("/api/v1/stream-tokens", json=body)
    assert answer.status_code == 201
    assert answer.json()["expires_at"] == "2026-11-22T12:01:00.000Z"
    token = answer.json()["token"]
    seen = {"kind": "token", "subject": " user 7", "video_ids": [VIDEO]}
    assert (await client().get(f"/api/v1/stream?token={token}")).json() == seen
    assert (await client(authorization=f"Bearer {token}").get(f"/api/v1/videos/{VIDEO}")).json() == seen


@pytest.mark.parametrize(
    ("method", "path", "by_query", "by_bearer"),
    [
        ("GET", "/api/v1/stream", 200, 200),
        ("GET", f"/api/v1/videos/{VIDEO}", 200, 200),
        ("GET", f"/api/v1/videos/{VIDEO}/timeline", 404, 404),
        ("GET", "/media/x.mp4", 404, 404),
        ("GET", "/api/v1/videos", 401, 403),
        ("GET", "/api/v1/videos/counts", 401, 403),
        ("GET", f"/api/v1/videos/{VIDEO}/retry", 401, 403),
        ("POST", "/api/v1/videos", 401, 403),
        ("POST", "/api/v1/stream", 401, 403),
        ("DELETE", f"/api/v1/videos/{VIDEO}", 401, 403),
        ("GET", "/api/v1/audit", 401, 403),
        ("POST", "/api/v1/stream-tokens", 401, 403),
        ("GET", "/metrics", 401, 403),
        ("GET", "/openapi.json", 401, 403),
        ("GET", "/api/v1/session", 401, 401),
    ],
)
async def test_what_a_token_opens(client, access, method: str, path: str, by_query: int, by_bearer: int) -> None:
    token = access.stream_tokens.issue(local_admin(), "user 7").token
    assert (await client().request(method, f"{path}?token={token}")).status_code == by_query
    assert (await client(authorization=f"Bearer {token}").request(method, path)).status_code == by_bearer


@pytest.mark.parametrize("credential", ["?token=nonsense", "?token=", "?token=OLD", "Bearer nonsense", "Bearer OLD"])
async def test_a_credential_that_is_not_good_never_falls_through_to_the_cookie(
    signed_in, person: Person, access: Access, clock: StoppedClock, credential: str
) -> None:
    """Else a client that lost its token would follow somebody else's videos, or nobody's, without a word."""
    await person()
    browser = await signed_in()
    old = access.stream_tokens.issue(local_admin(), "user 7", ttl_s=10).token
    clock.forward(seconds=10)
    assert (await browser.get("/api/v1/stream")).status_code == 200
    sent = credential.replace("OLD", old)
    query, headers = (sent, {}) if sent.startswith("?") else ("", {"authorization": sent})
    answer = await browser.get(f"/api/v1/stream{query}", headers=headers)
    code = "token_expired" if "OLD" in credential else "unauthorized"
    assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_a_token_ends(client: Client, access: Access, clock: StoppedClock) -> None:
    token = access.stream_tokens.issue(local_admin(), "user 7", ttl_s=10).token
    principal = await access.stream_tokens.find(token)
    clock.forward(seconds=9.9)
    assert (await client().get(f"/api/v1/stream?token={token}")).status_code == 200
    clock.forward(seconds=0.1)
    refused = await client().get(f"/api/v1/stream?token={token}")
    assert (refused.status_code, refused.json()["code"]) == (401, "token_expired")
    assert "2026-11-22T12:00:10.000Z; get another one (POST /api/v1/stream-tokens)" in refused.json()["detail"]
    assert (await client(authorization=f"Bearer {token}").get("/api/v1/stream")).json()["code"] == "token_expired"
    assert principal is not None
    assert principal.expires_at == clock.now()


@pytest.mark.parametrize("ttl_s", [9, 86_401, -1])
async def test_a_token_lasts_neither_too_short_nor_too_long(program, access: Access, ttl_s: int) -> None:
    assert (await program.post("/api/v1/stream-tokens", json={"subject": "u", "ttl_s": ttl_s})).status_code == 422
    with pytest.raises(WrongInput):
        access.stream_tokens.issue(local_admin(), "u", ttl_s=ttl_s)


@pytest.mark.parametrize(
    "body", [{"subject": ""}, {"subject": "u", "video_ids": []}, {"subject": "u", "video_ids": ["x"]}, {}]
)
async def test_a_request_of_the_wrong_shape_is_422(program, body) -> None:
    assert (await program.post("/api/v1/stream-tokens", json=body)).status_code == 422


async def test_tokens_of_other_keys_purposes_and_algorithms_are_refused(db, clock: StoppedClock) -> None:
    sealer = Sealer(["new key", "old key"])
    tokens = signing(db, clock, "new key", "old key")
    good = {"sub": "u", "aud": AUDIENCE, "exp": int(clock.now().timestamp()) + 60, "iss": "local:local"}
    stream, callback = sealer.signing_keys("stream"), sealer.signing_keys("callback")
    assert await tokens.find(jwt.encode(good, stream[0], "HS256")) is not None
    wrong = [
        jwt.encode(good, callback[0], "HS256"),
        jwt.encode(good, Sealer(["another"]).signing_keys("stream")[0], "HS256"),
        jwt.encode(good | {"aud": "reelhook-link"}, stream[0], "HS256"),
        jwt.encode({name: good[name] for name in good if name != "aud"}, stream[0], "HS256"),
        jwt.encode({name: good[name] for name in good if name != "exp"}, stream[0], "HS256"),
        jwt.encode({name: good[name] for name in good if name != "sub"}, stream[0], "HS256"),
        jwt.encode(good | {"iss": "somebody"}, stream[0], "HS256"),
        jwt.encode(good, stream[0] * 2, "HS512"),
        unsigned(good),
        jwt.encode(good, stream[0], "HS256")[:-2],
        "",
        "a.b.c",
        "\udc80",
    ]
    assert [await tokens.find(token) for token in wrong] == [None] * len(wrong)


def unsigned(claims: dict[str, object]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


async def test_an_older_signing_key_is_still_good(db, clock: StoppedClock) -> None:
    token = signing(db, clock, "old key").issue(local_admin(), "u").token
    assert await signing(db, clock, "new key", "old key").find(token) is not None
    assert await signing(db, clock, "new key").find(token) is None
    newest = signing(db, clock, "new key", "old key").issue(local_admin(), "u").token
    assert await signing(db, clock, "new key").find(newest) is not None


async def test_revoking_a_key_ends_the_tokens_it_gave_out(access: Access) -> None:
    made = await access.keys.create(local_admin(), "leaked", "operator")
    token = access.stream_tokens.issue(of_key(made.id, "leaked", "operator", None), "u").token
    assert await access.stream_tokens.find(token) is not None
    await access.keys.revoke(local_admin(), made.id)
    assert await access.stream_tokens.find(token) is None


async def test_a_token_lasts_no_longer_than_the_key_that_asked_for_it(
    access: Access, db: Database, clock: StoppedClock
) -> None:
    made = await access.keys.create(local_admin(), "for an hour", "operator")
    soon = clock.now() + timedelta(minutes=1)
    issuer = of_key(made.id, "for an hour", "operator", None)
    assert access.stream_tokens.issue(replace(issuer, expires_at=soon), "u").expires_at == soon
    token = access.stream_tokens.issue(issuer, "u").token
    await db.write(lambda tx: tx.execute(update(api_keys).values(expires_at=soon)).rowcount)
    assert await access.stream_tokens.find(token) is not None
    clock.forward(minutes=1)
    assert await access.stream_tokens.find(token) is None, "although the token itself has an hour"


async def test_who_may_give_out_no_tokens_any_more_loses_those_given_out(access: Access, person: Person) -> None:
    row = await person("bo@example.com", "operator")
    await person()
    token = access.stream_tokens.issue(of_person(row.id, row.email, row.role), "u").token
    assert await access.stream_tokens.find(token) is not None
    await access.people.change(local_admin(), row.id, role="viewer")
    assert await access.stream_tokens.find(token) is None


async def test_disabling_a_person_ends_the_tokens_they_gave_out(access: Access, person: Person, signed_in) -> None:
    await person()
    row = await person("bo@example.com", "operator")
    browser = await signed_in("bo@example.com")
    token = (await browser.post("/api/v1/stream-tokens", json={"subject": "u"}, headers=HEADER)).json()["token"]
    assert await access.stream_tokens.find(token) is not None
    await access.people.change(local_admin(), row.id, disabled=True)
    assert await access.stream_tokens.find(token) is None


def test_a_callback_token_names_its_video_and_no_other() -> None:
    tokens = CallbackTokens(Sealer(["new key", "old key"]))
    token = tokens.issue(VIDEO)
    assert (len(token), tokens.video_id(token)) == (43, VIDEO)
    assert tokens.video_id(CallbackTokens(Sealer(["old key"])).issue(OTHER)) == OTHER
    assert tokens.video_id(CallbackTokens(Sealer(["third key"])).issue(VIDEO)) is None


def test_a_changed_callback_token_is_none() -> None:
    tokens = CallbackTokens(Sealer(["key"]))
    token, other = tokens.issue(VIDEO), tokens.issue(OTHER)
    assert tokens.video_id(other[:22] + token[22:]) is None, "the MAC of another video"
    changed = [token[:spot] + ("A" if token[spot] != "A" else "B") + token[spot + 1 :] for spot in range(43)]
    for wrong in [*changed, "", "x", token[:-1], token + "A", token + "AAAA", token + "=", "é" * 43, VIDEO, "a" * 43]:
        assert tokens.video_id(wrong) is None, wrong
