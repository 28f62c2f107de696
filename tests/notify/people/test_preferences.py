"""What people, and admins for all of them, can choose; and what nobody can mute."""

from typing import Any

from sqlalchemy import false

from reelhook.errors import ReelhookError
from reelhook.notify.errors import OutcomeUnknown
from tests.ingest.conftest import database_url
from tests.notify.people.scene import Scene, Trouble

__all__ = ["database_url"]  # one database is enough here

CRITICAL = {"id": "i2", "title": "Disk full", "severity": "critical", "rule": "disk"}
ALL_DAY = {"from": "00:00", "to": "00:00", "time_zone": "UTC", "days": None}


async def test_three_levels_and_which_of_them_decided(scene: Scene) -> None:
    ann, admin = await scene.person("ann"), await scene.person("cem", "admin")
    shown = await scene.ask(ann, "GET", "/me/preferences")
    assert shown["kinds"]["ready"]["push"] == {"on": True, "from": "default", "locked": False}
    assert {name: shown[name] for name in ("mine", "whose", "quiet_hours", "digest", "volume", "muted_videos")} == {
        "mine": {},
        "whose": "mine",
        "quiet_hours": None,
        "digest": True,
        "volume": 70,
        "muted_videos": [],
    }
    before = await scene.ask(admin, "GET", "/notification-settings")
    kinds = before["kinds"] | {"ready": before["kinds"]["ready"] | {"push": False, "email": True}}
    said = {"kinds": kinds, "locked": {"ready": ["email"]}, "critical": []}
    assert await scene.ask(admin, "PUT", "/notification-settings", said) == said
    ready = (await scene.wish(ann, mine={"ready": {"push": True, "email": False}}, volume=0))["kinds"]["ready"]
    assert ready["push"] == {"on": True, "from": "mine", "locked": False}
    assert ready["email"] == {"on": True, "from": "workspace", "locked": True}
    assert ready["in_app"] == {"on": True, "from": "default", "locked": False}
    await scene.ready(ann.id)
    assert set(await scene.states()) == {"in_app", "push", "email"}
    again = await scene.ask(ann, "GET", "/me/preferences")
    assert (again["volume"], again["mine"]) == (0, {"ready": {"push": True, "email": False}})


async def test_what_is_critical_can_be_muted_by_nobody(scene: Scene) -> None:
    ann = await scene.person("ann", "admin")
    off = dict.fromkeys(("in_app", "sound", "browser", "push", "email"), False)
    await scene.wish(ann, mine={"incident": off, "ready": off}, quiet_hours=ALL_DAY)
    await scene.db.write(lambda tx: scene.teller.incident(tx, "opened", CRITICAL | {"severity": "attention"}))
    assert await scene.inbox(ann) == []
    await scene.db.write(lambda tx: scene.teller.incident(tx, "escalated", CRITICAL))
    (told,) = await scene.inbox(ann)
    assert (told["channels"], told["quiet"], told["severity"]) == (["in_app", "push", "email"], False, "critical")
    await scene.ask(ann, "PUT", "/notification-settings", {"kinds": {}, "locked": {}, "critical": ["ready"]})
    video_id = await scene.video(ann.id)
    await scene.ask(ann, "PUT", f"/me/muted-videos/{video_id}")
    shown = (await scene.ask(ann, "GET", "/me/preferences"))["kinds"]["ready"]
    assert shown["in_app"] == {"on": True, "from": "default", "locked": True}
    assert shown["sound"] == {"on": False, "from": "mine", "locked": False}
    await scene.ready(ann.id)
    assert (await scene.inbox(ann))[0]["channels"] == ["in_app", "push"]


async def test_a_muted_video_is_silent_for_that_person_alone(scene: Scene) -> None:
    ann, ben = await scene.person("ann"), await scene.person("ben", "operator")
    await scene.wish(ben, whose="all")
    video_id = await scene.video(ann.id)
    await scene.ask(ann, "PUT", f"/me/muted-videos/{video_id}")
    await scene.ask(ann, "PUT", f"/me/muted-videos/{video_id}")
    assert (await scene.ask(ann, "GET", "/me/preferences"))["muted_videos"] == [video_id]
    foreign = await scene.video(ben.id)
    await scene.ask(ann, "PUT", f"/me/muted-videos/{foreign}", expect=404)
    await scene.ask(ann, "DELETE", f"/me/muted-videos/{foreign}", expect=404)
    await scene.fail(video_id)
    assert (len(await scene.inbox(ann)), len(await scene.inbox(ben))) == (0, 1)
    await scene.ask(ann, "DELETE", f"/me/muted-videos/{video_id}")
    assert (await scene.ask(ann, "GET", "/me/preferences"))["muted_videos"] == []


async def test_what_cannot_be_meant_is_refused(scene: Scene) -> None:
    ann = await scene.person("ann", "admin")
    wrong: list[dict[str, Any]] = [
        {"mine": {"ready": {"pigeon": True}}},
        {"mine": {"birthday": {"email": True}}},
        {"mine": {"ready": {"chat": True}}},
        {"mine": None},
        {"volume": 101},
        {"volume": "70"},
        {"whose": "theirs"},
        {"quiet_hours": ALL_DAY | {"time_zone": "Mars/Olympus"}},
        {"quiet_hours": ALL_DAY | {"time_zone": "../../etc/passwd"}},
        {"quiet_hours": ALL_DAY | {"from": "25:00"}},
        {"quiet_hours": ALL_DAY | {"days": [7]}},
        {"quiet_hours": ALL_DAY | {"more": 1}},
        {"unknown": 1},
    ]
    for body in wrong:
        await scene.ask(ann, "PUT", "/me/preferences", body, expect=422)
    for settings in ({"kinds": {}}, {"kinds": {}, "locked": {"ready": ["chat"]}, "critical": []}):
        await scene.ask(ann, "PUT", "/notification-settings", settings, expect=422)
    for name in ("chat", "pigeon"):
        await scene.ask(ann, "POST", "/me/preferences/test", {"channel": name}, expect=422)


async def test_a_channel_is_tried_and_what_came_back_is_told(scene: Scene) -> None:
    ann = await scene.person("ann")

    async def tried(channel: str, *answers: ReelhookError) -> tuple[str, str]:
        scene.email.answers = list(answers)
        told = await scene.ask(ann, "POST", "/me/preferences/test", {"channel": channel})
        assert set(told) == {"channel", "state", "said", "ms"}
        return told["state"], told["said"]

    assert await tried("email") == ("sent", "taken")
    assert [(to, notice.kind) for to, notice in scene.email.taken] == [("ann@example.com", "test")]
    assert await tried("email", Trouble("550 no")) == ("failed", "550 no")
    assert await tried("email", OutcomeUnknown("no answer")) == ("unknown", "no answer")
    assert await tried("sound") == ("sent", "your open dashboards were told")
    assert [(one["kind"], one["channels"]) for one in await scene.inbox(ann)] == [("test", ["in_app", "sound"])]
    assert await tried("in_app") == ("sent", "your open dashboards were told")
    refused = await scene.ask(ann, "POST", "/me/preferences/test", {"channel": "sound"}, expect=429)
    assert refused["code"] == "too_many_requests"


async def test_a_channel_that_reaches_nobody_says_so(scene: Scene) -> None:
    ann = await scene.person("ann")
    scene.email.there = false()
    scene.room._preferences._channels.pop("push")
    available = (await scene.ask(ann, "GET", "/me/preferences"))["channels"]
    assert available["email"] == {"available": False, "why": "nobody has set it up"}
    assert available["push"] == {"available": False, "why": "push is not set up here"}
    assert available["sound"] == {"available": True, "why": None}
    for name in ("email", "push"):
        refused = await scene.ask(ann, "POST", "/me/preferences/test", {"channel": name}, expect=409)
        assert (refused["code"], refused["detail"]) == ("channel_not_set_up", available[name]["why"])
