"""What the judge of the kill test does not ask: each end on each board, each event applied once, no half delivery."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tests.e2e.kill.facts import Facts, View
from tests.e2e.kill.sender import digest

ENDS = ("ready", "failed")


@dataclass(frozen=True)
class Checked:
    """In words, what was found; all must be empty."""

    ends_unseen: Sequence[str]
    """By board and video: the last state of a video that a board may see, and does not show."""
    applied_twice: Sequence[str]
    """Videos that came to the same end twice."""
    halves: Sequence[str]
    """Events whose delivery never came whole."""

    @property
    def faults(self) -> list[str]:
        return [*self.ends_unseen, *self.applied_twice, *self.halves]


def check(facts: Facts, begun: Sequence[bytes]) -> Checked:
    """*begun* are the bodies of deliveries that were broken off."""
    return Checked(list(_ends_unseen(facts)), list(_applied_twice(facts)), list(_halves(facts, begun)))


def seen_by_control(facts: Facts) -> int:
    """A board is not shown one video's end, and the check must find one end more that was not seen."""
    number, view = next((number, view) for number, view in enumerate(facts.views) if view.shown)
    last = view.shown[-1]
    without = [each for each in view.shown if (each.video_id, each.state) != (last.video_id, last.state)]
    spoilt = [*facts.views[:number], replace(view, shown=without), *facts.views[number + 1 :]]
    return len(list(_ends_unseen(replace(facts, views=spoilt)))) - len(list(_ends_unseen(facts)))


def _ends_unseen(facts: Facts) -> Iterator[str]:
    for number, view in enumerate(facts.views, 1):
        true = _last_of_each(facts, view)
        shown = {sight.video_id: sight.state for sight in view.shown}
        for video_id, state in true.items():
            if shown.get(video_id) != state:
                yield f"board {number} shows {video_id} as {shown.get(video_id)}, and it is {state}"


def _last_of_each(facts: Facts, view: View) -> dict[str, str]:
    """The state in the table `videos` of each video that an update was due about."""
    due = facts.rows.stream if view.due is None else view.due
    ids = {facts.rows.stream[number].video_id for number in due}
    return {video.id: video.state for video in facts.rows.videos.values() if video.id in ids}


def _applied_twice(facts: Facts) -> Iterator[str]:
    state: dict[str, str | None] = {}
    ended: Counter[tuple[str, str]] = Counter()
    for _, sight in sorted(facts.rows.stream.items()):
        if sight.video_id is not None:
            if sight.state in ENDS and sight.state != state.get(sight.video_id):
                ended[sight.video_id, sight.state] += 1
            state[sight.video_id] = sight.state
    yield from (f"{video_id} became {end} {times} times" for (video_id, end), times in ended.items() if times > 1)


def _halves(facts: Facts, begun: Sequence[bytes]) -> Iterator[str]:
    there = set(facts.rows.events.values())
    yield from (f"{body!r} was never sent whole, and is an event" for body in begun if digest(body) in there)
