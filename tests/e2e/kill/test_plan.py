"""The same seed is the same plan, and a plan leaves nothing out."""

from itertools import islice

from reelhook.simulators.cloudinary.faults import KINDS as CLOUDINARY_KINDS
from reelhook.simulators.heygen.faults import KINDS as HEYGEN_KINDS
from tests.e2e.kill.plan import CLOUDINARY_FAULTS, HEYGEN_FAULTS, POINTS, SHARPEST, lives, orders
from tests.e2e.kill.sender import AGAIN, digest, events

MANY = 400


def test_the_same_seed_is_the_same_plan_and_another_seed_another() -> None:
    for source in (lives, orders, events):
        first, again, other = (list(islice(source(seed), MANY)) for seed in ("7", "7", "8"))
        assert first == again
        assert first != other


def test_every_named_point_comes_round_and_the_sharpest_twice() -> None:
    round_of = POINTS + SHARPEST
    points = [life.point for life in islice(lives("7"), 2 * len(round_of)) if life.point]
    assert sorted(points) == sorted(round_of)


def test_lives_end_in_every_way_and_all_troubles_come() -> None:
    some = list(islice(lives("7"), MANY))
    assert any(life.while_starting for life in some)
    assert not any(life.while_starting and (life.point or life.troubles) for life in some)
    troubles = {(trouble.what, trouble.fault.get("kind")) for life in some for trouble in life.troubles}
    assert {what for what, _ in troubles} == {"stop", "full", "cloudinary", "heygen"}
    assert {kind for what, kind in troubles if what == "cloudinary"} == {each["kind"] for each in CLOUDINARY_FAULTS}
    assert {kind for what, kind in troubles if what == "heygen"} == {each["kind"] for each in HEYGEN_FAULTS}


def test_the_simulators_know_every_fault() -> None:
    for faults, kinds in ((CLOUDINARY_FAULTS, CLOUDINARY_KINDS), (HEYGEN_FAULTS, HEYGEN_KINDS)):
        assert all(fault["kind"] in kinds[fault["on"]] for fault in faults)


def test_events_are_repeated_shuffled_and_of_every_sort() -> None:
    sent = [digest(body) for body in islice(events("7"), 4 * MANY)]
    repeated = len(sent) - len(set(sent))
    assert 0.5 * AGAIN < repeated / len(sent) < 1.5 * AGAIN
    bodies = b"".join(islice(events("7"), MANY))
    assert all(part in bodies for part in (b"avatar_video.fail", b"no JSON", b"batch.finished"))
    numbers = [int(body.split(b"own-")[1].split(b'"')[0]) for body in islice(events("7"), MANY) if b"own-" in body]
    assert numbers != sorted(numbers)


def test_videos_go_to_both_stores_and_meet_every_fate() -> None:
    some = list(islice(orders("7"), MANY))
    assert {order.store for order in some} == {"local", "cloudinary"}
    assert {order.plan["outcome"] for order in some} == {"completed", "failed"}
    assert any(order.plan.get("bytes", 0) > 20_000_000 for order in some)
    assert any(order.plan["first_downloads_403"] for order in some)
    assert any("link_ttl_s" in order.plan for order in some)
