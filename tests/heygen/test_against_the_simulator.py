"""Both hands at work: the simulator was written from the same facts by somebody else, and shares no code with us."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from reelhook.events import Event, claims, differences, matching, parse, signals
from reelhook.heygen import HeyGen, HeyGenRefused, VideoNotFound, creation_of
from reelhook.kit.clock import SystemClock
from reelhook.kit.http import guarded_session
from reelhook.simulators.process import SimulatorConfig, running

AVATAR = {"type": "avatar", "avatar_id": "a", "script": "Hello", "title": "Welcome", "callback_id": "ours"}
AGENT = {"prompt": "a film about the sea", "callback_id": "ours"}
TRANSLATION = {
    "video": {"type": "url", "url": "https://example.com/v.mp4"},
    "output_languages": ["Spanish (Spain)"],
    "callback_id": "ours",
}


@dataclass
class Receiver:
    """The URL we register: it keeps every delivery."""

    url: str = ""
    deliveries: asyncio.Queue[tuple[bytes, dict[str, str]]] = field(default_factory=asyncio.Queue)

    async def handle(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            await self.deliveries.put((await request.read(), dict(request.headers)))
        return web.Response()

    async def next(self) -> tuple[bytes, dict[str, str]]:
        return await asyncio.wait_for(self.deliveries.get(), 20)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiving, app = Receiver(), web.Application()
    app.router.add_route("*", "/hook", receiving.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiving.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiving
    await runner.cleanup()


@pytest.fixture
async def simulated() -> AsyncIterator[HeyGen]:
    async with running(SimulatorConfig(seconds_per_render=0.1)) as addresses:
        allowed = {urlsplit(addresses.heygen).netloc}
        async with guarded_session(allowed) as session:
            yield HeyGen(session, addresses.heygen, addresses.heygen_api_key, SystemClock())


@pytest.mark.parametrize("request_", [AVATAR, AGENT, TRANSLATION], ids=["avatar", "agent", "translation"])
async def test_from_the_request_to_the_signed_event_to_the_truth(
    simulated: HeyGen, receiver: Receiver, request_: dict[str, Any]
) -> None:
    kind = creation_of(request_).kind
    endpoint = await simulated.create_endpoint(receiver.url)
    secret = await simulated.rotate_secret(endpoint.id)
    made = await simulated.create_video(request_, "key-1")
    assert await simulated.create_video(request_, "key-1") == made

    body, headers = await receiver.next()
    assert matching(body, claims(headers), [secret]) is secret
    event = parse(body)
    assert differences(event) == []
    (signal,) = signals(event)
    assert (signal.kind, signal.outcome, signal.callback_id) == (kind, "success", "ours")
    assert signal.heygen_video_id == made.heygen_video_id
    assert signal.session_id == made.session_id

    truth = await simulated.get_video(kind, made.session_id or made.heygen_video_id)
    assert (truth.status, truth.heygen_video_id) == ("completed", made.heygen_video_id)
    assert truth.url is not None
    assert await in_history(simulated, event)


async def in_history(simulated: HeyGen, event: Event) -> bool:
    page = await simulated.history(event_type=event.type)
    return [each.event_data["callback_id"] for each in page.events] == [event.callback_id]


async def test_endpoints_are_listed_changed_and_deleted(simulated: HeyGen, receiver: Receiver) -> None:
    await simulated.check()
    made = await simulated.create_endpoint(receiver.url, ["avatar_video.success"])
    assert made.secret is not None
    assert made.secret.startswith("whsec_")
    changed = await simulated.update_endpoint(made.id, events=["avatar_video.fail"])
    (listed,) = await simulated.list_endpoints()
    assert listed == changed
    assert (listed.events, listed.secret) == (("avatar_video.fail",), None)
    await simulated.delete_endpoint(made.id)
    assert await simulated.list_endpoints() == ()
    assert len(await simulated.event_types()) == 30


async def test_what_is_not_there_and_what_is_not_allowed(simulated: HeyGen) -> None:
    with pytest.raises(VideoNotFound):
        await simulated.get_video("avatar_video", "nobody")
    with pytest.raises(VideoNotFound):
        await simulated.get_video("video_agent", "nobody")
    with pytest.raises(HeyGenRefused):
        await simulated.create_video({"type": "avatar", "no_such_field": 1}, "key-2")
    with pytest.raises(HeyGenRefused):
        await simulated.delete_endpoint("nobody")


async def test_states_and_deletion(simulated: HeyGen) -> None:
    made = await simulated.create_video(AVATAR, "key-3")
    states = await simulated.statuses([made.heygen_video_id, "nobody"])
    assert states[made.heygen_video_id].status in ("waiting", "completed")
    assert states["nobody"].status == "missing"
    await simulated.delete_video("avatar_video", made.heygen_video_id)
    with pytest.raises(VideoNotFound):
        await simulated.delete_video("avatar_video", made.heygen_video_id)


async def test_the_list_of_videos_avatars_and_voices_is_read(simulated: HeyGen) -> None:
    made = await simulated.create_video(AVATAR, "key-list")
    (listed,) = (await simulated.list_videos(title="Welcome")).videos
    assert (listed.id, listed.title) == (made.heygen_video_id, "Welcome")
    own, everybodys = await simulated.looks("private"), await simulated.looks("public")
    assert own.complete
    assert not {look.id for look in own.entries} & {look.id for look in everybodys.entries}
    assert [voice.name for voice in (await simulated.voices()).entries if voice.own] == ["Anna's own voice"]
