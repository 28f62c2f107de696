"""HeyGen's history against the inbox: what never came is put in, once, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from reelhook.db.tables import events, marks
from reelhook.heygen import Endpoint, HeyGenUnavailable, PastEvent
from reelhook.jobs import Postpone
from reelhook.reconcile import counterparts, history
from reelhook.reconcile.history import HistoryLook
from reelhook.reconcile.run import Look
from reelhook.reconcile.scope import Scope
from reelhook.videos import State
from tests.reconcile.scene import HOUR, MINUTE, SUCCESS, Scene

URL = "https://us.example/webhooks/heygen"
GIF = "avatar_video_gif.success"
DAY = 24 * HOUR


class Past:
    """A scene whose installation began to look a day ago."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.listening = scene, True

    @property
    def history(self) -> HistoryLook:
        scope = Scope(self.scene.db, self.scene.questions, URL, lambda: self.listening)
        return HistoryLook(self.scene.db, self.scene.clock, self.scene.inbox, self.scene.questions, scope)

    async def look(self) -> Look:
        look = Look()
        await self.history(look)
        await self.scene.applied()
        return look

    def happened(self, type_: str = SUCCESS, event_id: str | None = None, **data: Any) -> PastEvent:
        """Something that HeyGen says it delivered now."""
        ago = -(self.scene.clock.monotonic())
        return self.scene.heygen.tells(ago, type_, event_id, **data)


@pytest.fixture
async def past(scene: Scene) -> Past:
    made = Past(scene)
    assert (await made.look()).asked == 0
    assert scene.heygen.asked == []
    scene.clock.move(DAY)
    return made


async def test_what_was_dropped_is_put_in_once_however_often_it_is_looked_for(past: Past) -> None:
    scene = past.scene
    video_id = await scene.video()
    past.happened(event_id="e1", url="https://h/v.mp4")
    scene.clock.move(10 * MINUTE)
    look = await past.look()
    assert (look.asked, look.found) == (1, 1)
    (named,) = look.report["events"]
    assert named["event_id"] == "e1"
    (event,) = await scene.rows(events)
    assert (event.source, event.heygen_event_id, event.type, event.resource_id) == ("reconcile", "e1", SUCCESS, "hg-1")
    assert await scene.state(video_id) == "rendered"
    for _ in range(3):
        scene.clock.move(HOUR)
        assert (await past.look()).found == 0
    assert len(await scene.rows(events)) == 1


@pytest.mark.parametrize("wire", [None, "e1"])
@pytest.mark.parametrize("listed", [None, "e1"])
async def test_what_came_is_not_missed_with_and_without_ids(past: Past, wire: str | None, listed: str | None) -> None:
    past.happened(event_id=listed)
    await past.scene.delivered(event_id=wire)
    past.scene.clock.move(10 * MINUTE)
    look = await past.look()
    assert (look.asked, look.found, await past.scene.found()) == (1, 0, [])


async def test_two_events_of_one_type_each_need_their_own(past: Past) -> None:
    scene = past.scene
    past.happened(GIF, n=1)
    await scene.delivered(GIF, n=1)
    past.happened(GIF, n=2)
    scene.clock.move(10 * MINUTE)
    assert (await past.look()).found == 1
    assert (await past.look()).found == 0


async def test_what_was_found_by_asking_is_not_put_in_again(past: Past) -> None:
    scene = past.scene
    await scene.video()
    past.happened(event_id="e1")
    scene.heygen.stands_as("hg-1", "completed")
    scene.clock.move(HOUR)
    assert (await scene.look()).found == 1
    assert (await past.look()).found == 0
    assert await scene.found() == [(SUCCESS, "hg-1")]


async def test_a_webhook_that_comes_after_all_makes_no_second_finding(past: Past) -> None:
    scene = past.scene
    past.happened(event_id="e1")
    scene.clock.move(10 * MINUTE)
    assert (await past.look()).found == 1
    await scene.delivered()
    assert (await past.look()).found == 0


async def test_what_heygen_may_still_be_trying_is_not_missed_yet(past: Past) -> None:
    past.happened()
    past.scene.clock.move(4 * MINUTE)
    assert (await past.look()).found == 0
    past.scene.clock.move(2 * MINUTE)
    assert (await past.look()).found == 1


async def test_what_was_before_us_is_not_missed(scene: Scene) -> None:
    past = Past(scene)
    scene.heygen.tells(MINUTE)
    await past.look()
    scene.clock.move(HOUR)
    look = await past.look()
    assert (look.asked, look.found) == (0, 0)


async def test_each_run_goes_back_to_a_day_before_the_last(past: Past) -> None:
    scene = past.scene
    await past.look()
    scene.heygen.tells(-DAY + 25 * HOUR)  # listed only now, though it happened a day ago
    scene.heygen.tells(-DAY + 26 * HOUR)
    assert (await past.look()).found == 0  # both are from before this installation
    scene.clock.move(30 * DAY)
    await past.look()
    row = next(row for row in await scene.rows_of(marks) if row.name == history.LAST_RUN)
    assert row.value == scene.clock.now().isoformat()
    scene.heygen.tells(-31 * DAY + 24 * HOUR, n=1)
    scene.heygen.tells(-31 * DAY + 26 * HOUR, n=2)
    assert (await past.look()).found == 1


async def test_newest_first_is_read_only_as_far_as_needed(past: Past) -> None:
    scene = past.scene
    scene.heygen.size = 1
    for number in range(3):
        scene.heygen.tells(3 * HOUR - number * HOUR, n=number)  # older than this installation
    past.happened(n=9)
    scene.clock.move(10 * MINUTE)
    assert (await past.look()).found == 1
    assert scene.heygen.number("history") == 2


async def test_any_other_order_is_read_to_its_end(past: Past) -> None:
    scene = past.scene
    scene.heygen.size = 1
    for number in range(3):
        scene.heygen.tells(3 * HOUR - number * HOUR, n=number)
    past.happened(n=9)
    scene.heygen.told.reverse()
    scene.clock.move(10 * MINUTE)
    assert (await past.look()).found == 1
    assert scene.heygen.number("history") == 4


async def test_without_times_it_is_read_to_its_end_and_only_open_videos_count(past: Past) -> None:
    scene = past.scene
    scene.heygen.size = 1
    video_id = await scene.video()
    await scene.video("hg-2", state=State.READY)
    for name in ("hg-1", "hg-2", "hg-3"):
        scene.heygen.tells(None, video_id=name)
    look = await past.look()
    assert (look.found, await scene.found()) == (1, [(SUCCESS, "hg-1")])
    assert (await scene.state(video_id), scene.heygen.number("history")) == ("rendered", 3)


async def test_the_bound_cuts_off_and_says_so(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_PAGES", 2)
    scene = past.scene
    scene.heygen.size = 1
    for number in range(3):
        past.happened(n=number)
    scene.clock.move(10 * MINUTE)
    look = await past.look()
    assert (look.found, look.report["cut_off"]["pages"]) == (2, 2)
    assert look.report["cut_off"]["oldest"] == "2026-11-23T12:00:00.000Z"


@pytest.mark.parametrize("trouble", [HeyGenUnavailable("no answer"), Postpone(60, "HeyGen is down")])
async def test_what_was_read_before_heygen_had_enough_counts_and_the_rest_is_read_again(
    past: Past, trouble: Exception
) -> None:
    scene = past.scene
    scene.heygen.size = 1
    past.happened(n=1)
    past.happened(n=2)
    scene.clock.move(10 * MINUTE)
    scene.heygen.fails["history"] = [None, trouble]
    look = Look()
    with pytest.raises(type(trouble)):
        await past.history(look)
    assert (look.found, look.report["cut_off"]["pages"]) == (1, 1)
    assert history.LAST_RUN not in {row.name for row in await scene.rows_of(marks)}
    assert (await past.look()).found == 1


def endpoint(url: str, *types: str) -> Endpoint:
    return Endpoint("ep", url, types or None, "enabled")


@pytest.mark.parametrize(
    ("registered", "found"),
    [
        ([endpoint(URL, GIF)], 1),
        ([endpoint(URL + "/", GIF, SUCCESS)], 2),
        ([endpoint(URL)], 2),
        ([endpoint(URL, GIF), endpoint(URL, SUCCESS)], 2),
        ([endpoint("https://others.example/hook", GIF)], 2),
        ([], 2),
    ],
)
async def test_only_what_our_endpoint_is_subscribed_to_is_missed(
    past: Past, registered: list[Endpoint], found: int
) -> None:
    past.scene.heygen.registered = registered
    past.happened(SUCCESS)
    past.happened(GIF)
    past.scene.clock.move(10 * MINUTE)
    assert (await past.look()).found == found


async def test_without_a_secret_only_our_own_videos_count(past: Past) -> None:
    past.listening = False
    scene = past.scene
    await scene.video("hg-1")
    ours = await scene.video(None, state=State.REQUESTED)
    past.happened(video_id="hg-1")
    past.happened(video_id="of-another-app")
    past.happened(video_id=ours)
    past.happened("batch.finished", video_id=None)
    scene.clock.move(10 * MINUTE)
    assert (await past.look()).found == 2
    assert scene.heygen.number("endpoints") == 0


async def test_heygen_is_asked_for_its_endpoints_only_when_something_is_missing(past: Past) -> None:
    await past.look()
    assert [name for name, _ in past.scene.heygen.asked] == ["history"]
    assert not await past.history.idle()


async def test_a_webhook_that_comes_while_we_compare_is_not_found(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = past.scene
    past.happened(event_id="e1")

    async def endpoints() -> list[Endpoint]:
        await scene.delivered(event_id="e1")
        return []

    monkeypatch.setattr(scene.heygen, "list_endpoints", endpoints)
    scene.clock.move(10 * MINUTE)
    assert (await past.look()).found == 0
    assert await scene.found() == []


async def test_events_about_nothing_in_particular_are_compared_by_type_and_time(past: Past) -> None:
    scene = past.scene
    past.happened("live_avatar.success", video_id=None, n=1)
    await scene.delivered("live_avatar.success", video_id=None, n=1)
    past.happened("live_avatar.success", video_id=None, n=2)
    scene.clock.move(10 * MINUTE)
    assert (await past.look()).found == 1
    assert (await past.look()).found == 0


async def test_more_rows_than_one_query_takes(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counterparts, "AT_ONCE", 40)
    scene = past.scene
    scene.heygen.size = 1000
    for number in range(90):
        past.happened(event_id=f"e{number}", video_id=f"v{number}")
    await scene.delivered(video_id="v85")
    scene.clock.move(10 * MINUTE)
    look = await past.look()
    assert (look.asked, look.found, len(look.report["events"])) == (90, 89, 50)
    assert (await past.look()).found == 0
    assert timedelta(0) < history.GRACE
