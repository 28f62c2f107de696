"""Compares what was promised with what is true. Pure: facts in, numbers and the reason for each out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise

from tests.e2e.kill.facts import PARTIAL, Asset, Facts, Render, Video, View
from tests.e2e.kill.watcher import Sight

# What HeyGen's simulator calls the file of each role.
FILES = {"video": "video", "poster": "thumbnail", "captions": "subtitle", "gif": "gif", "captioned": "captioned"}
MUST_BE_ZERO = (
    "lost", "events_twice", "videos_wrong", "rendered_twice", "assets_wrong", "assets_twice", "gaps", "repeats",
    "strays", "before_durable", "work_left",
)  # fmt: skip


@dataclass
class Verdict:
    """Numbers; *faults* says in words what each count that must be 0 is made of."""

    acknowledged: int = 0
    lost: int = 0
    """Acknowledged events that are not in the database, or not under the id that was told."""
    events_twice: int = 0
    """Events that are in the database more than once."""
    videos: int = 0
    videos_wrong: int = 0
    """Videos that are not there, or did not end as HeyGen says."""
    rendered_twice: int = 0
    """Renders at HeyGen that belong to no video of ours: a request that was made again."""
    assets: int = 0
    assets_wrong: int = 0
    """Files that are not stored, or are stored with other bytes than HeyGen's."""
    assets_twice: int = 0
    """Bytes put into a store again, files that no row knows, unfinished files left behind."""
    updates: int = 0
    gaps: int = 0
    """Updates that a viewer was not shown, by viewer."""
    repeats: int = 0
    """Updates that a viewer was shown twice, and videos that became ready twice in front of one."""
    strays: int = 0
    """Updates that a viewer was shown and that were not theirs to see."""
    before_durable: int = 0
    """Events acknowledged, or updates shown, that a power cut took back."""
    work_left: int = 0
    """Jobs that are not done though everything outside is well."""
    faults: list[str] = field(default_factory=list)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    @property
    def good(self) -> bool:
        return not any(getattr(self, name) for name in MUST_BE_ZERO)

    def count(self, name: str, faults: Iterable[str]) -> None:
        """One for each of *faults*."""
        found = list(faults)
        setattr(self, name, getattr(self, name) + len(found))
        self.faults += [f"{name}: {fault}" for fault in found]


def judge(facts: Facts) -> Verdict:
    """The verdict on one world."""
    verdict = Verdict(
        acknowledged=len(facts.acknowledged.keys() | facts.delivered),
        videos=len(facts.ordered | facts.failing),
        assets=len(facts.rows.assets),
        updates=len(facts.rows.stream),
    )
    verdict.count("lost", _lost(facts))
    verdict.count("events_twice", _events_twice(facts))
    verdict.count("videos_wrong", _videos_wrong(facts))
    verdict.count("rendered_twice", _rendered_twice(facts))
    verdict.count("assets_wrong", _assets_wrong(facts))
    verdict.count("assets_twice", _assets_twice(facts))
    verdict.count("work_left", facts.rows.jobs)
    for number, view in enumerate(facts.views, 1):
        verdict.count("gaps", (f"viewer {number} {fault}" for fault in _gaps(facts, view)))
        verdict.count("repeats", (f"viewer {number} {fault}" for fault in _repeats(view.shown)))
        verdict.count("strays", (f"viewer {number} {fault}" for fault in _strays(facts, view)))
    verdict.count("before_durable", sorted(facts.not_durable | set(_phantoms(facts))))
    return verdict


def not_durable(facts: Facts) -> frozenset[str]:
    """What was promised or shown until now, and is not in the database that survived a power cut."""
    kept = set(facts.rows.events.values())
    promised = {f"event {digest[:12]} was acknowledged" for digest in facts.acknowledged if digest not in kept}
    return frozenset(promised | set(_phantoms(facts)))


def _lost(facts: Facts) -> Iterator[str]:
    ids: dict[str, set[str]] = {}
    for event_id, digest in facts.rows.events.items():
        ids.setdefault(digest, set()).add(event_id)
    for digest in sorted(facts.acknowledged.keys() | facts.delivered):
        told = facts.acknowledged.get(digest, set())
        if digest not in ids:
            yield f"the event with the digest {digest[:12]} is not there"
        elif not told <= ids[digest]:
            yield f"the event with the digest {digest[:12]} was called {sorted(told)} and is {sorted(ids[digest])}"


def _events_twice(facts: Facts) -> Iterator[str]:
    for digest, times in Counter(facts.rows.events.values()).items():
        if times > 1:
            yield f"the event with the digest {digest[:12]} is there {times} times"


def _videos_wrong(facts: Facts) -> Iterator[str]:
    by_heygen_id = {video.heygen_id: video for video in facts.rows.videos.values() if video.heygen_id}
    for video_id in sorted(facts.ordered):
        video = facts.rows.videos.get(video_id)
        if video is None:
            yield f"{video_id} was accepted and is not there"
        elif not _ended_as(video, render := facts.renders.get(video.heygen_id or "")):
            yield f"{video_id} is {video.state}, HeyGen's {video.heygen_id} is {render and render.outcome}"
    for heygen_id in sorted(facts.failing):
        told = by_heygen_id.get(heygen_id)
        if told is None or (told.state, told.failed_by) != ("failed", "heygen"):
            yield f"HeyGen's {heygen_id} failed, and here it is {told}"


def _ended_as(video: Video, render: Render | None) -> bool:
    if render is None:
        return False
    if render.outcome == "failed":
        return (video.state, video.failed_by) == ("failed", "heygen")
    return (render.outcome, video.state) == ("completed", "ready")


def _rendered_twice(facts: Facts) -> Iterator[str]:
    ours = {video.heygen_id for video in facts.rows.videos.values()}
    yield from (f"nobody knows HeyGen's video {heygen_id}" for heygen_id in facts.renders if heygen_id not in ours)


def _assets_wrong(facts: Facts) -> Iterator[str]:
    there = {(asset.video_id, asset.role) for asset in facts.rows.assets}
    for video in facts.rows.videos.values():
        if video.state == "ready" and (video.id, "video") not in there:
            yield f"{video.id} is ready without a file"
        for role in sorted(_roles_at_heygen(facts, video) - {role for of, role in there if of == video.id}):
            yield f"HeyGen has a file for the role {role} of {video.id}, and no row knows it"
    for asset in facts.rows.assets:
        if fault := _asset_fault(facts, asset):
            yield f"{asset.role} of {asset.video_id} in {asset.store} {fault}"


def _roles_at_heygen(facts: Facts, video: Video) -> set[str]:
    """What else HeyGen shows of a video that is ready."""
    render = facts.renders.get(video.heygen_id or "") if video.state == "ready" else None
    return {role for role, name in FILES.items() if render and name in render.files} - {"video"}


def _asset_fault(facts: Facts, asset: Asset) -> str | None:
    if asset.state != "stored":
        return f"is {asset.state}"
    if asset.location is None:
        return None if asset.role == "poster" else "has no location"
    render = facts.renders.get(facts.rows.videos[asset.video_id].heygen_id or "")
    true = render.files.get(FILES[asset.role]) if render else None
    kept = facts.kept.get((asset.store, asset.location))
    if kept is None:
        return f"is not at {asset.location}"
    if not kept.sha256 == asset.sha256 == true:
        return f"has the digest {kept.sha256[:12]}, its row says {asset.sha256}, HeyGen's is {true}"
    return None


def _assets_twice(facts: Facts) -> Iterator[str]:
    known = {(asset.store, asset.location) for asset in facts.rows.assets}
    for (store, location), kept in facts.kept.items():
        if kept.times > 1:
            yield f"{location} was put into {store} {kept.times} times"
        if (store, location) not in known:
            unfinished = location.startswith(PARTIAL)
            yield f"{location} in {store} {'was left unfinished' if unfinished else 'belongs to nothing'}"


def _gaps(facts: Facts, view: View) -> Iterator[str]:
    shown = {sight.id for sight in view.shown}
    due = facts.rows.stream if view.due is None else sorted(view.due)
    yield from (f"was not shown {number}" for number in due if number not in shown)
    yield from (f"was told to fetch everything anew at {sight.id}" for sight in view.shown if sight.event == "resync")
    for before, after in pairwise(sight.id for sight in view.shown):
        if after < before:
            yield f"was shown {after} after {before}"


def _strays(facts: Facts, view: View) -> Iterator[str]:
    for sight in view.shown:
        if view.due is not None and sight.id not in view.due and sight.id in facts.rows.stream:
            yield f"was shown {sight.id}, which was not theirs"


def _repeats(seen: Sequence[Sight]) -> Iterator[str]:
    yield from (f"was shown {number} {times} times" for number, times in _times(sight.id for sight in seen))
    state: dict[str, str | None] = {}
    became_ready: list[str] = []
    for sight in seen:
        if sight.video_id is not None:
            if sight.state == "ready" != state.get(sight.video_id):
                became_ready.append(sight.video_id)
            state[sight.video_id] = sight.state
    yield from (f"saw {video_id} become ready {times} times" for video_id, times in _times(became_ready))


def _times(things: Iterable[object]) -> list[tuple[object, int]]:
    return [(thing, times) for thing, times in Counter(things).items() if times > 1]


def _phantoms(facts: Facts) -> Iterator[str]:
    """Updates that were shown, and are not in the log, or are others there."""
    for view in facts.views:
        for sight in view.shown:
            if sight.event != "resync" and facts.rows.stream.get(sight.id) != sight:
                yield f"update {sight.id} was shown"
