"""`/api/v1/webhook-endpoints` and `/webhook-secrets`: what they take, what they tell, and that no secret is in it."""

from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from reelhook.api import create_api
from reelhook.auth.principal import Principal, local_admin, of_key
from reelhook.auth.site import Site
from reelhook.db.tables import audit
from reelhook.ingest.endpoints import router
from reelhook.kit.sealing import Sealer

from .conftest import SECRET
from .desk import Desk, Outside, another_book, desk, outside, with_time

__all__ = ["desk", "outside"]


class Client:
    """Asks as somebody; all that was ever answered is kept."""

    def __init__(self, desk: Desk) -> None:
        self._api = create_api(router(desk.does, Site(), 24))
        self.told = ""

    async def call(self, method: str, path: str, body: Any = None, who: Principal | None = None) -> httpx.Response:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self._api({**scope, "state": {"principal": who or local_admin()}}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://h") as client:
            answer = await client.request(method, f"/api/v1{path}", json=body)
        self.told += answer.text
        return answer


@pytest.fixture
async def client(desk: Desk) -> Client:
    return Client(desk)


async def test_only_who_may_change_settings_gets_in(client: Client) -> None:
    operator = of_key("k", "k", "operator", None)
    for method, path in (
        ("GET", "/webhook-endpoints"),
        ("POST", "/webhook-endpoints"),
        ("POST", "/webhook-endpoints/e1/rotate-secret"),
        ("GET", "/webhook-secrets"),
    ):
        assert (await client.call(method, path, {}, operator)).status_code == 403


async def test_register_then_again(client: Client, desk: Desk, outside: Outside) -> None:
    first = await client.call("POST", "/webhook-endpoints", {"events": ["avatar_video.success"]})
    again = await client.call("POST", "/webhook-endpoints", {"url": None})
    assert (first.status_code, first.json()["new"], again.status_code, again.json()["new"]) == (201, True, 200, False)
    (endpoint,) = await outside.endpoints()
    made = first.json()
    assert made["endpoint"] | {"created_at": None} == {
        "id": endpoint["endpoint_id"],
        "url": desk.url,
        "events": ["avatar_video.success"],
        "status": "enabled",
        "created_at": None,
    }
    assert made["test"]["arrived"] is True
    assert endpoint["secret"] not in client.told


@pytest.mark.parametrize("body", [{"events": []}, {"events": [""]}, {"url": 7}, {"link": "x"}, {"overlap_h": 1}])
async def test_what_is_not_understood_is_refused(body: dict[str, Any], client: Client) -> None:
    assert (await client.call("POST", "/webhook-endpoints", body)).status_code == 422


@pytest.mark.parametrize(("body", "hours"), [(None, 24), ({}, 24), ({"overlap_h": 0.5}, 0.5), ({"overlap_h": 0}, 0)])
async def test_the_overlap_is_the_settings_unless_it_is_given(
    body: Any, hours: float, client: Client, desk: Desk
) -> None:
    endpoint_id = (await desk.register()).endpoint.id
    done = (await client.call("POST", f"/webhook-endpoints/{endpoint_id}/rotate-secret", body)).json()
    (_, rotated) = await desk.scene.db.read(lambda conn: list(conn.execute(select(audit).order_by(audit.c.id))))
    day, clock = divmod(12 + hours, 24)
    assert done["retires_at"] == f"2026-11-{22 + day:.0f}T{int(clock):02}:{clock % 1 * 60:02.0f}:00.000Z"
    assert rotated.data["retires_at"] == done["retires_at"]
    assert (done["endpoint_id"], len(done["replaced"]), done["undecided"]) == (endpoint_id, 1, [])


@pytest.mark.parametrize("hours", [-1, 9000, "1", True])
async def test_an_overlap_that_is_none_is_refused(hours: Any, client: Client) -> None:
    body = {"overlap_h": hours}
    assert (await client.call("POST", "/webhook-endpoints/e1/rotate-secret", body)).status_code == 422


async def test_all_endpoints_are_listed_with_what_is_known_of_their_secrets(
    client: Client, desk: Desk, outside: Outside
) -> None:
    elsewhere = await outside.register("http://127.0.0.1:9/other", events=["video_agent.fail"])
    by_hand = await outside.register(desk.url)
    mine = (await desk.register("http://127.0.0.1:9/by-another-name")).endpoint.id
    await client.call("POST", f"/webhook-endpoints/{mine}/rotate-secret")
    listed = {one["id"]: one for one in (await client.call("GET", "/webhook-endpoints")).json()["data"]}
    assert {name: one["ours"] for name, one in listed.items()} == {elsewhere: False, by_hand: True, mine: True}
    assert [one["state"] for one in listed[mine]["secrets"]] == ["live", "replaced"]
    assert (listed[elsewhere]["secrets"], listed[elsewhere]["events"]) == ([], ["video_agent.fail"])
    assert not [one["secret"] for one in await outside.endpoints() if one["secret"] in client.told]


async def test_every_secret_is_told_by_its_fingerprint_with_its_life_and_uses(
    client: Client, desk: Desk, outside: Outside
) -> None:
    desk.scene.secrets[:] = [SECRET]
    endpoint_id = (await desk.register()).endpoint.id
    old = await outside.secret(endpoint_id)
    await client.call("POST", f"/webhook-endpoints/{endpoint_id}/rotate-secret", {"overlap_h": 1})
    await desk.deliver(old)
    told = (await client.call("GET", "/webhook-secrets")).json()
    assert told["unfinished"] == []
    shown = [(one["source"], one["endpoint_id"], one["state"], one["in_settings"], one["uses"]) for one in told["data"]]
    assert shown[0] == ("heygen", endpoint_id, "live", False, 0)
    assert sorted(shown[1:], key=str) == [
        ("heygen", endpoint_id, "replaced", False, 1),
        ("settings", None, "live", True, 0),
    ]
    replaced = next(one for one in told["data"] if one["state"] == "replaced")
    assert (replaced["retires_at"], replaced["last_used_at"]) == (
        "2026-11-22T13:00:00.000Z",
        "2026-11-22T12:00:00.000Z",
    )
    desk.scene.clock.move(3600)
    states = [one["state"] for one in (await client.call("GET", "/webhook-secrets")).json()["data"]]
    assert sorted(states) == ["live", "live", "retired"]
    assert (old in client.told, SECRET in client.told) == (False, False)


async def test_one_that_is_sealed_with_a_lost_key_is_told_apart(client: Client, desk: Desk) -> None:
    await desk.register()
    desk.scene.sealer = Sealer(["another key"])
    desk.does._book.rows = another_book(desk.scene).rows
    with capture_logs() as told:
        for _ in range(2):
            (one,) = (await client.call("GET", "/webhook-secrets")).json()["data"]
    assert (one["state"], desk.scene.book.known.live) == ("unreadable", ())
    assert [line["event"] for line in told] == ["secret.cannot_unseal"]


async def test_what_was_begun_and_not_finished_is_told(client: Client, desk: Desk, outside: Outside) -> None:
    await outside.arm("drop_before", "POST /v3/webhooks/endpoints", times=0)
    refused = await with_time(desk, client.call("POST", "/webhook-endpoints", {}))
    assert (refused.status_code, refused.json()["code"]) == (503, "change_unfinished")
    (one,) = (await client.call("GET", "/webhook-secrets")).json()["unfinished"]
    assert (one["kind"], one["target"], one["begun_at"][:11]) == ("register", desk.url, "2026-11-22T")
