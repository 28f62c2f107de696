"""The unsigned door: a hint about one video, and only for who knows the address we gave out."""

from reelhook.db.tables import events, jobs, rejections
from reelhook.kit.ids import Ids

from .conftest import Scene
from .serving import ask, request

BODY = b'{"event_type":"avatar_video.success","event_id":"e1","event_data":{"video_id":"hv1"}}'


def to(token: str) -> str:
    return f"/webhooks/heygen/callback/{token}"


async def test_a_hint_is_stored_for_its_video(port: int, scene: Scene, ids: Ids) -> None:
    video_id = ids.new()
    answer = await ask(port, request(BODY, path=to(scene.tokens.issue(video_id))))
    (event,), (job,) = await scene.rows(events), await scene.rows(jobs)
    assert (answer.status, answer.json) == (200, {"event_id": event.id, "duplicate": False})
    assert (event.source, event.state, event.video_id, event.body) == ("callback", "pending", video_id, BODY)
    assert event.heygen_event_id is None, "an id that nobody signed must not stand in the way of the real event"
    assert job.payload == {"event_ids": [event.id]}


async def test_repeats_are_known_for_each_video(port: int, scene: Scene, ids: Ids) -> None:
    one, other = (to(scene.tokens.issue(ids.new())) for _ in range(2))
    told = [(await ask(port, request(BODY, path=path))).json["duplicate"] for path in (one, one, other)]
    assert told == [False, True, False]
    assert len(await scene.rows(events)) == 2


async def test_an_unknown_token_is_401_and_then_429(scene: Scene) -> None:
    async with scene.serve(wrong_rate=0.25) as port:
        answers = [await ask(port, request(BODY, path=to("forged"))) for _ in range(2)]
    assert [(answer.status, answer.code) for answer in answers] == [
        (401, "unknown_callback_token"),
        (429, "too_many_wrong_requests"),
    ]
    assert [row.endpoint for row in await scene.rows(rejections)] == ["callback", "callback"]
    assert await scene.rows(events) == []


async def test_it_is_guarded_like_the_front_door(scene: Scene, ids: Ids) -> None:
    path = to(scene.tokens.issue(ids.new()))
    async with scene.serve(allow=["192.0.2.0/24"]) as port:
        assert (await ask(port, request(BODY, path=path))).status == 403
    async with scene.serve(rate=1) as port:
        assert [(await ask(port, request(BODY, path=path))).status for _ in range(2)] == [200, 503]
        assert (await ask(port, request(path=path, length=2 * 1024 * 1024))).status == 413
        assert (await ask(port, request(method="OPTIONS", path=path))).status == 200


async def test_whatever_is_no_json_is_a_hint_too(port: int, scene: Scene, ids: Ids) -> None:
    answer = await ask(port, request(b"\xff\x00", path=to(scene.tokens.issue(ids.new()))))
    assert answer.status == 200
    assert [event.type for event in await scene.rows(events)] == ["unparseable"]
