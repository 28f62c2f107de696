"""Who is asked about an update, and what is written to whom at once."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from reelhook.auth.principal import local_admin, of_key, of_link, of_person, of_token
from reelhook.realtime import portions, wire
from reelhook.realtime.audience import Audience
from reelhook.realtime.encoding import GZIP
from reelhook.realtime.log import Update
from reelhook.realtime.recent import Recent
from reelhook.realtime.subscriber import Subscriber
from reelhook.realtime.wants import ALL, Wants
from tests.conftest import START, eventually

from .conftest import Scene
from .test_subscriber import Pipe, subscriber

LATER = START + timedelta(hours=1)
EVERY_UPDATE = [
    Update(number, event, video_id, subject, "")
    for number, (event, video_id, subject) in enumerate(
        itertools.product(("video.updated", "notification"), (None, "a1", "b1"), (None, "ann", "bob"))
    )
]
EVERYBODY = [
    local_admin(),
    of_link("asset", of_key("k", "a key", "viewer", None), LATER),
    *(of_person(who, f"{who}@example.com", role) for who in ("ann", "bob") for role in ("viewer", "admin")),
    *(of_key("ann", "a key", role, None) for role in ("viewer", "operator")),
    *(of_token("ann", videos, LATER) for videos in (None, frozenset({"a1"}))),
]


async def no_breath(_: int) -> None:
    return


def filled(audience: Audience) -> list[Subscriber]:
    streams = []
    for principal, only in itertools.product(EVERYBODY, ((), ("a1",), ("a1", "b1"))):
        one = Subscriber(Pipe().send, None, Wants(principal, frozenset(only)), 0)
        one.live, one.number = True, len(streams)
        audience.add(one)
        streams.append(one)
    return streams


@pytest.mark.parametrize(
    "update", EVERY_UPDATE, ids=lambda update: f"{update.event}/{update.video_id}/{update.subject}"
)
def test_everybody_who_wants_an_update_is_found_once(update: Update) -> None:
    audience = Audience()
    streams = filled(audience)
    found = [one.number for one in audience.of(update)]
    assert sorted(found) == [one.number for one in streams if one.wants(update)]


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_what_was_missed_is_found_by_all_who_want_it(limit: int) -> None:
    recent = Recent(-1, most=25)
    for update in EVERY_UPDATE * 4:  # more than it keeps
        recent.add(replace(update, id=recent.newest + 1), b"")
    everything, level = recent.after(40, 100, [ALL]) or ([], 0)
    assert (len(everything), level) == (31, 71)
    for one in filled(Audience()):
        got, last_id = [], 40
        while last_id < level:
            found, last_id = recent.after(last_id, limit, one.wants.shelves()) or ([], level)
            assert len(found) <= limit
            got += [entry for entry in found if one.wants(entry[0])]
        assert got == [entry for entry in everything if one.wants(entry[0])]


async def test_who_wants_the_same_is_told_together() -> None:
    audience = Audience()
    streams = filled(audience)
    streams[0].live, streams[1].encoding = False, GZIP
    entries = [(update, wire.update(update)) for update in EVERY_UPDATE]
    parts = list(await audience.divided(entries, no_breath))
    told = {one: part for part in parts for one in part.streams}
    assert sum(len(part.streams) for part in parts) == len(told)
    for one in streams:
        wanted = [entry for entry in entries if one.live and one.wants(entry[0])]
        assert (one not in told) if not wanted else (told[one].entries, told[one].encoding) == (wanted, one.encoding)
    assert len({(part.encoding, *(frame for _, frame in part.entries)) for part in parts}) == len(parts)


def test_whoever_leaves_is_asked_no_more() -> None:
    audience = Audience()
    for one in filled(audience):
        audience.remove(one)
    assert (
        len(audience),
        audience._shelves,
        [audience.of(update) for update in EVERY_UPDATE if audience.of(update)],
    ) == (
        0,
        {},
        [],
    )


def test_portions_are_of_so_many_bytes_or_of_one_that_is_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "MOST_BYTES", 10)
    sizes = [4, 6, 1, 11, 9, 2]
    entries = [(EVERY_UPDATE[0], b"x" * size) for size in sizes]
    assert [[len(frame) for _, frame in some] for some in portions.of(entries)] == [[4, 6], [1], [11], [9], [2]]
    assert list(portions.of([])) == []


async def test_updates_that_come_together_are_written_at_once_and_counted_one_by_one(scene: Scene) -> None:
    pipe, full = Pipe(), Pipe()
    one, slow = subscriber(pipe), subscriber(full)
    async with scene.following():
        for each in (one, slow):
            scene.hub.add(each)
        full.room.clear()
        await scene.write(3)
        await eventually(lambda: one.last_id == 3)
        assert (len(pipe.written), one.sent, slow.sent, slow.live) == (1, 3, 0, False)
        full.room.set()
        await eventually(lambda: slow.live)
        await scene.write()
        await eventually(lambda: (one.last_id, slow.last_id) == (4, 4))
    assert pipe.written[0] == full.written[0]
    assert pipe.written[0].count(b"\n\n") == 3
