"""One story of a video that joins what came, what was tried, what it changed and what people did, as one may see it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from reelhook.auth import Audit, Principal
from reelhook.auth.principal import of_key, of_token
from reelhook.db.tables import delivery_attempts, events, job_attempts, jobs, people, seen
from reelhook.jobs.kinds import ArchiveAsset, ConfirmVideo
from reelhook.kit.pages import encode
from reelhook.videos import State, story
from reelhook.videos.states import FailedBy
from tests.conftest import START
from tests.videos.scene import AVATAR, OPERATOR, Scene, viewer

REFUSED = {"code": "fetch_failed", "message": "the host answers 503", "retryable": True}


class Told:
    """A video that was asked for, delivered twice, tried twice to be kept, seen twice, and renamed."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.audit = scene, Audit(scene.db, scene.clock)
        self.id, _ = scene.new(heygen=AVATAR, subject="ada")
        person = {"id": "person-1", "email": "olga@example.com", "role": "operator", "created_at": START}
        scene.db.write_now(lambda tx: tx.execute(insert(people), person))
        self.by("video.create", self.id)
        self.event = self.deliver("avatar_video.success", verdict="rendered")
        scene.move(self.id, State.RENDERED)
        self.wait()
        self.deliver_again(self.event)
        self.asset = scene.store(self.id, state="pending", location=None)
        self.job = self.work(ArchiveAsset(asset_id=self.asset, video_id=self.id))
        scene.move(self.id, State.ARCHIVING)
        self.attempt(self.job, 1, "retryable", REFUSED)
        self.wait()
        self.attempt(self.job, 2, "done")
        scene.move(self.id, State.READY)
        self.look("browser-1")
        self.look("browser-2")
        self.by("video.change", self.id, fields=["title"])
        self.by("job.retry", self.job)
        self.by("event.replay", self.event)
        self.by("video.change", "another video")

    def wait(self, seconds: float = 60) -> None:
        self.scene.clock.move(seconds)

    def write(self, table: Any, **row: Any) -> None:
        self.scene.db.write_now(lambda tx: tx.execute(insert(table), row))
        self.wait()

    def by(self, action: str, target: str, **data: Any) -> None:
        self.scene.db.write_now(lambda tx: self.audit.record(tx, "person:person-1", action, target, **data))
        self.wait()

    def deliver(self, kind: str, source: str = "webhook", verdict: str | None = None) -> str:
        row = {
            "id": self.scene.ids.new(), "source": source, "endpoint": "/webhooks/heygen", "type": kind,
            "video_id": self.id, "state": "applied", "verdict": verdict, "body": b"secret body", "headers": b"[]",
            "received_at": self.scene.clock.now(), "applied_at": self.scene.clock.now(),
        }  # fmt: skip
        self.scene.db.write_now(lambda tx: tx.execute(insert(events), row))
        self.deliver_again(row["id"], duplicate=False, signed="signature" if source == "webhook" else None)
        return str(row["id"])

    def deliver_again(self, event_id: str, *, duplicate: bool = True, signed: str | None = "signature") -> None:
        at, remote = self.scene.clock.now(), "203.0.113.9"
        row = {"event_id": event_id, "at": at, "remote": remote, "signature_header": signed, "duplicate": duplicate}
        self.write(delivery_attempts, **row)

    def work(self, work: Any) -> str:
        self.scene.db.write_now(lambda tx: self.scene.queue.add(tx, work))
        self.wait()
        return str(self.scene.rows(jobs, jobs.c.kind == work.kind)[-1].id)

    def attempt(self, job: str, number: int, outcome: str, error: dict[str, Any] | None = None) -> None:
        began = self.scene.clock.now()
        self.wait(5)
        row = {"job_id": job, "number": number, "started_at": began, "ended_at": self.scene.clock.now()}
        self.write(job_attempts, **row, outcome=outcome, error=error)

    def look(self, browser: str) -> None:
        self.write(seen, video_id=self.id, browser=browser, at=self.scene.clock.now())

    def read(self, by: Principal = OPERATOR, show: Any = "everything", **page: Any) -> dict[str, Any]:
        return self.scene.db.write_now(lambda tx: story.read(tx.conn, by, self.id, show, **page))

    def kinds(self, by: Principal = OPERATOR, show: Any = "everything") -> list[str]:
        return [entry["kind"] for entry in self.read(by, show)["data"]]


@pytest.fixture
def told(scene: Scene) -> Told:
    return Told(scene)


def test_everything_is_joined_in_the_order_of_time(told: Told) -> None:
    entries = told.read()["data"]
    assert [entry["kind"] for entry in entries] == [
        "person", "requested", "job", "delivery", "rendered", "delivery", "job", "archiving", "upload", "upload",
        "ready", "seen", "person", "person", "person",
    ]  # fmt: skip
    times = [entry["at"] for entry in entries]
    assert times == sorted(times)
    assert len({(entry["kind"], entry["id"]) for entry in entries}) == len(entries)
    assert "secret body" not in str(entries)


def test_each_entry_says_what_is_known_of_it(told: Told) -> None:
    entries = told.read()["data"]
    first, again = (entry["data"] for entry in entries if entry["kind"] == "delivery")
    assert first["event_id"] == again["event_id"] == told.event
    assert (first["signature_header"], first["duplicate"], first["verdict"]) == ("signature", False, "rendered")
    assert again["duplicate"] is True
    failed, done = (entry["data"] for entry in entries if entry["kind"] == "upload")
    assert (failed["number"], failed["outcome"], failed["error"]) == (1, "retryable", REFUSED)
    assert failed["next_at"] == done["started_at"], "the next attempt is named where this one failed"
    assert (done["outcome"], done["next_at"], done["job_id"], done["asset_id"]) == ("done", None, told.job, told.asset)
    asked, kept = (entry["data"] for entry in entries if entry["kind"] == "job")
    assert (asked["job_kind"], kept["job_kind"], kept["state"]) == ("request_video", "archive_asset", "available")
    said = [(entry["message"], entry["data"]["said"]) for entry in entries if entry["kind"] == "person"]
    assert said[:2] == [
        ("olga@example.com: video.create", {}),
        ("olga@example.com: video.change", {"fields": ["title"]}),
    ]
    (sighting,) = (entry for entry in entries if entry["kind"] == "seen")
    assert sighting["message"] == "Seen in 2 browsers"
    assert sighting["at"] < sighting["data"]["last_at"]


def test_the_next_try_of_a_job_that_waits_is_when_it_is_due(told: Told) -> None:
    job = told.work(ConfirmVideo(video_id=told.id))
    told.attempt(job, 1, "postponed", {"code": "postponed", "message": "HeyGen is away", "retryable": True})
    entry = told.read()["data"][-1]
    assert (entry["kind"], entry["data"]["outcome"]) == ("job", "postponed")
    assert entry["at"] == entry["data"]["started_at"], "it grows longer where it is"
    assert entry["data"]["next_at"] is not None
    assert entry["message"] == "Attempt 1 at confirm_video, postponed: HeyGen is away"


def test_a_callback_and_what_was_asked_for_are_not_called_deliveries_of_heygens(told: Told) -> None:
    told.deliver("avatar_video.success", source="callback")
    told.deliver("avatar_video.success", source="reconcile")
    callback, asked = told.read()["data"][-2:]
    assert callback["message"] == "An unsigned callback said avatar_video.success"
    assert callback["data"]["signature_header"] is None
    assert asked["message"] == "HeyGen was asked, and had avatar_video.success"


STORY = ["requested", "rendered", "archiving", "ready", "seen"]


def narrow(*scopes: str) -> Principal:
    return of_key("k", "k", "operator", frozenset({"videos:read", *scopes}))


def test_each_sees_what_its_scopes_allow_and_the_story_beside_it(told: Told) -> None:
    token = of_token("ada", None, START + timedelta(days=1))
    may: list[tuple[Principal, set[str]]] = [
        (viewer("ada"), set()),
        (token, set()),
        (narrow(), set()),
        (narrow("events:read"), {"delivery"}),
        (narrow("jobs:read"), {"job", "upload"}),
        (narrow("audit:read"), {"person"}),
    ]
    for by, more in may:
        assert set(told.kinds(by)) - set(STORY) == more, by
        assert [kind for kind in told.kinds(by) if kind in STORY] == STORY
    assert told.kinds(show="story") == STORY, "not unless it is asked for"


def test_pages_hold_each_entry_once_even_when_all_happen_at_one_moment(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock stands still: only the place of an entry tells it from others."""
    monkeypatch.setattr(told, "wait", lambda seconds=0.0: None)
    told.deliver_again(told.event)
    told.deliver_again(told.event)
    told.by("video.change", told.id)
    told.scene.move(told.id, State.READY)
    for number in (1, 2):
        told.attempt(told.work(ConfirmVideo(video_id=told.id, event_id=str(number))), 1, "done")
    told.scene.db.write_now(lambda tx: told.scene.lifecycle.note(tx, told.id, "asset", "Stored the GIF"))
    whole = told.read()
    assert whole["next_cursor"] is None
    for limit in (1, 2, 5, len(whole["data"])):
        read: list[dict[str, Any]] = []
        cursor = None
        for _ in whole["data"]:
            page = told.read(limit=limit, cursor=cursor)
            read = page["data"] + read
            if (cursor := page["next_cursor"]) is None:
                break
        assert read == whole["data"]


def test_a_cursor_of_something_else_is_refused() -> None:
    assert story.place(encode("1.0.3")).key == 3
    for cursor in ("x", *map(encode, ("1.9.3", "1.0.x", "1.0.", f"1.0.{'9' * 19}", "1.0.3.4"))):
        with pytest.raises(ValueError, match="cursor"):
            story.place(cursor)


def test_the_number_of_queries_does_not_grow(told: Told) -> None:
    asked: list[str] = []
    listen: Callable[..., None] = lambda *told: asked.append(told[2])  # noqa: E731

    def count() -> int:
        def work(tx: Any) -> int:
            asked.clear()
            event.listen(tx.conn, "before_cursor_execute", listen)
            story.read(tx.conn, OPERATOR, told.id, "everything")
            event.remove(tx.conn, "before_cursor_execute", listen)
            return len(asked)

        return told.scene.db.write_now(work)

    few = count()
    for number in range(5):
        told.deliver(f"type-{number}")
        told.attempt(told.work(ConfirmVideo(video_id=told.id, event_id=str(number))), 1, "done")
    assert count() == few <= 9


def test_a_failed_video_that_was_asked_for_again_leads_to_its_successor(scene: Scene) -> None:
    video_id = scene.create(request=AVATAR)
    scene.db.write_now(lambda tx: scene.lifecycle.fail(tx, video_id, FailedBy.HEYGEN, "x", "y"))
    again, _ = scene.db.write_now(lambda tx: scene.creation.try_again(tx, scene.lifecycle.get(tx.conn, video_id)))
    entry = scene.db.write_now(lambda tx: story.read(tx.conn, OPERATOR, video_id))["data"][-1]
    assert (entry["kind"], entry["data"]) == ("retried", {"as_video": again})
    assert scene.updates(video_id)[-1]["state"] == "failed", "open pages hear of it"
