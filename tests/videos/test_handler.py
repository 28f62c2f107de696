"""Asking HeyGen to render, and noticing what takes too long."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import pytest

from reelhook.errors import Unavailable
from reelhook.heygen import Created, HeyGen, HeyGenBusy, HeyGenRefused, HeyGenUnauthorized, HeyGenUnavailable
from reelhook.jobs import Destinations, Failure, Postpone
from reelhook.jobs.kinds import FlagLate, RequestVideo
from reelhook.videos import State
from reelhook.videos.handler import LateHandler, NobodyToAsk, RequestHandler
from tests.videos.scene import AVATAR, Scene

CINEMATIC = {"type": "cinematic_avatar", "prompt": "a ship"}
LIPSYNC = {"video": {"url": "https://v"}, "audio": {"url": "https://a"}}


class Asked:
    """Stands where HeyGen's client stands, and remembers what it was asked. (The client has tests of its own.)"""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.calls = error, list[tuple[dict[str, Any], str]]()

    async def create_video(self, body: Mapping[str, Any], key: str) -> Created:
        self.calls.append((dict(body), key))
        if self.error is not None:
            raise self.error
        return Created("avatar_video", "hg-1", "pending")


def handler(scene: Scene, heygen: Asked | None, url: str | None = None) -> RequestHandler:
    def callback(video_id: str, has_event: bool) -> str | None:
        return None if has_event and url != "always" else f"https://us/{video_id}"

    destinations = Destinations(scene.clock, scene.ids)
    return RequestHandler(scene.db, scene.lifecycle, scene.told, cast(HeyGen | None, heygen), destinations, callback)


async def run(scene: Scene, video_id: str, heygen: Asked | None, **more: Any) -> None:
    effect = await handler(scene, heygen, **more)(RequestVideo(video_id=video_id))
    if effect is not None:
        await scene.db.write(effect)


async def test_heygen_is_asked_once_with_our_id_as_its_key(scene: Scene) -> None:
    video_id, heygen = scene.create(request=AVATAR), Asked()
    await run(scene, video_id, heygen)
    assert heygen.calls == [(AVATAR | {"callback_id": video_id}, video_id)]
    row = scene.video(video_id)
    assert (row.state, row.heygen_video_id, row.request) == ("rendering", "hg-1", AVATAR)
    await run(scene, video_id, heygen)
    assert len(heygen.calls) == 1


@pytest.mark.parametrize(
    ("request_body", "url", "sent"),
    [
        (AVATAR, None, {"callback_id"}),
        (AVATAR, "always", {"callback_id", "callback_url"}),
        (LIPSYNC, None, {"callback_id", "callback_url"}),  # no event tells of its end
        (CINEMATIC, "always", set()),  # it takes neither
    ],
)
async def test_the_way_back_is_sent_where_heygen_takes_one(
    scene: Scene, request_body: dict[str, Any], url: str | None, sent: set[str]
) -> None:
    video_id, heygen = scene.create(request=request_body), Asked()
    await run(scene, video_id, heygen, url=url)
    ((body, _),) = heygen.calls
    assert body.keys() - request_body.keys() == sent
    assert body.get("callback_id", video_id) == video_id
    assert body.get("callback_url", f"https://us/{video_id}") == f"https://us/{video_id}"


async def test_what_an_event_has_moved_already_is_not_asked_for_again(scene: Scene) -> None:
    moved, named = scene.create(State.RENDERING, request=AVATAR), scene.create(request=AVATAR, heygen_video_id="x")
    heygen = Asked()
    for video_id in (moved, named, "deleted"):
        await run(scene, video_id, heygen)
    assert heygen.calls == []


async def test_a_video_deleted_while_heygen_was_asked_is_no_trouble(scene: Scene) -> None:
    video_id = scene.create(request=AVATAR)
    effect = await handler(scene, Asked())(RequestVideo(video_id=video_id))
    assert effect is not None
    await scene.db.write(lambda tx: scene.lifecycle.delete(tx, video_id))
    await scene.db.write(effect)
    on_dead = handler(scene, None).on_dead
    await scene.db.write(lambda tx: on_dead(tx, RequestVideo(video_id=video_id), Failure("x", "y", True)))


async def test_without_its_key_the_request_waits_for_it(scene: Scene) -> None:
    video_id = scene.create(request=AVATAR)
    with pytest.raises(NobodyToAsk, match="set REELHOOK_HEYGEN_API_KEY") as waiting:
        await run(scene, video_id, None)
    assert waiting.value.retryable


async def end(scene: Scene, error: Exception) -> dict[str, Any]:
    """What the video shows after its job died of *error*."""
    video_id, heygen = scene.create(request=AVATAR), Asked(error)
    with pytest.raises(type(error)):
        await run(scene, video_id, heygen)
    failure, work = Failure.of(error), RequestVideo(video_id=video_id)
    await scene.db.write(lambda tx: handler(scene, None).on_dead(tx, work, failure))
    shown: dict[str, Any] = scene.updates(video_id)[-1]["failure"]
    return shown


async def test_heygens_refusal_is_final_and_in_heygens_own_words(scene: Scene) -> None:
    refusal = HeyGenRefused("HeyGen refused: not enough credit.", heygen_code="insufficient_credit")
    assert await end(scene, refusal) == {
        "by": "heygen",
        "code": "insufficient_credit",
        "message": "HeyGen refused: not enough credit.",
    }


async def test_a_refusal_without_a_name_has_ours(scene: Scene) -> None:
    assert (await end(scene, HeyGenRefused("no")))["code"] == "heygen_refused"


@pytest.mark.parametrize("error", [HeyGenUnavailable("no answer"), Unavailable("away")])
async def test_when_we_gave_up_heygen_may_still_deliver(scene: Scene, error: Exception) -> None:
    assert (await end(scene, error))["by"] == "reelhook"


@pytest.mark.parametrize("error", [HeyGenBusy("ten are rendering"), HeyGenUnauthorized("wrong key")])
async def test_what_every_request_would_be_told_costs_no_attempt(scene: Scene, error: Exception) -> None:
    with pytest.raises(Postpone, match="waiting for heygen renders"):
        await run(scene, scene.create(request=AVATAR), Asked(error))


async def test_what_is_late_is_flagged_by_the_job(scene: Scene) -> None:
    video_id = scene.create(request=AVATAR)
    scene.edit(video_id, late_at=scene.clock.now() + timedelta(seconds=1))
    scene.clock.move(1)
    await scene.db.write(await LateHandler(scene.lifecycle)(FlagLate()))
    assert scene.video(video_id).late
