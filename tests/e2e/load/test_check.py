"""The check sees what the judge does not ask: each test takes a world in order and breaks one thing in it."""

from dataclasses import replace

from tests.e2e.kill.facts import Video, View
from tests.e2e.kill.sender import digest
from tests.e2e.kill.test_judge import IN_ORDER, ROWS, STREAM, THEIRS, rows, update
from tests.e2e.load.check import Checked, check, seen_by_control


def test_a_world_in_order_has_no_faults() -> None:
    assert check(IN_ORDER, []) == Checked([], [], [])


def test_an_end_that_one_board_was_not_shown_is_found() -> None:
    late = replace(IN_ORDER, views=[View(STREAM), View(STREAM[:-1])])
    assert len(check(late, []).ends_unseen) == 1
    assert "board 2 shows v2 as None" in check(late, []).ends_unseen[0]


def test_a_board_owes_the_ends_of_its_own_videos_alone() -> None:
    theirs = STREAM[:6]
    assert check(replace(IN_ORDER, views=[View(theirs, THEIRS)]), []).faults == []
    assert len(check(replace(IN_ORDER, views=[View(theirs[:4], THEIRS)]), []).ends_unseen) == 1


def test_what_a_board_shows_last_is_compared_with_the_video_itself() -> None:
    moved = rows(videos=dict(ROWS.videos) | {"v1": Video("v1", "hg-1", "unarchived")})
    assert len(check(moved, []).ends_unseen) == len(moved.views)


def test_a_video_that_came_to_its_end_again_was_applied_twice() -> None:
    again = [*STREAM, update(8, "archiving"), update(9, "ready")]
    found = check(rows(stream={sight.id: sight for sight in again}), [])
    assert [words.split(" became ")[1] for words in found.applied_twice] == ["ready 2 times"]


def test_a_delivery_that_broke_off_must_be_no_event() -> None:
    body = b'{"half": 1}'
    assert check(IN_ORDER, [body]).faults == []
    assert len(check(rows(events={"e1": "one", "e2": "two", "e3": digest(body)}), [body]).halves) == 1


def test_the_control_takes_one_end_away_and_sees_it() -> None:
    assert seen_by_control(IN_ORDER) == 1
