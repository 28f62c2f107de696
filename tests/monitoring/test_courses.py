"""Each rule on made-up snapshots: it opens, stays while it is not clearly over, and closes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from reelhook.db.outages import Outage
from reelhook.monitoring.processes import WORKER
from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Limits, Rule, Severity, Signal, signal
from reelhook.monitoring.snapshot import Around, DisabledEndpoint, Snapshot
from tests.monitoring.snapshots import ago, away, disk, down, failing, reached, seen, signed, up, used_up, without_redis

C, W = Severity.CRITICAL, Severity.WARNING


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
