"""What a stream token hears: its subject's updates and no others, live, from the log, and after a resync."""

from datetime import timedelta

import pytest

from reelhook.auth.principal import Principal, local_admin, of_key, of_person, of_token
from reelhook.realtime import append
from reelhook.realtime import hub as hub_room
from tests.conftest import START, eventually
from tests.ingest.serving import served

from .browser import ids, watching
from .conftest import Scene

LATER = START + timedelta(hours=1)
ANN = of_token("ann", None, LATER)
OF_ONE = of_token("ann", frozenset({"a1"}), LATER)
# Every video there is: whose, and its id. The fifth row is for nobody in particular.
ROWS = [("ann", "a1"), ("bob", "b1"), ("ann", "a2"), (None, "x1"), ("bob", "b2")]
CASES = [
    (ANN, "", [1, 3]),
    (ANN, "?video_id=a2", [3]),
    (ANN, "?video_id=b1", []),
    (ANN, "?video_id=b1&video_id=a1", [1]),
    (ANN, "?video_id=x1", []),
    (OF_ONE, "", [1]),
    (OF_ONE, "?video_id=a2", []),
    (OF_ONE, "?video_id=a1&video_id=a2&video_id=b1", [1]),
]


async def write_all(scene: Scene) -> None:
    for subject, video_id in ROWS:
        await scene.write(subject=subject, video_id=video_id)


def marked(query: str, more: str) -> str:
    return f"{query}&{more}" if query else f"?{more}"


@pytest.mark.parametrize(("token", "query", "heard"), CASES)
async def test_live(port: int, scene: Scene, token: Principal, query: str, heard: list[int]) -> None:
    scene.principal = token
    async with watching(port, query) as browser:
        await eventually(lambda: [one.live for one in scene.hub._all()] == [True])
        await write_all(scene)
        await eventually(lambda: [one.last_id for one in scene.hub._all()] == [5])
        scene.hub.progress("b1", "bob", 1, 2)
        scene.hub.close()  # the last word: whatever else was sent is before it
        frames = await browser.rest()
    assert (list(ids(frames)), frames[-1].event, len(frames)) == (heard, "bye", len(heard) + 1)


@pytest.mark.parametrize("memory", [0, 1000], ids=["from the log", "from memory"])
@pytest.mark.parametrize(("token", "query", "heard"), CASES)
async def test_replayed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, token: Principal, query: str, heard: list[int], memory: int
) -> None:
    monkeypatch.setattr(hub_room, "MOST", memory)
    await write_all(scene)
    scene.principal = token
    async with (
        served(scene.app) as port,
        scene.following(),
        watching(port, marked(query, "last_event_id=0")) as browser,
    ):
        await eventually(lambda: [one.live for one in scene.hub._all()] == [True])
        scene.hub.close()
        frames = await browser.rest()
    assert list(ids(frames)) == heard


# Everybody who could be taken for Ann, or sees all there is to see; of these only Ann herself is Ann.
MEANT_FOR_ANN = [
    (of_person("ann", "ann@example.com", "viewer"), True),
    (of_person("ann", "ann@example.com", "admin"), True),
    (of_person("ben", "ben@example.com", "admin"), False),
    (of_key("ann", "a key", "admin", None), False),
    (of_key("ann", "a key", "viewer", None), False),
    (of_token("ann", None, LATER), False),
    (local_admin(), False),
]


@pytest.mark.parametrize("memory", [None, 0, 1000], ids=["live", "from the log", "from memory"])
@pytest.mark.parametrize(("who", "hears"), MEANT_FOR_ANN)
async def test_what_a_person_is_told_is_heard_by_that_person_alone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, who: Principal, hears: bool, memory: int | None
) -> None:
    async def told() -> None:
        await scene.db.write(
            lambda tx: append(tx, "notification", {"notification": {"title": "secret"}}, at=START, subject="ann")
        )

    monkeypatch.setattr(hub_room, "MOST", memory or 0)
    if memory is not None:
        await told()
    scene.principal = who
    query = "" if memory is None else "?last_event_id=0"
    async with served(scene.app) as port, scene.following(), watching(port, query) as browser:
        await eventually(lambda: [one.live for one in scene.hub._all()] == [True])
        if memory is None:
            await told()
            await eventually(lambda: [one.last_id for one in scene.hub._all()] == [1])
        scene.hub.close()
        frames = await browser.rest()
    assert [frame.event for frame in frames] == (["notification"] if hears else []) + ["bye"]


async def test_a_resync_tells_the_number_it_goes_on_from_and_nothing_of_anybody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_room, "MOST", 0)
    await write_all(scene)
    scene.principal = OF_ONE
    async with served(scene.app) as port, scene.following(), watching(port, "?last_event_id=99") as browser:
        assert [(frame.event, frame.data) for frame in await browser.frames(1)] == [("resync", {"stream_id": 5})]
        await scene.write(subject="bob", video_id="b1")
        await scene.write(subject="ann", video_id="a1")
        assert [frame.id for frame in await browser.frames(1)] == [7]
