"""Who is told of what, once, in the transaction in which it happens."""

import orjson
import pytest
from sqlalchemy import update

from reelhook.db.tables import (
    chat_messages,
    muted_videos,
    notification_deliveries,
    notifications,
    people,
    subscription_endpoints,
    videos,
)
from reelhook.videos import State
from reelhook.videos.states import FailedBy
from tests.notify.people.scene import Scene

INCIDENT = {"id": "i1", "title": "HeyGen refuses the key", "severity": "attention", "rule": "heygen_refuses"}


async def test_the_owner_is_told_and_nobody_else(scene: Scene) -> None:
    ann, _ = await scene.person("ann"), await scene.person("ben", "admin")
    video_id = await scene.ready(ann.id, "Intro")
    (told,) = await scene.inbox(ann)
    assert told | {"id": "", "created_at": ""} == {
        "id": "",
        "kind": "ready",
        "severity": "info",
        "title": "“Intro” is ready",
        "body": "It is stored for good, and can be watched.",
        "url": f"/videos/{video_id}",
        "video_id": video_id,
        "incident_id": None,
        "channels": ["in_app", "push"],
        "created_at": "",
        "seen_at": None,
        "quiet": False,
    }
    assert await scene.keys() == [(ann.id, f"ready:{video_id}:1")]
    (heard,) = await scene.heard()
    assert (heard.subject, heard.video_id) == (ann.id, None)
    assert orjson.loads(heard.data) == {"notification": told}


async def test_a_builders_subject_is_nobody_here(scene: Scene) -> None:
    await scene.person("ann", "admin")
    await scene.ready("customer-17")
    await scene.ready(None)
    assert await scene.keys() == []


async def test_who_sees_all_may_be_told_of_all(scene: Scene) -> None:
    ann, ben = await scene.person("ann"), await scene.person("ben", "operator")
    await scene.ask(ann, "PUT", "/me/preferences", {"whose": "all"}, expect=422)
    await scene.wish(ben, whose="all")
    first, second = await scene.ready(ann.id), await scene.ready("customer-17")
    assert await scene.keys() == sorted(
        [(ann.id, f"ready:{first}:1"), (ben.id, f"ready:{first}:1"), (ben.id, f"ready:{second}:1")]
    )
    await scene.db.write(lambda tx: tx.execute(update(people).values(role="viewer")) and None)
    await scene.ready("customer-17")
    assert len(await scene.keys()) == 3, "who sees no longer all is told of their own"


async def test_those_who_look_after_it_hear_of_what_could_not_be_stored_and_of_incidents(scene: Scene) -> None:
    await scene.person("ann")
    ben, cem = await scene.person("ben", "operator"), await scene.person("cem", "admin")
    await scene.person("gone", "admin", disabled_at=scene.clock.now())
    video_id = await scene.video("customer-17", None)
    await scene.move(video_id, State.RENDERED)
    await scene.move(video_id, State.UNARCHIVED, failure_message="404")
    await scene.db.write(lambda tx: scene.teller.incident(tx, "opened", INCIDENT))
    assert {person for person, _ in await scene.keys()} == {ben.id, cem.id}
    incident, stored = await scene.inbox(ben)
    assert (stored["title"], stored["body"]) == ("A video without a title could not be stored", "404")
    assert (incident["title"], incident["url"]) == ("HeyGen refuses the key", "/health/incidents/i1")


async def test_a_video_is_ready_once_whatever_is_repeated(scene: Scene) -> None:
    """Failed by us, then rendered all the same, then ready; and each step is told again, as a replay does."""
    ann = await scene.person("ann")
    video_id = await scene.video(ann.id)
    await scene.move(video_id, State.FAILED, failed_by=FailedBy.REELHOOK, failure_message="given up")
    every = (State.RENDERED, State.ARCHIVING, State.READY)
    assert await scene.move(video_id, *every) == [True, True, True]
    assert await scene.move(video_id, *every, State.READY, State.FAILED) == [False] * 5
    # Even if somebody moved the row by hand and it came there a second time.
    await scene.db.write(lambda tx: tx.execute(update(videos).values(state="archiving")) and None)
    assert await scene.move(video_id, State.READY) == [True]
    assert [key for _, key in await scene.keys()] == [f"failed:{video_id}:1", f"ready:{video_id}:1"]
    assert len(await scene.heard()) == 2


async def test_each_time_that_a_video_could_not_be_stored_is_told(scene: Scene) -> None:
    await scene.person("ann", "admin")
    video_id = await scene.video(None)
    await scene.move(video_id, State.RENDERED, State.UNARCHIVED, State.ARCHIVING, State.UNARCHIVED)
    assert len({key for _, key in await scene.keys()}) == 2


async def test_nothing_is_told_of_what_was_rolled_back(scene: Scene) -> None:
    ann = await scene.person("ann")
    video_id = await scene.video(ann.id)

    def half(tx: object) -> None:
        scene.lifecycle.transition(tx, video_id, State.FAILED, "x", failed_by=FailedBy.HEYGEN)  # type: ignore[arg-type]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await scene.db.write(half)
    assert (await scene.keys(), await scene.heard(), await scene.jobs()) == ([], [], [])


async def test_many_people_cost_no_more_questions_than_one(scene: Scene) -> None:
    every = [await scene.person(f"p{number}", "operator") for number in range(30)]
    await scene.db.write(lambda tx: scene.teller.incident(tx, "opened", INCIDENT))
    assert len(await scene.keys()) == len(every)
    assert len(await scene.rows(notification_deliveries)) == 3 * len(every)  # in the app, push, e-mail
    await scene.work()
    assert len(scene.email.taken) == len(scene.push.taken) == len(every)


async def test_an_incident_is_told_when_it_begins_gets_worse_and_ends(scene: Scene) -> None:
    ann = await scene.person("ann", "admin")
    for what, severity in (
        ("opened", "attention"),
        ("opened", "attention"),
        ("escalated", "critical"),
        ("resolved", "critical"),
    ):
        incident = INCIDENT | {"severity": severity, "says": "401"}
        await scene.db.write(lambda tx, what=what, incident=incident: scene.teller.incident(tx, what, incident))
    titles = [(one["title"], one["severity"]) for one in await scene.inbox(ann)]
    name = INCIDENT["title"]
    worse, over = f"{name}: it has become worse", f"{name}: it is over"
    assert titles == [(over, "info"), (worse, "critical"), (name, "attention")]


async def test_a_deleted_video_takes_what_was_said_of_it_along(scene: Scene) -> None:
    ann = await scene.person("ann")
    await scene.ask(await scene.person("cem", "admin"), "GET", "/notification-settings")
    video_id = await scene.ready(ann.id)
    await scene.ask(ann, "PUT", f"/me/muted-videos/{video_id}")
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, video_id))
    for table in (notifications, notification_deliveries, chat_messages):
        assert await scene.rows(table) == [], table
    assert await scene.db.read(lambda conn: conn.execute(muted_videos.select()).all()) == []
    await scene.work()
    assert scene.push.taken == [], "what had not gone out does not"


async def test_systems_that_ask_for_notifications_are_sent_them(scene: Scene) -> None:
    row = {"id": "e1", "url": "https://example.com", "description": "", "types": ["notification.*"], "state": "enabled"}
    row |= {"created_at": scene.clock.now(), "created_by": "test"}
    await scene.db.write(lambda tx: tx.execute(subscription_endpoints.insert().values(**row)) and None)
    ann = await scene.person("ann", "admin")
    await scene.ready(ann.id)
    await scene.db.write(lambda tx: scene.teller.incident(tx, "opened", INCIDENT))
    sent = await scene.outgoing()
    assert [one["type"] for one in sent] == ["notification.incident"], "what becomes of videos has types of its own"
    assert sent[0]["data"]["title"] == INCIDENT["title"]
    await scene.ask(
        ann, "PUT", "/notification-settings", {"kinds": {"ready": {"webhook": True}}, "locked": {}, "critical": []}
    )
    await scene.ready(None)
    assert [one["type"] for one in await scene.outgoing()][1:] == ["notification.ready"]
