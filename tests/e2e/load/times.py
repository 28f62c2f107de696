"""How long things took, from what was noted: pure, facts in and figures out. Moments are seconds since 1970."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.e2e.load.audience import Looked
from tests.e2e.load.installation import Replaced
from tests.e2e.load.senders import Try

MICROSECONDS = 1e6
JUST_RESUMED_S = 0.05


@dataclass(frozen=True)
class Told:
    """The stream table: when each update was made, and when the event came that it tells of."""

    at: Mapping[int, float]
    heygen_ids: Mapping[str, str]
    """HeyGen's id by ours."""

    @classmethod
    def read(cls, db: Any) -> "Told":
        at = {number: moment / MICROSECONDS for number, moment in db.execute("SELECT id, at FROM stream")}
        return cls(at, dict(db.execute("SELECT id, heygen_video_id FROM videos WHERE heygen_video_id IS NOT NULL")))


@dataclass(frozen=True)
class Kept:
    """The files that were stored."""

    files: int
    bytes: int

    @classmethod
    def read(cls, db: Any) -> "Kept":
        files, size = db.execute("SELECT count(*), sum(bytes) FROM assets WHERE bytes > 0").fetchone()
        return cls(files, int(size or 0))


def spread(seconds: Iterable[float]) -> dict[str, float]:
    """Of times in seconds: how many, and p50, p99 and the longest in ms."""
    found = sorted(seconds)
    if not found:
        return {"many": 0}
    percents = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    at = {name: found[max(0, math.ceil(len(found) * of) - 1)] for name, of in percents.items()}
    return {"many": len(found)} | {name: round(each * 1000, 1) for name, each in at.items()}


def away(replaced: Sequence[Replaced]) -> tuple[float, float]:
    """From when until when the deploy lasted; nothing is in it when there was none."""
    return (min(each.told for each in replaced), max(each.ready for each in replaced)) if replaced else (0.0, 0.0)


def overlaps(one: Try, window: tuple[float, float]) -> bool:
    return _touch((one.due, one.ended), window)


def applied(tries: Sequence[Try], looked: Sequence[Looked], told: Told) -> list[tuple[float, float]]:
    """From when to when: a signed failure was due, and the first board that shows everything had its video's end."""
    due = _due_of_failures(tries)
    first: dict[str, float] = {}
    for board in looked:
        if board.seat.subject is None and board.seat.manner == "reads":
            for each in board.shown:
                heygen_id = told.heygen_ids.get(each.sight.video_id or "", "")
                if each.sight.state == "failed" and heygen_id in due:
                    first[heygen_id] = min(each.at, first.get(heygen_id, math.inf))
    return [(due[heygen_id], at) for heygen_id, at in first.items()]


def within(spans: Iterable[tuple[float, float]], window: tuple[float, float]) -> list[float]:
    """How long those lasted that touch *window*."""
    return [end - begin for begin, end in spans if _touch((begin, end), window)]


def without(spans: Iterable[tuple[float, float]], *windows: tuple[float, float]) -> list[float]:
    """How long those lasted that touch none of *windows*."""
    return [end - begin for begin, end in spans if not any(_touch((begin, end), window) for window in windows)]


def batch_window(renders: Iterable[Mapping[str, Any]], ready: Mapping[str, float]) -> tuple[float, float]:
    """From the end of the batch at HeyGen until all of it was ready; nothing is in it when there was no batch."""
    batch = [each for each in renders if each["plan"]["ends_at"] is not None]
    if not batch:
        return (0.0, 0.0)
    return (min(each["completed_at"] for each in batch), max(ready.get(each["id"], 0.0) for each in batch))


def lateness(looked: Sequence[Looked], told: Told) -> dict[str, list[float]]:
    """From when an update was made until a board had it, by who has the board.

    Only of streams that were open when it was made, and of readers that read all the time.
    """
    found = defaultdict(list)
    for board in looked:
        if board.seat.manner in ("reads", "vanishes"):
            who = "operators" if board.seat.subject is None else "people"
            for each in board.shown:
                made = told.at.get(each.sight.id)
                if made is not None and each.opened + JUST_RESUMED_S < made:
                    found[who].append(each.at - made)
    return dict(found)


def storm(looked: Sequence[Looked], replaced: Sequence[Replaced]) -> list[float]:
    """For each stream that the deploy ended: how long its board was without one."""
    began, ended = away(replaced)
    found = []
    for board in looked:
        if board.seat.manner == "reads":
            for (_, lost), (back, _) in zip(board.visits, board.visits[1:], strict=False):
                if began <= lost <= ended:
                    found.append(back - lost)
    return found


def all_back(looked: Sequence[Looked], replaced: Sequence[Replaced]) -> float:
    """When the last board had its stream again after the deploy."""
    began, ended = away(replaced)
    return max((back for board in looked for (_, lost), (back, _) in zip(board.visits, board.visits[1:], strict=False)
                if board.seat.manner == "reads" and began <= lost <= ended), default=ended)  # fmt: skip


def ready_at(looked: Sequence[Looked], told: Told) -> dict[str, float]:
    """When a board showed a video as ready for the first time, by HeyGen's id."""
    ready: dict[str, float] = {}
    for board in looked:
        for each in board.shown:
            heygen_id = told.heygen_ids.get(each.sight.video_id or "")
            if heygen_id and each.sight.state == "ready":
                ready[heygen_id] = min(each.at, ready.get(heygen_id, math.inf))
    return ready


def ready_after(renders: Iterable[Mapping[str, Any]], ready: Mapping[str, float]) -> list[tuple[float, float]]:
    """From the end of each render at HeyGen until a board showed its video as ready."""
    return [(each["completed_at"], ready[each["id"]]) for each in renders if each["id"] in ready]


def _due_of_failures(tries: Sequence[Try]) -> dict[str, float]:
    """When the first delivery of each video's failure was due, by HeyGen's id."""
    due: dict[str, float] = {}
    for each in tries:
        if each.taken and b"avatar_video.fail" in each.body:
            heygen_id = json.loads(each.body)["event_data"]["video_id"]
            due[heygen_id] = min(each.due, due.get(heygen_id, math.inf))
    return due


def _touch(span: tuple[float, float], window: tuple[float, float]) -> bool:
    return span[0] < window[1] and span[1] > window[0]
