"""`/api/v1/videos` over HTTP, in the smallest app that can hold it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.auth import Audit
from reelhook.db.tables import audit, seen
from reelhook.videos import State
from reelhook.videos.endpoints import router
from reelhook.videos.states import FailedBy
from tests.videos.scene import AVATAR, OPERATOR, Scene, viewer


class Caller:
    """Who is asking: what the gate would have found out."""

    def __init__(self, app: Any) -> None:
        self.app, self.principal = app, OPERATOR

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": self.principal}
        await self.app(scope, receive, send)


@pytest.fixture
def caller(scene: Scene) -> Caller:
    routes = router(scene.db, scene.clock, scene.lifecycle, scene.creation, Audit(scene.db, scene.clock))
    return Caller(create_api(routes))


@pytest.fixture
async def http(caller: Caller) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=caller, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1") as client:
        yield client


def actions(scene: Scene) -> list[str]:
    return [row.action for row in scene.rows(audit)]


async def test_a_video_is_created_read_changed_and_deleted(http: httpx2.AsyncClient, scene: Scene) -> None:
    made = await http.post("/videos", json={"heygen": AVATAR, "subject": "ada"})
    assert made.status_code == 202
    video = made.json()
    assert list(video) == [
        "id", "heygen_video_id", "subject", "title", "state", "late", "failure", "progress", "eta_at",
        "link_expires_at", "asset", "created_at", "updated_at",
    ]  # fmt: skip
    assert (video["state"], video["title"]) == ("requested", "Hello")
    address = f"/videos/{video['id']}"
    detail = (await http.get(address)).json()
    assert (detail["id"], detail["assets"], detail["retry_of"], detail["stream_id"]) == (video["id"], [], None, 1)
    assert [one["id"] for one in (await http.get("/videos?state=requested")).json()["data"]] == [video["id"]]
    assert (await http.get("/videos/counts")).json()["data"]["requested"] == 1
    changed = await http.patch(address, json={"title": None, "subject": "bob"})
    assert (changed.json()["title"], changed.json()["subject"]) == (None, "bob")
    assert (await http.patch(address, json={})).json()["subject"] == "bob"
    assert (await http.delete(address, params={"confirm": "yes"})).status_code == 409
    assert (await http.delete(address)).status_code == 422
    assert (await http.delete(address, params={"confirm": video["id"]})).status_code == 204
    assert (await http.get(address)).status_code == 404
    assert actions(scene) == ["video.create", "video.change", "video.delete"]


async def test_the_same_key_is_answered_with_the_same_video_and_one_audit_entry(
    http: httpx2.AsyncClient, scene: Scene
) -> None:
    headers = {"Idempotency-Key": "k1"}
    answers = [await http.post("/videos", json={"heygen": AVATAR}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 200]
    assert answers[0].json() == answers[1].json()
    assert actions(scene) == ["video.create"]
    other = await http.post("/videos", json={"heygen": AVATAR, "title": "x"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (await http.post("/videos", json={"heygen": AVATAR}, headers={"Idempotency-Key": ""})).status_code == 422


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"heygen": {}, "heygen_video_id": "x"}',
        b'{"heygen": {"type": "avatar", "x": "\\ud800"}}',
        b'{"heygen": {"type": "avatar"}, "title": "\\ud800"}',
        b'{"heygen": {"type": "avatar"}, "subject": "\\ud800"}',
        b'{"heygen_video_id": "\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"heygen": {"type": "avatar", "x": 1' + b"0" * 40 + b"}}",
        b'{"heygen": {"type": "avatar", "x": ' + b"[" * 500 + b"]" * 500 + b"}}",
        b'{"heygen_video_id": "a\\u0000b"}',
    ],
)
async def test_wrong_input_is_a_problem_and_never_a_crash(http: httpx2.AsyncClient, content: bytes) -> None:
    answer = await http.post("/videos", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "wrong_input"


async def test_odd_addresses_are_not_found(http: httpx2.AsyncClient) -> None:
    for path in ("none", "%00", "x%00y/timeline", "%ED%A0%80"):
        assert (await http.get(f"/videos/{path}")).status_code == 404, path
    assert (await http.get("/videos?subject=%00&q=%00&state=")).status_code == 200
    assert (await http.get("/videos?state=odd")).status_code == 422


async def test_a_viewer_reads_its_own_and_changes_nothing(
    http: httpx2.AsyncClient, scene: Scene, caller: Caller
) -> None:
    own, other = scene.create(subject="ada"), scene.create(subject="bob")
    caller.principal = viewer("ada")
    assert [one["id"] for one in (await http.get("/videos")).json()["data"]] == [own]
    assert (await http.get(f"/videos/{other}")).status_code == 404
    for method, path in (("POST", ""), ("PATCH", f"/{own}"), ("POST", f"/{own}/retry"), ("DELETE", f"/{own}")):
        assert (await http.request(method, f"/videos{path}", json={}, params={"confirm": own})).status_code == 403


async def test_the_timeline_ends_with_who_has_seen_it(http: httpx2.AsyncClient, scene: Scene, caller: Caller) -> None:
    video_id = scene.create(subject="ada")
    story = lambda: http.get(f"/videos/{video_id}/timeline")  # noqa: E731
    first = (await story()).json()
    assert [entry["kind"] for entry in first["data"]] == ["requested"]
    assert first["stream_id"] == 1
    caller.principal = viewer("ada")
    for browser in ("browser-1", "browser-1"):
        assert (await http.post(f"/videos/{video_id}/seen", json={"browser": browser})).status_code == 204
    last = (await story()).json()["data"][-1]
    one = {"browsers": 1, "last_at": "2026-11-22T12:00:00.000Z"}
    assert (last["kind"], last["message"], last["data"]) == ("seen", "Seen in 1 browser", one)
    scene.clock.move(60)
    await http.post(f"/videos/{video_id}/seen", json={"browser": "browser\u00002"})
    last = (await story()).json()["data"][-1]
    two = {"browsers": 2, "last_at": "2026-11-22T12:01:00.000Z"}
    assert (last["message"], last["at"], last["data"]) == ("Seen in 2 browsers", one["last_at"], two)
    assert (await http.post(f"/videos/{video_id}/seen", json={"browser": "short"})).status_code == 422
    caller.principal = viewer("bob")
    assert (await http.post(f"/videos/{video_id}/seen", json={"browser": "browser-3"})).status_code == 404
    assert len(scene.db.write_now(lambda tx: tx.execute(seen.select()).fetchall())) == 2


async def test_the_timeline_comes_in_pages_and_in_two_widths(http: httpx2.AsyncClient) -> None:
    video_id = (await http.post("/videos", json={"heygen": AVATAR})).json()["id"]
    address = f"/videos/{video_id}/timeline"
    kinds = lambda answer: [entry["kind"] for entry in answer.json()["data"]]  # noqa: E731
    assert kinds(await http.get(address)) == ["requested"]
    last = await http.get(address, params={"show": "everything", "limit": 2})
    assert kinds(last) == ["requested", "job"]
    first = await http.get(address, params={"show": "everything", "cursor": last.json()["next_cursor"]})
    assert (kinds(first), first.json()["next_cursor"]) == (["person"], None)
    for wrong in ({"cursor": "x"}, {"show": "all"}, {"limit": 201}):
        assert (await http.get(address, params=wrong)).status_code == 422


async def test_trying_again(http: httpx2.AsyncClient, scene: Scene) -> None:
    failed, unarchived, ready = scene.create(request=AVATAR), scene.create(), scene.create(State.READY)
    scene.db.write_now(lambda tx: scene.lifecycle.fail(tx, failed, FailedBy.HEYGEN, "x", "y"))
    scene.move(unarchived, State.RENDERED, State.UNARCHIVED)
    scene.store(unarchived, state="pending", location=None)
    new = await http.post(f"/videos/{failed}/retry")
    assert new.status_code == 201
    assert (await http.get(f"/videos/{new.json()['id']}")).json()["retry_of"] == failed
    again = await http.post(f"/videos/{unarchived}/retry")
    assert (again.status_code, again.json()["id"]) == (202, unarchived)
    refused = await http.post(f"/videos/{ready}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert actions(scene) == ["video.retry", "video.retry"]
    entry = scene.rows(audit)[0]
    assert (entry.target, entry.data["as_video"]) == (failed, new.json()["id"])


async def test_without_the_gate_nobody_gets_in(caller: Caller) -> None:
    transport = httpx2.ASGITransport(app=caller.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us") as client:
        assert (await client.get("/api/v1/videos")).status_code == 401


async def test_what_heygen_would_refuse_is_refused_by_field_and_makes_nothing(
    http: httpx2.AsyncClient, scene: Scene
) -> None:
    answer = await http.post("/videos", json={"heygen": {"type": "avatar", "script": "x" * 5001}})
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_input")
    assert [fault["path"] for fault in answer.json()["faults"]] == ["body.heygen.avatar_id", "body.heygen.script"]
    assert (await http.get("/videos")).json()["data"] == []


async def test_a_video_that_is_here_already_is_answered_with_200(http: httpx2.AsyncClient, scene: Scene) -> None:
    answers = [await http.post("/videos", json={"heygen_video_id": "hg-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 200]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert actions(scene) == ["video.create"]
