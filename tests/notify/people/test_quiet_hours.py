"""Quiet hours: when they are, in every zone and over every change of clocks, and what follows them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reelhook.notify.quiet import quiet_until
from tests.conftest import START
from tests.ingest.conftest import database_url
from tests.notify.people.scene import Scene

__all__ = ["database_url"]  # one database is enough here

NIGHT: dict[str, Any] = {"from": "22:00", "to": "07:00", "time_zone": "Europe/Berlin", "days": None}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "now", "until"),
    [
        ({}, "2026-11-22 20:59", None),  # 21:59 in Berlin
        ({}, "2026-11-22 21:00", "2026-11-23 06:00"),
        ({}, "2026-11-23 05:59", "2026-11-23 06:00"),
        ({}, "2026-11-23 06:00", None),
        ({"from": "12:00", "to": "14:00"}, "2026-11-22 12:59", "2026-11-22 13:00"),
        ({"from": "12:00", "to": "14:00"}, "2026-11-22 13:00", None),
        ({"from": "08:00", "to": "08:00"}, "2026-11-22 06:59", "2026-11-22 07:00"),
        ({"from": "08:00", "to": "08:00"}, "2026-11-22 07:00", "2026-11-23 07:00"),
        # The night from Saturday (5) to Sunday alone; the 22nd is a Sunday.
        ({"days": [5]}, "2026-11-22 03:00", "2026-11-22 06:00"),
        ({"days": [5]}, "2026-11-22 23:00", None),
        # Clocks go forward on 29 March 2026 at 01:00 UTC: the night is an hour shorter.
        ({}, "2026-03-28 21:00", "2026-03-29 05:00"),
        ({"from": "02:30", "to": "04:00"}, "2026-03-29 01:29", None),
        ({"from": "02:30", "to": "04:00"}, "2026-03-29 01:30", "2026-03-29 02:00"),
        # Clocks go back on 25 October 2026 at 01:00 UTC: it is quiet until they show the end for the last time.
        ({}, "2026-10-24 20:00", "2026-10-25 06:00"),
        ({"from": "01:00", "to": "02:30"}, "2026-10-25 00:45", "2026-10-25 01:30"),
        ({"time_zone": "Asia/Kathmandu"}, "2026-11-22 16:15", "2026-11-23 01:15"),
        ({"time_zone": "No/Where"}, "2026-11-22 23:00", None),
    ],
)
def test_when_it_is_quiet(change: dict[str, Any], now: str, until: str | None) -> None:
    assert quiet_until(NIGHT | change, at(now)) == (until and at(until))


def test_nobody_has_quiet_hours_who_did_not_ask_for_them() -> None:
    assert quiet_until(None, START) is None


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Chatham", "Africa/Casablanca"])
def test_every_quiet_moment_of_a_year_ends_soon_and_is_not_quiet_any_more(zone: str) -> None:
    moment = at("2026-01-01 00:00")
    for _ in range(366 * 3):
        moment += timedelta(hours=8, minutes=7)
        until = quiet_until(NIGHT | {"time_zone": zone}, moment)
        if until is not None:
            assert moment < until <= moment + timedelta(hours=11)
            assert quiet_until(NIGHT | {"time_zone": zone}, until) is None


async def quiet(scene: Scene, **more: Any) -> Any:
    """Ann, in the middle of her quiet hours, which end in an hour."""
    ann = await scene.person("ann")
    now = scene.clock.now()
    hours = {"from": f"{now - timedelta(hours=1):%H:%M}", "to": f"{now + timedelta(hours=1):%H:%M}"}
    mine = {"ready": {"sound": True, "browser": True, "email": True}}
    await scene.wish(ann, mine=mine, quiet_hours=hours | {"time_zone": "UTC", "days": None}, **more)
    return ann


async def test_in_quiet_hours_nothing_is_heard_and_afterwards_it_is_summed_up_once(scene: Scene) -> None:
    ann = await quiet(scene)
    for name in ("a", "b"):
        await scene.ready(ann.id, name)
    await scene.fail(await scene.video(ann.id, "c"))
    await scene.until(3599)
    assert scene.email.taken == scene.push.taken == []
    assert [(one["quiet"], one["channels"]) for one in await scene.inbox(ann)] == [(True, ["in_app"])] * 3
    last = (await scene.inbox(ann))[-1]["id"]
    shown = (await scene.ask(ann, "GET", f"/me/notifications/{last}/deliveries"))["data"]
    held = {"browser", "email", "push", "sound"}
    assert {one["channel"]: one["state"] for one in shown} == {"in_app": "sent"} | dict.fromkeys(held, "suppressed")
    await scene.until(2)
    digest = (await scene.inbox(ann))[0]
    assert (digest["kind"], digest["title"]) == ("digest", "While it was quiet: 2 ready, 1 failed")
    assert digest["body"] == "“a” is ready\n“b” is ready\n“c” failed"
    (letter,), (pushed,) = scene.email.taken, scene.push.taken
    assert letter[1].id == pushed[1].id == digest["id"]
    assert [title for title, _ in letter[1].items] == digest["body"].split("\n")
    await scene.until(100_000)
    assert len(await scene.inbox(ann)) == 4
    assert len(scene.email.taken) == 1


async def test_who_wants_no_digest_finds_it_all_in_the_list(scene: Scene) -> None:
    ann = await quiet(scene, digest=False)
    await scene.ready(ann.id)
    await scene.until(3601)
    assert [one["kind"] for one in await scene.inbox(ann)] == ["ready"]
    assert scene.email.taken == []


async def test_a_digest_of_what_was_deleted_meanwhile_is_none(scene: Scene) -> None:
    ann = await quiet(scene)
    video_id = await scene.ready(ann.id)
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, video_id))
    await scene.until(3601)
    assert await scene.inbox(ann) == []
