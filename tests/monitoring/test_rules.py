"""Each rule on made-up snapshots: it opens, stays while it is not clearly over, and closes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from reelhook.db.outages import Outage
from reelhook.jobs.destinations import Destination
from reelhook.monitoring.processes import WORKER
from reelhook.monitoring.readiness import Lack
from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Level, Limits, Rule, Severity, Signal, Unit, signal
from reelhook.monitoring.snapshot import (
    NOON,
    Around,
    DisabledEndpoint,
    Disk,
    OpenError,
    Snapshot,
    StoreLimit,
    UsedSecret,
    made_up,
)

C, W = Severity.CRITICAL, Severity.WARNING


def ago(minutes: float) -> Any:
    return NOON - timedelta(minutes=minutes)


def down(name: str, minutes: float, code: str = "store_unavailable") -> Snapshot:
    return Snapshot(around=Around(destinations=(Destination(name, "open", ago(minutes), NOON, "no answer", code),)))


def up(name: str) -> Snapshot:
    return Snapshot(around=Around(destinations=(Destination(name, "closed", None, None, None),)))


def seen(*all_: dict[str, Any]) -> Snapshot:
    """Processes, as they say it of themselves."""
    return Snapshot(processes=tuple(made_up(**said) for said in all_))


def without_redis(minutes: float) -> dict[str, Any]:
    return {"lacks": (Lack("redis", False, ago(minutes), "no answer"),)}


def away(minutes: float, ended: float) -> dict[str, Any]:
    """Could not commit for *minutes*, until *ended* minutes ago."""
    return {"outage": Outage(ago(minutes + ended), ago(ended), 9, "disk full")}


def reached(name: str, since: float | None, heard: float, code: str = "store_unavailable") -> dict[str, Any]:
    """What one process says of *name*: down for *since* minutes or up, when it was heard of last."""
    state: Any = "closed" if since is None else "open"
    down_since = None if since is None else ago(since)
    return {"destinations": (Destination(name, state, down_since, None, "no answer", code, ago(heard)),)}


def disk(percent: float) -> Snapshot:
    return Snapshot(around=Around(disks=(Disk("/data", percent),)))


def used_up(percent: float) -> Snapshot:
    return Snapshot(store_limits=(StoreLimit("cloudinary", "credits", percent),))


def signed(*refused: bool) -> Snapshot:
    return Snapshot(used_secrets=tuple(UsedSecret(f"s{at}", one) for at, one in enumerate(refused)))


def failing(*new_minutes_ago: float) -> Snapshot:
    errors = (OpenError(f"e{at}", "KeyError", "a:b", 3, ago(new)) for at, new in enumerate(new_minutes_ago))
    return Snapshot(open_errors=tuple(errors))


# What each rule sees, one evaluation after the other, and how bad it says it is.
COURSES: dict[str, list[tuple[Snapshot, Severity | None]]] = {
    "failure_rate": [
        (Snapshot(failed=4), None),  # too few to say
        (Snapshot(succeeded=3, failed=1), None),
        (Snapshot(succeeded=15, failed=5), None),  # once is not enough
        (Snapshot(succeeded=15, failed=5), W),
        (Snapshot(succeeded=10, failed=10), C),
        (Snapshot(succeeded=80, failed=20), C),  # less, but not over
        (Snapshot(succeeded=90, failed=10), C),
        (Snapshot(succeeded=90, failed=10), None),
    ],
    "rejections_burst": [
        (Snapshot(refused=49), None),
        (Snapshot(refused=50), W),
        (Snapshot(refused=30), W),
        (Snapshot(refused=1000), C),
        (Snapshot(refused=25), C),
        (Snapshot(refused=24), None),
    ],
    "no_webhooks": [
        (Snapshot(), None),
        (Snapshot(rendering=1, rendering_since=ago(50), webhook_at=ago(10)), None),  # it speaks of others
        (Snapshot(rendering=1, rendering_since=ago(50), webhook_at=ago(60)), None),
        (Snapshot(rendering=1, rendering_since=ago(50)), W),
        (Snapshot(rendering=1, rendering_since=ago(300), webhook_at=ago(120)), C),
        (Snapshot(rendering=1, rendering_since=ago(35)), C),
        (Snapshot(rendering=1, rendering_since=ago(300), webhook_at=ago(1)), C),
        (Snapshot(), None),
    ],
    "backlog_age": [
        (Snapshot(due=9, due_since=ago(1.9)), None),
        (Snapshot(due=9, due_since=ago(2)), None),
        (Snapshot(due=9, due_since=ago(2.5)), W),
        (Snapshot(due=9, due_since=ago(15)), C),
        (Snapshot(due=9, due_since=ago(1)), C),
        (Snapshot(due=9, due_since=ago(0.5)), C),
        (Snapshot(), None),
    ],
    "dead_letters": [(Snapshot(dead=1), W), (Snapshot(dead=24), W), (Snapshot(dead=25), C), (Snapshot(), None)],
    "archive_failing": [
        (Snapshot(not_archived=4), None),
        (Snapshot(archived=7, not_archived=3), None),
        (Snapshot(archived=7, not_archived=3), W),
        (Snapshot(archived=8, not_archived=2), W),
        (Snapshot(archived=2, not_archived=8), C),
        (Snapshot(archived=9, not_archived=1), C),
        (Snapshot(), None),
    ],
    "destination_down": [
        (up("local"), None),
        (down("local", 5), None),
        (down("local", 5.5), W),
        (Snapshot(), W),  # this process has not reached for it: nobody knows
        (down("local", 30), C),
        (up("local"), C),
        (down("local", 0.5), None),
        (seen(reached("local", 9, heard=1), {}), None),
        (seen(reached("local", 9, heard=1), reached("local", None, heard=2)), W),  # the newest word counts
        (seen(reached("local", 9, heard=2), reached("local", None, heard=1)), W),
        (seen(reached("local", None, heard=1)), None),
    ],
    "link_expiring": [(Snapshot(), None), (Snapshot(links_dying=1), C), (Snapshot(), None)],
    "heygen_key_refused": [
        (down("heygen", 1, "heygen_unavailable"), None),
        (down("heygen", 1, "heygen_unauthorized"), None),
        (down("heygen", 2, "heygen_unauthorized"), C),
        (Snapshot(), C),  # nobody asked HeyGen anything
        (up("heygen"), C),
        (Snapshot(around=Around(asks=False)), None),
    ],
    "retired_secret_used": [
        (Snapshot(), None),
        (signed(False), W),
        (signed(True), C),
        (signed(False), C),
        (Snapshot(), None),
    ],
    "new_errors": [
        (failing(60), None),  # it was there before anybody looked
        (failing(59), W),
        (failing(600), W),  # still open, though not new any more
        (failing(600, 1), W),
        (failing(600), W),
        (Snapshot(), None),
    ],
    "disk_full": [
        (disk(89.9), None),
        (disk(90), W),
        (disk(88), W),
        (disk(95), C),
        (disk(98), C),
        (disk(87), None),
    ],
    "store_near_limit": [
        (Snapshot(), None),  # no store tells
        (used_up(69.9), None),
        (used_up(70), W),
        (used_up(65), W),
        (used_up(90), C),
        (used_up(101), C),
        (used_up(64), None),
    ],
    "missed_webhooks": [
        (Snapshot(received=10, missed=2), None),  # too few to say
        (Snapshot(received=200, missed=3), None),
        (Snapshot(received=150, missed=3), W),
        (Snapshot(received=200, missed=3), W),
        (Snapshot(received=30, missed=3), C),
        (Snapshot(received=0, missed=3), C),
        (Snapshot(received=400, missed=3), None),
    ],
    "worker_missing": [
        (Snapshot(due=1, due_since=ago(9), running=True), None),
        (Snapshot(due=1, due_since=ago(9), attempt_at=ago(1)), None),
        (Snapshot(due=1, due_since=ago(9), attempt_at=ago(2)), C),
        (Snapshot(due=1, due_since=ago(1)), C),
        (Snapshot(due=1, due_since=ago(9), running=True), None),
        (Snapshot(due=1, due_since=ago(2)), C),  # and none ever came
        (seen({"roles": (WORKER,), "started_at": ago(99)}), None),
        (seen({"started_at": ago(1)}), None),  # a server that has just been started
        (seen({"started_at": ago(99)}), C),  # nothing is due, for nothing becomes due
        (replace(seen({"started_at": ago(99)}), attempt_at=ago(0.5)), None),  # the worker is being replaced
    ],
    "redis_away": [
        (seen({}, {}), None),
        (seen({}, without_redis(1.9)), None),
        (seen({}, without_redis(2)), W),
        (seen(without_redis(1), without_redis(90)), W),
        (seen({}, without_redis(1)), W),
        (seen({}, {}), None),
    ],
    "database_away": [
        (seen({}), None),
        (seen({}, {"outage": Outage(ago(9), None, 9, "disk full")}), None),  # it cannot say so yet
        (seen({}, away(0.9, ended=1)), None),
        (seen({}, away(1, ended=1)), W),
        (seen(away(2, ended=1), away(5, ended=1)), C),
        (seen(away(5, ended=14)), C),
        (seen(away(5, ended=15)), None),
    ],
    "reconnect_storm": [
        *[(seen({"streams": 10, "streams_opened": 59}), None)] * 4,
        *[(seen({"streams": 10, "streams_opened": 30}, {"streams": 10, "streams_opened": 30}), None)] * 3,
        (seen({"streams": 60, "streams_opened": 60}), W),
        (seen({"streams": 0, "streams_opened": 60}), C),
        *[(seen({"streams": 1000, "streams_opened": 499}), C)] * 3,
        (seen({"streams": 1000, "streams_opened": 499}), None),
    ],
    "clock_skew": [
        (seen({"clock_skew_s": 4.9}), None),
        (seen({"clock_skew_s": 5.0}), None),
        (seen({"clock_skew_s": -5.0}), W),
        (seen({"clock_skew_s": 0.1}, {"clock_skew_s": -20.0}), C),
        (seen({"clock_skew_s": 3.0}), C),
        (seen({}), C),
        (seen({}), None),
    ],
    "telemetry_broken": [
        (seen({}), None),
        (seen({}, {"telemetry": {"spans": "refused"}}), None),
        (seen({}, {"telemetry": {"spans": "refused"}}), W),
        (seen({}), W),
        (seen({}), None),
    ],
    "endpoint_disabled": [
        (Snapshot(), None),
        (Snapshot(disabled_endpoints=(DisabledEndpoint("e", "a.example", "gone"),)), W),
        (Snapshot(), None),
    ],
    "reconcile_stopped": [
        (Snapshot(reconcile_since=ago(59)), None),
        (Snapshot(reconcile_since=ago(60)), W),
        (Snapshot(reconcile_since=ago(40)), W),
        (Snapshot(reconcile_since=ago(360)), C),
        (Snapshot(), None),
        (Snapshot(reconcile_since=ago(360), around=Around(asks=False)), None),
    ],
}


def course(rule: Rule, seen: Sequence[Snapshot]) -> list[Severity | None]:
    """How bad it is after each snapshot, of the worst subject."""
    limits, now, found = Limits.of(rule), dict[str, Signal](), []
    for snapshot in seen:
        readings = rule.measure(snapshot)
        if readings is not None:
            values = {one.subject: one.value for one in readings}
            gone = {subject: 0.0 for subject in now if rule.ends and subject not in values}
            now |= {of: signal(limits, value, now.get(of, Signal())) for of, value in (values | gone).items()}
        level = max((one.level for one in now.values()), default=0)
        found.append(limits.severity(level) if level else None)
    return found


def test_every_rule_has_a_course() -> None:
    assert set(COURSES) == set(RULES)
    assert all(name == rule.name for name, rule in RULES.items())


@pytest.mark.parametrize("name", COURSES)
def test_a_rule_opens_stays_and_closes(name: str) -> None:
    assert course(RULES[name], [seen for seen, _ in COURSES[name]]) == [level for _, level in COURSES[name]]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_nothing_is_wrong_with_an_empty_service_and_the_drill_of_each_rule_trips_it(rule: Rule) -> None:
    limits = Limits.of(rule)
    assert not any(limits.reached(one.value) for one in rule.measure(Snapshot()) or ())
    assert max(limits.reached(one.value) for one in rule.measure(rule.drill) or ()) > 0


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_its_levels_climb_and_lie_above_what_closes(rule: Rule) -> None:
    values = [level.at for level in rule.levels]
    assert values == sorted(values)
    assert rule.closes <= values[0]
    assert rule.unit in get_args(Unit)


def test_several_subjects_are_told_apart() -> None:
    readings = RULES["retired_secret_used"].measure(signed(False, True)) or ()
    assert [(one.subject, one.value) for one in readings] == [("s0", 1), ("s1", 2)]


def test_of_a_destination_the_newest_word_counts_and_it_is_down_since_the_first_who_noticed() -> None:
    now = seen(reached("heygen", 9, heard=1), reached("heygen", 3, heard=0.5), reached("heygen", None, heard=2))
    (one,) = now.destinations
    assert (one.since, one.heard_at) == (ago(9), ago(0.5))
    own = replace(now, around=Around(destinations=(Destination("heygen", "closed", None, None, None, None, NOON),)))
    assert [one.state for one in own.destinations] == ["closed"]


def test_a_refused_key_is_seen_by_whoever_evaluates() -> None:
    refused = seen({}, reached("heygen", 1, 1, "heygen_unauthorized"))
    assert [one.value for one in RULES["heygen_key_refused"].measure(refused) or ()] == [1]


def test_processes_of_one_host_share_its_clock() -> None:
    skewed = seen({"host": "a", "clock_skew_s": -7.0}, {"host": "a", "clock_skew_s": 0.1}, {"host": "b"})
    says = {one.subject: one.says for one in RULES["clock_skew"].measure(skewed) or ()}
    assert set(says) == {"a", "b"}
    assert says["a"] == "The clock of a is 7.0 s behind the database's"


def test_a_busy_heygen_and_a_builders_system_are_no_outage() -> None:
    down_for = RULES["destination_down"].measure
    assert [one.value for one in down_for(down("heygen renders", 60, "heygen_busy")) or ()] == [0]
    assert down_for(down("webhook 0192c000", 60)) == ()


@pytest.mark.parametrize(
    ("name", "field", "one", "two"),
    [
        ("dead_letters", "dead", "1 job needs a person", "2 jobs need a person"),
        ("link_expiring", "links_dying", "1 video is not stored", "2 videos are not stored"),
        ("backlog_age", "due", "1 job is due, for", "2 jobs are due, the oldest for"),
        ("no_webhooks", "rendering", "1 video waits for", "2 videos wait for"),
    ],
)
def test_one_of_a_thing_is_not_spoken_of_as_many(name: str, field: str, one: str, two: str) -> None:
    for number, words in ((1, one), (2, two)):
        (reading,) = RULES[name].measure(replace(Snapshot(), **{field: number})) or ()
        assert reading.says.startswith(words)


def test_another_threshold_moves_what_closes_and_leaves_no_level_below_it() -> None:
    limits = Limits.of(RULES["disk_full"], 96)
    assert [level.at for level in limits.levels] == [96, 96, 98]
    assert limits.closes == pytest.approx(88 * 96 / 90)
    assert Limits.of(RULES["dead_letters"], 5).closes == 5


def test_a_level_that_only_an_earlier_version_had_counts_as_the_highest() -> None:
    limits = Limits((Level(1, W),), 1, 1)
    assert limits.severity(3) is W


def test_a_snapshot_before_the_moment_it_is_asked_about_has_waited_for_nothing() -> None:
    assert replace(Snapshot(), at=ago(5)).minutes_since(NOON) == 0
