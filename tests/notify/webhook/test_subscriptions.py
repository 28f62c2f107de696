"""`/api/v1/subscription-endpoints`."""

from typing import Any

import pytest
from sqlalchemy import select

from reelhook.auth.principal import Principal, of_person
from reelhook.db.tables import (
    audit,
    outgoing_attempts,
    outgoing_deliveries,
    outgoing_messages,
    subscription_endpoints,
    subscription_secrets,
)
from reelhook.notify.channels.webhook import subscriptions
from reelhook.notify.channels.webhook.retention import sweeps
from reelhook.settings import Settings
from tests.notify.webhook.receiver import status
from tests.notify.webhook.scene import Scene


async def test_the_secret_is_shown_once_and_kept_sealed(scene: Scene) -> None:
    made = await scene.subscribe(description="CRM", types=["video.ready"])
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made == await scene.ask("GET", f"/{made['id']}")
    assert made == (await scene.ask("GET"))["data"][0]
    assert made | {"description": "CRM", "types": ["video.ready"], "state": "enabled", "pending": 0} == made
    for table in (subscription_endpoints, subscription_secrets, audit):
        assert all(secret[6:] not in str(row) for row in await scene.rows(table))


async def test_the_audit_log_tells_of_every_change_but_holds_no_address_and_no_name(scene: Scene) -> None:
    made = await scene.subscribe(description="anna@example.com", subject="anna@example.com")
    await scene.ask("PATCH", f"/{made['id']}", {"description": "bob@example.com", "types": ["video.*"]})
    await scene.ask("POST", f"/{made['id']}/rotate-secret", {})
    await scene.ask("POST", f"/{made['id']}/test")
    await scene.ask("POST", f"/{made['id']}/replay", {})
    await scene.ask("DELETE", f"/{made['id']}")
    verbs = [action.partition(".")[2] for _, action in await scene.actions()]
    assert verbs == ["create", "change", "rotate_secret", "test", "replay_many", "delete"]
    told = [row.data for row in await scene.rows(audit)]
    assert "example.com" not in str(told)
    assert "/hook" not in str(told)
    assert told[1]["types"] == ["video.*"]
    assert {row.target for row in await scene.rows(audit)} == {made["id"]}


WRONG_BODIES: list[dict[str, Any]] = [
    {},
    {"url": "http://example.com/hook"},
    {"url": "https://example.com/", "types": []},
    {"url": "https://example.com/", "types": ["video.done"]},
    {"url": "https://example.com/", "secret": "mine"},
    {"url": "https://example.com/", "description": "two\nlines"},
]


async def test_a_wrong_body_is_refused_and_leaves_nothing_behind(scene: Scene) -> None:
    for body in WRONG_BODIES:
        await scene.ask("POST", "", body, expect=422)
    assert await scene.rows(subscription_endpoints) == []


async def test_changes_are_checked_like_new_ones_and_null_types_mean_all(scene: Scene) -> None:
    made = await scene.subscribe(types=["video.ready"], subject="u1")
    for wrong in ({"url": None}, {"paused": None}, {"url": "http://example.com/"}, {"state": "enabled"}):
        await scene.ask("PATCH", f"/{made['id']}", wrong, expect=422)
    shown = await scene.ask("PATCH", f"/{made['id']}", {"types": None, "subject": None, "url": "https://example.com/x"})
    assert (shown["types"], shown["subject"], shown["url"]) == (None, None, "https://example.com/x")
    assert await scene.ask("PATCH", f"/{made['id']}", {}) == shown


async def test_whoever_may_not_read_or_write_is_refused(scene: Scene) -> None:
    made = await scene.subscribe()
    viewer: Principal = of_person("p", "p@example.com", "viewer")
    scene.principal = viewer
    await scene.ask("GET", expect=403)
    await scene.ask("DELETE", f"/{made['id']}", expect=403)


NOT_THERE = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/rotate-secret"),
    ("POST", "/test"),
    ("POST", "/replay"),
    ("GET", "/deliveries"),
    ("GET", "/deliveries/d"),
    ("POST", "/deliveries/d/replay"),
]


async def test_what_is_not_there_is_not_found(scene: Scene) -> None:
    for method, path in NOT_THERE:
        told = await scene.ask(method, f"/none{path}", {} if method in ("PATCH", "POST") else None, expect=404)
        assert told["code"] == "not_found"


async def test_characters_that_postgres_refuses_find_nothing(scene: Scene) -> None:
    made = await scene.subscribe()
    await scene.ask("GET", "/%00", expect=404)
    await scene.ask("POST", f"/{made['id']}/deliveries/%00/replay", expect=404)
    assert (await scene.ask("GET", f"/{made['id']}/deliveries?type=%00x"))["data"] == []
    for field in ("subject", "description"):
        await scene.ask("POST", "", {"url": "https://example.com/", field: "a\x00b"}, expect=422)


async def test_a_delivery_of_another_endpoint_is_not_found(scene: Scene) -> None:
    one, other = await scene.subscribe(), await scene.subscribe(types=["video.ready"])
    await scene.create()
    (delivery,) = (await scene.ask("GET", f"/{one['id']}/deliveries"))["data"]
    await scene.ask("GET", f"/{other['id']}/deliveries/{delivery['id']}", expect=404)
    await scene.ask("POST", f"/{other['id']}/deliveries/{delivery['id']}/replay", expect=404)


async def test_a_test_message_is_sent_at_once_and_its_answer_told(scene: Scene) -> None:
    made = await scene.subscribe()
    await scene.ask("PATCH", f"/{made['id']}", {"paused": True})
    scene.receiver.will(status(418, b"a teapot"))
    told = await scene.ask("POST", f"/{made['id']}/test")
    (tried,) = told["attempts_made"]
    assert (told["type"], told["state"], told["last_status"]) == ("reelhook.test", "failed", 418)
    assert (tried["body"], tried["error"]) == ("a teapot", "answered 418")
    assert scene.receiver.received[0].message["data"] == {"endpoint_id": made["id"]}
    (listed,) = (await scene.ask("GET", f"/{made['id']}/deliveries?type=reelhook.test"))["data"]
    assert listed["id"] == told["id"]
    assert (await scene.ask("GET", f"/{made['id']}/deliveries?type=video.ready"))["data"] == []
    shown = await scene.ask("PATCH", f"/{made['id']}", {"paused": False})
    assert shown["failed"] == 0  # nobody waits for it, and nothing repeats it
    assert await scene.ask("POST", f"/{made['id']}/replay", {}) == {"deliveries": 0}


async def test_secrets_cannot_be_piled_up_but_a_leaked_one_can_always_be_ended(scene: Scene) -> None:
    made = await scene.subscribe()
    rotate = f"/{made['id']}/rotate-secret"
    for _ in range(4):
        shown = await scene.ask("POST", rotate, {"overlap_h": 24})
    assert len(shown["secrets"]) == 5
    await scene.ask("POST", rotate, {"overlap_h": 1}, expect=409)
    shown = await scene.ask("POST", rotate, {"overlap_h": 0})
    assert [one["expires_at"] for one in shown["secrets"]][:2] == [None, "2026-11-22T12:00:00.000Z"]
    shown = await scene.ask("POST", rotate, {"overlap_h": 24})
    assert len(shown["secrets"]) == 2


async def test_deleting_an_endpoint_takes_its_secrets_and_deliveries_along(scene: Scene) -> None:
    made = await scene.subscribe()
    await scene.create()
    await scene.ask("DELETE", f"/{made['id']}")
    await scene.work()
    assert scene.receiver.received == []
    for table in (subscription_secrets, outgoing_deliveries):
        assert await scene.rows(table) == []
    assert await scene.jobs() == [("deliver_webhook", "done")]


async def test_there_are_only_so_many_endpoints(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST_ENDPOINTS", 1)
    await scene.subscribe()
    await scene.ask("POST", "", {"url": "https://example.com/"}, expect=409)


async def test_messages_go_with_their_deliveries_and_attempts_when_they_are_old(scene: Scene) -> None:
    await scene.subscribe()
    await scene.create()
    await scene.work()
    scene.clock.move(29 * 86_400)
    await scene.create()
    scene.clock.move(2 * 86_400)
    (sweep,) = sweeps(Settings(outgoing_days=30), scene.clock.now())
    bound = await scene.db.read(sweep.bound)
    assert (await scene.db.write(lambda tx: sweep.batch(tx, None, bound, 10))).removed == 1
    assert len(await scene.rows(outgoing_messages)) == 1
    assert len(await scene.rows(outgoing_deliveries)) == 1
    assert await scene.rows(outgoing_attempts) == []
    assert await scene.db.read(lambda conn: conn.execute(select(outgoing_deliveries.c.state)).scalar()) == "pending"
