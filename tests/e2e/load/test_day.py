"""The same seed is the same day, and a day has its peaks, its bursts, its repeats and its batch."""

from collections import Counter
from dataclasses import replace

from tests.e2e.kill.sender import digest
from tests.e2e.load.day import BURSTS, DEPLOY_AT, RENDERED_AT, Size, day, intensity

SIZE = Size(seconds=240.0, boards=100, batch=200, orders=50, rate=20.0)
PEOPLE, BEGINS = 90, 1_000_000.0


def test_the_same_seed_is_the_same_day_and_another_seed_another() -> None:
    first, again, other = (day(seed, SIZE, PEOPLE, BEGINS) for seed in ("7", "7", "8"))
    assert first == again
    assert first != other


def test_most_comes_in_the_morning_and_in_the_afternoon_and_little_at_night() -> None:
    moments = {each.at_s for each in day("7", SIZE, PEOPLE, BEGINS).sendings}  # a burst is one of them
    hours = Counter(int(at / SIZE.seconds * 24) for at in moments)
    assert min(hours[10], hours[15]) > 3 * max(hours[2], hours[23])
    assert intensity(10) > intensity(13) > intensity(3)


def test_as_much_is_sent_as_was_asked_for_and_some_of_it_in_bursts() -> None:
    sendings = day("7", SIZE, PEOPLE, BEGINS).sendings
    planned = SIZE.rate * SIZE.seconds
    assert planned < len(sendings) < 1.05 * planned
    assert all(0 <= each.at_s < SIZE.seconds for each in sendings)
    assert [each.at_s for each in sendings] == sorted(each.at_s for each in sendings)
    together = Counter(each.at_s for each in sendings).most_common(BURSTS)
    assert all(many > 0.015 * planned for _, many in together)


def test_some_events_come_again_long_after_they_were_sent() -> None:
    first: dict[str, float] = {}
    after = []
    for each in day("7", SIZE, PEOPLE, BEGINS).sendings:
        before = first.setdefault(digest(each.body), each.at_s)
        after.append(each.at_s - before)
    assert sum(late > 0.05 * SIZE.seconds for late in after) > 0.01 * len(after)


def test_the_batch_ends_at_once_and_has_been_asked_for_before() -> None:
    planned = day("7", SIZE, PEOPLE, BEGINS)
    ends = BEGINS + RENDERED_AT * SIZE.seconds
    batch = [wish for wish in planned.wishes if wish.order.plan.get("ends_at") == ends]
    assert len(batch) == SIZE.batch
    assert all(BEGINS + wish.at_s < ends for wish in batch)
    assert len(planned.wishes) == SIZE.batch + SIZE.orders
    assert len({wish.order.number for wish in planned.wishes}) == len(planned.wishes)
    assert planned.deploy_s == DEPLOY_AT * SIZE.seconds
    assert day("7", replace(SIZE, deploy=False), PEOPLE, BEGINS).deploy_s is None


def test_videos_are_for_everybody_and_meet_every_fate() -> None:
    planned = day("7", SIZE, PEOPLE, BEGINS)
    plans = [wish.order.plan for wish in planned.wishes]
    assert {wish.of for wish in planned.wishes} <= set(range(PEOPLE))
    assert len({wish.of for wish in planned.wishes}) > 0.8 * PEOPLE
    assert {wish.order.store for wish in planned.wishes} == {"local", "cloudinary"}
    assert {plan["outcome"] for plan in plans} == {"completed", "failed"}
    assert {plan["delivery"] for plan in plans} == {"in_order", "out_of_order"}
    assert any(plan["duplicates"] for plan in plans)
