"""Videos: what the API asks for, what HeyGen answers, and what time brings; committed whole, or not at all."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import copy_context
from typing import Any

import httpx2 as httpx
import pytest
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.auth import Audit
from reelhook.db.tables import events
from reelhook.inbox import store
from reelhook.inbox.handler import ApplyHandler
from reelhook.jobs import Destinations, Failure
from reelhook.jobs.kinds import FlagLate, RequestVideo
from reelhook.jobs.queue import SIGNAL as JOBS
from reelhook.realtime.log import SIGNAL as STREAM
from reelhook.videos import State
from reelhook.videos.endpoints import router
from reelhook.videos.handler import LateHandler, RequestHandler
from reelhook.videos.states import FailedBy
from tests.inbox.conftest import arrival
from tests.jobs.scene import LEASE
from tests.rollback.breaking import Breaker
from tests.videos.scene import AVATAR, LINK, OPERATOR, Scene

Call = Callable[..., Callable[[], Awaitable[None]]]


@pytest.fixture
async def call(scene: Scene) -> AsyncIterator[Call]:
    """Makes an act of one request to `/api/v1/videos`."""
    api = create_api(router(scene.db, scene.clock, scene.lifecycle, scene.creation, Audit(scene.db, scene.clock)))

    async def as_operator(scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": OPERATOR}
        await api(scope, receive, send)

    transport = httpx.ASGITransport(app=as_operator, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://us") as client:

        def request(method: str, path: str, **given: Any) -> Callable[[], Awaitable[None]]:
            async def act() -> None:
                answer = await client.request(method, f"/api/v1/videos{path}", **given)
                assert answer.status_code in (200, 201, 202, 204, 500, 503)

            return act

        yield request


async def test_a_request_with_an_idempotency_key(breaker: Breaker, call: Call) -> None:
    body = {"heygen": AVATAR, "subject": "ada"}
    act = call("POST", "", json=body, headers={"Idempotency-Key": "k1"})
    assert await breaker.in_turn(act) == {JOBS, STREAM}


async def test_tracking_a_video(breaker: Breaker, call: Call) -> None:
    assert await breaker.in_turn(call("POST", "", json={"heygen_video_id": "hg-1"})) == {JOBS, STREAM}


async def test_a_new_title_and_owner(scene: Scene, breaker: Breaker, call: Call) -> None:
    act = call("PATCH", f"/{scene.create()}", json={"title": "Other", "subject": "bob"})
    assert await breaker.in_turn(act) == {STREAM}


async def test_deleting_a_video_with_its_files_and_its_work(scene: Scene, breaker: Breaker, call: Call) -> None:
    video_id = scene.create(State.RENDERING)
    scene.store(video_id)
    scene.store(video_id, "poster")
    scene.db.write_now(lambda tx: scene.queue.add(tx, RequestVideo(video_id=video_id)))
    act = call("DELETE", f"/{video_id}", params={"confirm": video_id})
    assert await breaker.in_turn(act) == {JOBS, STREAM}


async def test_archiving_again(scene: Scene, breaker: Breaker, call: Call) -> None:
    video_id = scene.create(State.RENDERED)
    scene.db.write_now(lambda tx: scene.lifecycle.want_asset(tx, video_id, "video", LINK))
    (job,) = scene.db.write_now(lambda tx: scene.queue.claim(tx, "w1", LEASE, 1))
    scene.db.write_now(lambda tx: scene.queue.finish(tx, job))
    scene.move(video_id, State.UNARCHIVED)
    assert await breaker.in_turn(call("POST", f"/{video_id}/retry")) == {JOBS}


async def test_requesting_again(scene: Scene, breaker: Breaker, call: Call) -> None:
    video_id = scene.create(request=AVATAR)
    scene.move(video_id, State.FAILED, failed_by=FailedBy.HEYGEN)
    assert await breaker.in_turn(call("POST", f"/{video_id}/retry")) == {JOBS, STREAM}


async def test_a_browser_that_saw_it(scene: Scene, breaker: Breaker, call: Call) -> None:
    act = call("POST", f"/{scene.create()}/seen", json={"browser": "browser-1"})
    assert await breaker.in_turn(act) == set()


def requests(scene: Scene) -> RequestHandler:
    return RequestHandler(
        scene.db, scene.lifecycle, scene.told, None, Destinations(scene.clock, scene.ids), lambda *_: None
    )


async def test_heygens_yes_to_a_request(scene: Scene, breaker: Breaker) -> None:
    video_id = scene.create(request=AVATAR)

    async def act() -> None:
        await scene.db.write(lambda tx: requests(scene)._made(tx, video_id, "hg-1"))

    assert await breaker.in_turn(act) == {STREAM}


async def test_heygens_yes_that_comes_after_its_event(scene: Scene, breaker: Breaker) -> None:
    """The event made a video of its own: it is taken back, and its events are to be applied to ours."""
    video_id = scene.create(request=AVATAR)
    body = b'{"event_type": "avatar_video.success", "event_data": {"video_id": "hg-1", "url": "https://h/v.mp4"}}'
    scene.db.write_now(lambda tx: store.commit(tx, [arrival(body)], scene.ids, scene.queue))
    (event,) = scene.rows(events)
    handler = ApplyHandler(scene.db, scene.clock, scene.queue, scene.told, can_ask=True)
    scene.db.write_now(lambda tx: handler._apply(tx, [(event.id, copy_context())]))

    async def act() -> None:
        await scene.db.write(lambda tx: requests(scene)._made(tx, video_id, "hg-1"))

    assert await breaker.in_turn(act) == {JOBS, STREAM}
    assert scene.rows(events)[0].state == "pending"


async def test_heygens_no_to_a_request(scene: Scene, breaker: Breaker) -> None:
    work = RequestVideo(video_id=scene.create(request=AVATAR))

    async def act() -> None:
        failure = Failure("heygen_refused", "not enough credit", False, outside_code="insufficient_credit")
        await scene.db.write(lambda tx: requests(scene).on_dead(tx, work, failure))

    assert await breaker.in_turn(act) == {STREAM}


async def test_videos_that_take_longer_than_usual(scene: Scene, breaker: Breaker) -> None:
    for _ in range(2):
        scene.edit(scene.create(State.RENDERING), late_at=scene.clock.now())

    async def act() -> None:
        await scene.db.write(await LateHandler(scene.lifecycle)(FlagLate()))

    assert await breaker.in_turn(act) == {STREAM}
