"""What is counted as late, as applied and as a storm, from a handful of notes."""

import json

import pytest

from tests.e2e.kill.watcher import Sight
from tests.e2e.load import times
from tests.e2e.load.audience import Looked, Shown
from tests.e2e.load.boards import Manner, Seat
from tests.e2e.load.installation import Replaced
from tests.e2e.load.senders import Try

DEPLOY = [Replaced("web-0", 100.0, 101.0, 103.0), Replaced("web-1", 103.0, 104.0, 106.0)]
NEVER = (0.0, 0.0)


def shown(number: int, at: float, state: str = "failed", video_id: str = "v1", opened: float = 0.0) -> Shown:
    return Shown(Sight(number, "video.updated", "digest", video_id, state), at, opened)


def board(
    *some: Shown, subject: str | None = None, manner: Manner = "reads", visits: tuple[tuple[float, float], ...] = ()
) -> Looked:
    return Looked(Seat("key", manner, subject, None), 0, some, visits, 0)


def failure(video: str, due: float, *, taken: bool = True) -> Try:
    body = {"event_type": "avatar_video.fail", "event_data": {"video_id": video}}
    return Try(due, due + 0.1, json.dumps(body).encode(), taken)


def told(at: dict[int, float] | None = None) -> times.Told:
    return times.Told(at or {}, {"v1": "own-1", "v2": "own-2"})


def test_a_spread_tells_the_median_the_worst_of_a_hundred_and_the_longest_in_ms() -> None:
    assert times.spread(number / 1000 for number in range(1, 201)) == {"many": 200, "p50": 100, "p99": 198, "max": 200}
    assert times.spread([]) == {"many": 0}


def test_a_delivery_during_the_deploy_is_not_in_peace() -> None:
    window = times.away(DEPLOY)
    assert window == (100.0, 106.0)
    assert [times.overlaps(failure("own-1", due), window) for due in (99.8, 99.95, 105.9, 106.1)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert not times.overlaps(failure("own-1", 1.0), times.away([]))


def test_a_post_is_applied_when_the_first_board_of_all_videos_shows_its_end() -> None:
    tries = [failure("own-1", 10.0), failure("own-1", 12.0), failure("own-2", 10.0, taken=False)]
    looked = [
        board(shown(1, 10.1, "rendering"), shown(2, 10.4), shown(3, 10.5, video_id="v2")),
        board(shown(2, 10.3)),
        board(shown(2, 10.2), subject="ann"),
        board(shown(2, 10.2), manner="slow"),
    ]
    assert times.applied(tries, looked, told()) == [(10.0, 10.3)]


def test_what_touches_a_window_is_told_apart_from_what_does_not() -> None:
    spans, window = [(1.0, 2.0), (2.5, 3.5), (4.0, 4.5)], (3.0, 4.0)
    assert (times.within(spans, window), times.without(spans, window)) == ([1.0], [1.0, 0.5])
    assert times.without(spans, window, (0.0, 1.5)) == [0.5]
    assert times.within(spans, NEVER) == []


def test_the_batch_lasts_until_all_of_it_is_ready() -> None:
    renders = [
        {"id": video, "completed_at": at, "plan": {"ends_at": ends}}
        for video, at, ends in (("one", 10.1, 10.0), ("two", 10.3, 10.0), ("other", 5.0, None))
    ]
    ready = {"one": 30.0, "two": 25.0, "other": 90.0}
    assert times.batch_window(renders, ready) == (10.1, 30.0)
    assert times.batch_window(renders[2:], ready) == NEVER


def test_an_update_is_late_on_streams_that_were_open_when_it_was_made() -> None:
    looked = [
        board(shown(1, 10.5), shown(2, 20.5, opened=20.2)),
        board(shown(1, 10.1), subject="ann"),
        board(shown(1, 19.0), manner="stalls"),
    ]
    late = times.lateness(looked, told({1: 10.0, 2: 20.0}))
    assert late == {"operators": pytest.approx([0.5]), "people": pytest.approx([0.1])}


def test_the_storm_is_of_streams_that_the_deploy_ended() -> None:
    visits = ((1.0, 50.0), (52.0, 101.0), (104.0, 200.0))
    looked = [board(visits=visits), board(visits=visits, manner="vanishes"), board(visits=((1.0, 200.0),))]
    assert times.storm(looked, DEPLOY) == [3.0]
    assert times.all_back(looked, DEPLOY) == 104.0
    assert times.all_back([], DEPLOY) == 106.0


def test_a_render_is_ready_when_the_first_board_shows_it() -> None:
    looked = [board(shown(1, 11.5, "archiving"), shown(2, 12.5, "ready")), board(shown(2, 12.0, "ready"))]
    ready = times.ready_at(looked, told())
    assert ready == {"own-1": 12.0}
    renders = [{"id": "own-1", "completed_at": 10.0}, {"id": "own-2", "completed_at": 10.0}]
    assert times.ready_after(renders, ready) == [(10.0, 12.0)]
