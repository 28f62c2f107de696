"""What one person has of it: the list, what is seen, which device rings; and that it is nobody else's."""

import asyncio
from datetime import timedelta

import pytest

from reelhook.auth.principal import of_key
from tests.ingest.conftest import database_url
from tests.notify.people.scene import Scene

__all__ = ["database_url"]  # one database is enough here

DEVICES = ["phone-0001", "laptop-0001"]
LOUD = {"ready": {"sound": True, "browser": True}}


async def test_the_list_has_pages_and_counts_what_is_unseen(scene: Scene) -> None:
    ann, ben = await scene.person("ann"), await scene.person("ben")
    for name in "abc":
        await scene.ready(ann.id, name)
    await scene.ready(ben.id, "d")
    listed = await scene.ask(ann, "GET", "/me/notifications?limit=2")
    assert [one["title"] for one in listed["data"]] == ["“c” is ready", "“b” is ready"]
    assert (listed["unseen"], listed["stream_id"]) == (3, (await scene.heard())[-1].id)
    rest = await scene.ask(ann, "GET", f"/me/notifications?cursor={listed['next_cursor']}")
    assert [one["title"] for one in rest["data"]] == ["“a” is ready"]
    await scene.ask(ann, "POST", "/me/notifications/seen", {"ids": [listed["data"][0]["id"]]})
    await scene.ask(ann, "POST", "/me/notifications/seen", {"up_to": rest["data"][0]["id"]})
    unseen = await scene.ask(ann, "GET", "/me/notifications?unseen=true")
    assert ([one["title"] for one in unseen["data"]], unseen["unseen"]) == (["“b” is ready"], 1)
    assert [bool(b'"seen_at":"2' in row.data.encode()) for row in await scene.heard()][4:] == [True, True]
    before = len(await scene.heard())
    await scene.ask(ann, "POST", "/me/notifications/seen", {"up_to": rest["data"][0]["id"]})
    assert len(await scene.heard()) == before, "nothing changed, so nobody hears of it"
    await scene.ask(ann, "POST", "/me/notifications/seen", {}, expect=422)


@pytest.mark.parametrize("effect", ["sound", "browser"])
async def test_one_device_rings(scene: Scene, effect: str) -> None:
    ann = await scene.person("ann")
    await scene.wish(ann, mine=LOUD)
    await scene.ready(ann.id)
    (told,) = await scene.inbox(ann)
    assert told["channels"] == ["in_app", "sound", "browser", "push"]
    path = f"/me/notifications/{told['id']}/claim"
    claims = [scene.ask(ann, "POST", path, {"effect": effect, "device": device}) for device in DEVICES * 3]
    answers = [one["mine"] for one in await asyncio.gather(*claims)]
    assert sorted(answers) == [False] * 5 + [True]
    shown = (await scene.ask(ann, "GET", f"/me/notifications/{told['id']}/deliveries"))["data"]
    assert {one["channel"]: one["state"] for one in shown} == {
        "in_app": "sent",
        "push": "pending",
        "sound": "sent" if effect == "sound" else "pending",
        "browser": "sent" if effect == "browser" else "pending",
    }


async def test_nothing_rings_that_is_old_or_was_not_wished_for(scene: Scene) -> None:
    ann = await scene.person("ann")
    await scene.ready(ann.id)
    (quiet,) = await scene.inbox(ann)
    claim = {"effect": "sound", "device": DEVICES[0]}
    assert (await scene.ask(ann, "POST", f"/me/notifications/{quiet['id']}/claim", claim)) == {"mine": False}
    await scene.wish(ann, mine=LOUD)
    await scene.ready(ann.id)
    loud = (await scene.inbox(ann))[0]
    scene.clock.move(timedelta(minutes=11).total_seconds())
    assert (await scene.ask(ann, "POST", f"/me/notifications/{loud['id']}/claim", claim)) == {"mine": False}


async def test_nothing_of_it_is_found_by_anybody_else(scene: Scene) -> None:
    ann, eve = await scene.person("ann"), await scene.person("eve", "admin")
    await scene.ready(ann.id)
    (told,) = await scene.inbox(ann)
    assert await scene.inbox(eve) == []
    mine = f"/me/notifications/{told['id']}"
    await scene.ask(eve, "GET", f"{mine}/deliveries", expect=404)
    await scene.ask(eve, "POST", f"{mine}/claim", {"effect": "sound", "device": DEVICES[0]}, expect=404)
    await scene.ask(eve, "POST", f"{mine}/deliveries/email/again", expect=404)
    await scene.ask(eve, "POST", "/me/notifications/seen", {"up_to": told["id"], "ids": [told["id"]]})
    assert (await scene.inbox(ann))[0]["seen_at"] is None
    # A key whose id is a person's, which cannot be.
    key = of_key(ann.id, "key", "admin", None)
    for method, path in (("GET", "/me/notifications"), ("GET", "/me/preferences"), ("GET", f"{mine}/deliveries")):
        assert (await scene.ask(key, method, path, expect=409))["code"] == "not_a_person"


async def test_who_wants_no_list_has_nothing_unseen(scene: Scene) -> None:
    ann = await scene.person("ann")
    await scene.wish(ann, mine={"ready": {"in_app": False}})
    await scene.ready(ann.id)
    listed = await scene.ask(ann, "GET", "/me/notifications")
    assert ([one["channels"] for one in listed["data"]], listed["unseen"]) == ([["push"]], 0)
    await scene.wish(ann, mine={"ready": {"in_app": False, "push": False}})
    await scene.ready(ann.id)
    assert len((await scene.ask(ann, "GET", "/me/notifications"))["data"]) == 1
