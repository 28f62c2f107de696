"""The judge sees each thing that can be wrong: every test takes a world in order and breaks one thing in it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.kill.facts import Asset, Facts, Kept, Render, Rows, Video, View
from tests.e2e.kill.judge import MUST_BE_ZERO, Verdict, judge, not_durable
from tests.e2e.kill.watcher import Sight


def update(number: int, state: str, video_id: str = "v1") -> Sight:
    return Sight(number, "video.updated", f"digest-{number}", video_id, state)


STATES = ("requested", "rendering", "rendered", "archiving", "ready", "ready")
STREAM = [update(number, state) for number, state in enumerate(STATES, 1)] + [update(7, "failed", "v2")]
VIDEO = Asset("a1", "v1", "video", "stored", "local", "a1/a1.mp4", "sha-film")
GIF = Asset("a2", "v1", "gif", "stored", "cloudinary", "image/reelhook/v1/gif", "sha-gif")
POSTER = Asset("a3", "v1", "poster", "stored", "cloudinary", None, None)
ROWS = Rows(
    events={"e1": "one", "e2": "two"},
    stream={sight.id: sight for sight in STREAM},
    videos={"v1": Video("v1", "hg-1", "ready"), "v2": Video("v2", "own-1", "failed", "heygen")},
    assets=[VIDEO, GIF, POSTER],
)
IN_ORDER = Facts(
    rows=ROWS,
    acknowledged={"one": {"e1"}},
    delivered=frozenset({"two"}),
    ordered=frozenset({"v1"}),
    failing=frozenset({"own-1"}),
    renders={"hg-1": Render("completed", {"video": "sha-film", "gif": "sha-gif", "thumbnail": "sha-still"})},
    kept={
        ("local", "a1/a1.mp4"): Kept("sha-film"),
        ("cloudinary", "image/reelhook/v1/gif"): Kept("sha-gif"),
    },
    views=[View(STREAM), View(STREAM)],
)


def rows(**changed: Any) -> Facts:
    return replace(IN_ORDER, rows=replace(ROWS, **changed))


def found(facts: Facts) -> dict[str, int]:
    """What is not 0 and must be."""
    verdict = judge(facts)
    counts = {name: getattr(verdict, name) for name in MUST_BE_ZERO}
    assert len(verdict.faults) == sum(counts.values()), "each count is explained"
    assert verdict.good == (not any(counts.values()))
    return {name: count for name, count in counts.items() if count}


def test_a_world_in_order_is_good() -> None:
    assert found(IN_ORDER) == {}
    verdict = judge(IN_ORDER)
    assert (verdict.acknowledged, verdict.videos, verdict.assets, verdict.updates) == (2, 2, 3, 7)


def test_an_event_that_is_gone_is_lost_whoever_was_told_that_it_is_safe() -> None:
    assert found(rows(events={"e2": "two"})) == {"lost": 1}
    assert found(rows(events={"e1": "one"})) == {"lost": 1}


def test_an_event_under_another_id_than_was_told_is_lost() -> None:
    assert found(replace(IN_ORDER, acknowledged={"one": {"e9"}})) == {"lost": 1}
    assert found(replace(IN_ORDER, acknowledged={"one": {"e1", "e9"}})) == {"lost": 1}


def test_an_acknowledgement_whose_end_never_arrived_still_counts() -> None:
    assert found(replace(IN_ORDER, acknowledged={"one": set()})) == {}
    assert found(replace(IN_ORDER, acknowledged={"three": set()})) == {"lost": 1}


def test_an_event_that_is_there_twice_is_seen() -> None:
    assert found(rows(events={"e1": "one", "e2": "two", "e3": "two"})) == {"events_twice": 1}


@pytest.mark.parametrize(
    "video",
    [
        Video("v1", "hg-1", "archiving"),
        Video("v1", "hg-1", "unarchived"),
        Video("v1", "hg-1", "failed", "heygen"),
        Video("v1", "hg-9", "ready"),
        Video("v1", None, "requested"),
    ],
)
def test_a_video_that_did_not_end_as_heygen_says_is_wrong(video: Video) -> None:
    assert found(rows(videos=dict(ROWS.videos) | {"v1": video}))["videos_wrong"] == 1


def test_a_video_that_failed_at_heygen_must_have_failed_here_and_say_by_whom() -> None:
    failed = replace(IN_ORDER, renders={"hg-1": Render("failed", {})})
    assert found(failed)["videos_wrong"] == 1
    for by, wrong in (("heygen", 0), ("reelhook", 1)):
        ours = replace(ROWS, videos=dict(ROWS.videos) | {"v1": Video("v1", "hg-1", "failed", by)}, assets=())
        assert judge(replace(failed, rows=ours)).videos_wrong == wrong


def test_a_video_that_was_accepted_and_is_gone_is_wrong() -> None:
    without = {"v2": ROWS.videos["v2"]}
    assert found(rows(videos=without, assets=())) == {"videos_wrong": 1, "rendered_twice": 1, "assets_twice": 2}


def test_a_failure_that_was_told_and_not_applied_is_wrong() -> None:
    assert found(rows(videos=dict(ROWS.videos) | {"v2": Video("v2", "own-1", "rendering")})) == {"videos_wrong": 1}
    assert found(rows(videos={"v1": ROWS.videos["v1"]})) == {"videos_wrong": 1}


def test_a_second_render_of_the_same_request_is_seen() -> None:
    twice = dict(IN_ORDER.renders) | {"hg-2": Render("completed", {})}
    assert found(replace(IN_ORDER, renders=twice)) == {"rendered_twice": 1}


def test_a_file_that_is_not_stored_or_not_there_is_wrong() -> None:
    pending = replace(VIDEO, state="pending")
    assert found(rows(assets=[pending, GIF, POSTER])) == {"assets_wrong": 1}
    assert found(rows(assets=[GIF, POSTER])) == {"assets_wrong": 1, "assets_twice": 1}
    gone = {key: kept for key, kept in IN_ORDER.kept.items() if key[0] != "local"}
    assert found(replace(IN_ORDER, kept=gone)) == {"assets_wrong": 1}
    assert found(rows(assets=[VIDEO, replace(GIF, location=None), POSTER])) == {"assets_wrong": 1, "assets_twice": 1}


def test_a_file_that_heygen_has_and_nobody_asked_for_is_missing() -> None:
    assert found(rows(assets=[VIDEO, GIF])) == {"assets_wrong": 1}


@pytest.mark.parametrize("place", ["row", "store", "heygen"])
def test_other_bytes_than_heygens_are_wrong_wherever_they_differ(place: str) -> None:
    spoilt = {
        "row": lambda: rows(assets=[replace(VIDEO, sha256="sha-other"), GIF, POSTER]),
        "store": lambda: replace(IN_ORDER, kept=dict(IN_ORDER.kept) | {("local", "a1/a1.mp4"): Kept("sha-other")}),
        "heygen": lambda: replace(IN_ORDER, renders={"hg-1": Render("completed", {"video": "x", "gif": "sha-gif"})}),
    }
    assert found(spoilt[place]()) == {"assets_wrong": 1}


def test_bytes_that_were_put_into_a_store_again_are_seen() -> None:
    again = dict(IN_ORDER.kept) | {("cloudinary", "image/reelhook/v1/gif"): Kept("sha-gif", times=2)}
    assert found(replace(IN_ORDER, kept=again)) == {"assets_twice": 1}


@pytest.mark.parametrize("location", ["a1/a1.gif", ".partial/a1.0011"])
def test_a_file_that_no_row_knows_and_one_left_unfinished_are_seen(location: str) -> None:
    more = dict(IN_ORDER.kept) | {("local", location): Kept("sha-film")}
    assert found(replace(IN_ORDER, kept=more)) == {"assets_twice": 1}


def test_an_update_that_one_viewer_was_not_shown_is_a_gap() -> None:
    assert found(replace(IN_ORDER, views=[View(STREAM), View(STREAM[:2] + STREAM[3:])])) == {"gaps": 1}


def test_updates_out_of_order_are_a_gap() -> None:
    swapped = [*STREAM[:5], STREAM[6], STREAM[5]]
    assert found(replace(IN_ORDER, views=[View(swapped)])) == {"gaps": 1}


def test_a_viewer_who_is_sent_away_to_fetch_everything_anew_has_a_gap() -> None:
    assert found(replace(IN_ORDER, views=[View([*STREAM, Sight(7, "resync", "", None, None)])]))["gaps"] == 1


def test_an_update_that_was_shown_twice_is_a_repeat() -> None:
    assert found(replace(IN_ORDER, views=[View([*STREAM, STREAM[-1]])])) == {"repeats": 1}


def test_a_video_that_becomes_ready_twice_is_a_repeat_and_one_that_stays_ready_is_none() -> None:
    stream = [*STREAM[:5], update(6, "archiving"), update(7, "ready")]
    world = rows(stream={sight.id: sight for sight in stream})
    assert found(replace(world, views=[View(stream)])) == {"repeats": 1}


THEIRS = frozenset(range(1, 7))  # what is about v1


def test_a_viewer_of_some_videos_must_be_shown_these_and_no_others() -> None:
    assert found(replace(IN_ORDER, views=[View(STREAM[:6], THEIRS)])) == {}
    assert found(replace(IN_ORDER, views=[View([], frozenset())])) == {}
    assert found(replace(IN_ORDER, views=[View(STREAM[:5], THEIRS)])) == {"gaps": 1}
    assert found(replace(IN_ORDER, views=[View([*STREAM[:6], STREAM[5]], THEIRS)])) == {"repeats": 1}
    assert found(replace(IN_ORDER, views=[View(STREAM, THEIRS)])) == {"strays": 1}


def test_an_update_that_is_another_one_in_the_log_was_shown_before_it_was_durable() -> None:
    other = replace(STREAM[-1], digest="other")
    assert found(replace(IN_ORDER, views=[View([*STREAM[:-1], other])])) == {"before_durable": 1}


def test_what_a_power_cut_took_back_counts_even_if_it_came_again() -> None:
    assert found(replace(IN_ORDER, not_durable=frozenset({"event x"}))) == {"before_durable": 1}


def test_what_is_promised_must_be_in_the_database_that_survived_a_cut() -> None:
    assert not_durable(IN_ORDER) == frozenset()
    assert len(not_durable(rows(events={"e2": "two"}))) == 1
    assert len(not_durable(rows(stream={}))) == len(STREAM)


def test_a_job_that_does_not_end_is_seen() -> None:
    assert found(rows(jobs=["archive_asset is dead: no"])) == {"work_left": 1}


def test_verdicts_add_up() -> None:
    both = judge(IN_ORDER) + judge(rows(events={"e2": "two"}))
    assert (both.acknowledged, both.lost, both.good, len(both.faults)) == (4, 1, False, 1)
    assert (Verdict() + judge(IN_ORDER)).good
