"""What a rule measures and says, and the levels that it has."""

from dataclasses import replace
from typing import get_args

import pytest

from reelhook.jobs.destinations import Destination
from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Level, Limits, Rule, Severity, Unit
from reelhook.monitoring.snapshot import NOON, Around, Snapshot
from tests.monitoring.snapshots import ago, down, reached, seen, signed


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
    limits = Limits((Level(1, Severity.WARNING),), 1, 1)
    assert limits.severity(3) is Severity.WARNING


def test_a_snapshot_before_the_moment_it_is_asked_about_has_waited_for_nothing() -> None:
    assert replace(Snapshot(), at=ago(5)).minutes_since(NOON) == 0
