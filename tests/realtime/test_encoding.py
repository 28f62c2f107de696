"""Streams that are compressed once for all: who gets them, and that each update can be read as soon as it is sent."""

import pytest

from reelhook.kit.ids import Ids
from reelhook.realtime import StreamEndpoint, encoding
from reelhook.realtime.encoding import negotiate
from tests.conftest import eventually

from .browser import Frame, watching
from .browser import ids as ids_of
from .conftest import Scene


@pytest.mark.parametrize(
    ("accept", "packed"),
    [
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("gzip ; q=1.000", True),
        ("gzip;q=0", False),
        ("gzip; q = 0.000, br", False),
        ("br, zstd", False),
        ("x-gzipped", False),
        ("", False),
    ],
)
def test_gzip_is_for_who_takes_it(accept: str, packed: bool) -> None:
    chosen = negotiate(accept, "gzip")
    assert chosen.packs is packed
    assert (b"vary", b"accept-encoding") in chosen.headers
    assert negotiate(accept, "off").headers == ()


@pytest.fixture
def compressing(scene: Scene, ids: Ids) -> Scene:
    scene.endpoint = StreamEndpoint(scene.hub, scene.clock, ids, compression="gzip")
    return scene


async def test_everything_can_be_read_as_soon_as_it_is_sent(port: int, compressing: Scene) -> None:
    scene = compressing
    await scene.write(40, size=2000)
    await eventually(lambda: scene.hub.cursor == 40)
    async with watching(port, accept_encoding="gzip", last_event_id=10) as browser:
        assert "content-encoding: gzip" in browser.headers
        assert list(ids_of(await browser.frames(30))) == list(range(11, 41))
        await eventually(lambda: all(subscriber.live for subscriber in scene.hub._all()))
        for number in (41, 42):
            await scene.write()
            assert (await browser.frame()).id == number
        await scene.clock.forward(20)
        assert await browser.frame() == Frame(id=42)
        scene.hub.close()
        assert [frame.event for frame in await browser.rest()] == ["bye"]


async def test_what_is_sent_together_is_packed_once_for_all_who_take_it(port: int, compressing: Scene) -> None:
    scene = compressing
    packed = {"accept_encoding": "gzip"}
    async with watching(port, **packed) as one, watching(port, **packed) as two, watching(port) as plain:
        assert "content-encoding" not in plain.headers
        assert "vary: accept-encoding" in plain.headers
        await eventually(lambda: [subscriber.live for subscriber in scene.hub._all()] == [True] * 3)
        before = encoding._block.cache_info().misses
        await scene.write(3)
        for browser in (one, two, plain):
            assert list(ids_of(await browser.frames(3))) == [1, 2, 3]
        assert encoding._block.cache_info().misses - before == 1
