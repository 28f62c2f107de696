"""Incidents follow from what is seen: once each, told once, with a story."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from reelhook.db.tables import incident_entries, incidents, leases, rule_readings
from reelhook.errors import DatabaseUnavailable
from reelhook.jobs.kinds import EvaluateRules
from reelhook.monitoring import evaluation as evaluations
from reelhook.monitoring.evaluation import Evaluation
from reelhook.monitoring.incidents import Incidents
from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Limits, Reading
from reelhook.monitoring.snapshot import Around, Disk, Snapshot
from tests.conftest import StillClock, eventually
from tests.monitoring.scene import HALF_MINUTE, OPERATOR, Scene

W, C = "warning", "critical"


async def test_an_incident_opens_once_escalates_once_and_is_resolved(scene: Scene) -> None:
    await scene.sees(dead=1)
    assert scene.heard() == [("opened", "dead_letters", W)]
    await scene.sees(dead=2)
    assert scene.heard() == []
    one = await scene.one()
    assert (one["state"], one["severity"], one["value"], one["says"]) == ("open", W, 2, "2 jobs need a person")
    await scene.sees(dead=25)
    await scene.sees(dead=26)
    await scene.sees(dead=2)
    assert scene.heard() == [("escalated", "dead_letters", C)]
    assert (await scene.one())["severity"] == C
    await scene.sees()
    assert scene.heard() == [("resolved", "dead_letters", C)]
    assert await scene.open() == []
    assert await scene.story(one["id"]) == ["opened", "escalated", "resolved"]
    await scene.sees()
    await scene.sees(dead=1)
    assert scene.heard() == [("opened", "dead_letters", W)]
    assert (await scene.one())["id"] != one["id"]


async def test_a_rule_that_wants_it_twice_is_not_hurried(scene: Scene) -> None:
    bad, good = {"succeeded": 10, "failed": 10}, {"succeeded": 20}
    for seen, told in ((bad, 0), (good, 0), (bad, 0), (bad, 1), (good, 0), (bad, 0), (good, 0), (good, 1)):
        await scene.sees(**seen)
        assert len(scene.heard()) == told, seen


async def test_each_subject_has_an_incident_of_its_own_and_one_that_is_gone_ends_it(scene: Scene) -> None:
    await scene.sees(around=Around(disks=(Disk("/a", 91), Disk("/b", 99))))
    assert sorted(scene.heard()) == [("opened", "disk_full", C), ("opened", "disk_full", W)]
    assert {row.subject: row.level for row in await scene.open()} == {"/a": 1, "/b": 3}
    await scene.sees(around=Around(disks=(Disk("/b", 99),)))
    assert scene.heard() == [("resolved", "disk_full", W)]


async def test_what_nobody_knows_just_now_changes_nothing(scene: Scene) -> None:
    seen = RULES["heygen_key_refused"].drill.around
    await scene.sees(around=seen)
    await scene.sees(around=Around())
    await scene.sees(around=seen)
    assert scene.heard() == [("opened", "heygen_key_refused", C)], "the first time counts on"
    await scene.sees(around=Around())
    assert len(await scene.open()) == 1


async def test_a_rule_that_fails_holds_up_no_other(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now: Snapshot) -> Sequence[Reading]:
        raise ZeroDivisionError

    rule = RULES["link_expiring"]
    monkeypatch.setitem(evaluations.RULES, rule.name, replace(rule, measure=broken))
    await scene.sees(dead=1, links_dying=1)
    assert scene.heard() == [("opened", "dead_letters", W)]


async def test_two_that_evaluate_at_once_open_one_incident(scene: Scene) -> None:
    snapshot = Snapshot(dead=1, at=scene.clock.now())
    follow = scene.alerts.evaluation.follow
    await asyncio.gather(*(scene.db.write(lambda tx: follow(tx, snapshot)) for _ in range(6)))
    assert scene.heard() == [("opened", "dead_letters", W)]
    assert len(await scene.rows(incidents)) == 1
    (entry,) = await scene.rows(incident_entries)
    assert (entry.kind, entry.by) == ("opened", None)


async def test_the_database_itself_allows_one_open_incident_about_the_same(scene: Scene) -> None:
    rule, limits = RULES["dead_letters"], Limits.of(RULES["dead_letters"])
    reading = Reading(1, "one")
    book = Incidents(scene.clock, scene.ids)
    made = [await scene.db.write(lambda tx: book.open(tx, rule, reading, limits, 1)) for _ in range(2)]
    assert [one is not None for one in made] == [True, False]
    assert [await scene.db.write(lambda tx: book.resolve(tx, made[0] or "", "over")) for _ in range(2)] == [True, False]


async def test_a_refused_write_leaves_no_half_of_an_incident(scene: Scene) -> None:
    def follow_and_fail(tx):  # type: ignore[no-untyped-def]
        scene.alerts.evaluation.follow(tx, Snapshot(dead=1, at=scene.clock.now()))
        raise DatabaseUnavailable("away")

    with pytest.raises(DatabaseUnavailable):
        await scene.db.write(follow_and_fail)
    assert await scene.rows(incidents) == await scene.rows(incident_entries) == await scene.rows(rule_readings) == []


async def test_a_silence_ends_by_itself_and_then_the_incident_is_told_again(scene: Scene) -> None:
    await scene.sees(dead=1)
    one = await scene.one()
    scene.heard()
    await _silence(scene, one["id"], seconds=3 * HALF_MINUTE)
    await scene.sees(dead=25)
    assert scene.heard() == []
    assert (await scene.one())["severity"] == C
    await scene.sees(dead=25)
    await scene.sees(dead=25)
    assert scene.heard() == [("opened", "dead_letters", C)]
    assert await scene.story(one["id"]) == ["opened", "silenced", "escalated", "unsilenced"]


async def test_what_comes_back_within_its_silence_stays_silent(scene: Scene) -> None:
    await scene.sees(dead=1)
    await _silence(scene, (await scene.one())["id"], seconds=600)
    scene.heard()
    await scene.sees()
    await scene.sees(dead=1)
    assert scene.heard() == []
    assert (await scene.one())["silenced_until"] is not None
    scene.clock.move(600)
    await scene.sees(dead=1)
    assert scene.heard() == [("opened", "dead_letters", W)]


async def _silence(scene: Scene, incident_id: str, seconds: float) -> None:
    await scene.acts.silence(OPERATOR, incident_id, scene.clock.now() + timedelta(seconds=seconds))


async def test_an_incident_of_a_rule_that_is_gone_stays_for_a_person(scene: Scene) -> None:
    await scene.sees(dead=1)
    one = await scene.one()
    await scene.db.write(lambda tx: tx.execute(update(incidents).values(rule="from_before")) and None)
    await scene.sees()
    shown = await scene.one()
    assert (shown["id"], shown["title"], shown["helps"], shown["link"]) == (one["id"], "from_before", None, None)


async def test_a_drill_that_is_forgotten_ends_by_itself(scene: Scene) -> None:
    await scene.acts.drill(OPERATOR, "dead_letters")
    await scene.sees()
    assert len(await scene.open(drill=True)) == 1
    scene.clock.move(600)
    await scene.sees()
    assert scene.heard() == [("opened", "dead_letters", W), ("resolved", "dead_letters", W)]


async def test_the_job_looks_at_the_disks_and_at_what_is_outside(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = {"free": 4, "used": 96}
    monkeypatch.setattr(evaluations.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, **usage))  # type: ignore[attr-defined]
    folders = (tmp_path, tmp_path / "on the same disk", Path("/not/there"))
    folders[1].mkdir()
    evaluation = Evaluation(
        scene.db, scene.clock, Incidents(scene.clock, scene.ids), scene.destinations, folders, asks=False
    )
    await scene.db.write(await evaluation(EvaluateRules()))
    (row,) = await scene.open()
    assert (row.rule, row.subject, row.severity, round(row.value)) == ("disk_full", str(tmp_path), C, 96)
    assert len(await scene.rows(rule_readings)) == len(RULES)
    usage |= {"free": 0, "used": 0}  # some file systems say nothing
    await scene.db.write(await evaluation(EvaluateRules()))
    assert await scene.open() == []


async def test_a_server_evaluates_when_no_worker_does(scene: Scene, clock: StillClock) -> None:
    watch, told = scene.alerts.watch, []

    async def tell() -> None:
        told.append(clock.now())

    running = asyncio.create_task(watch.run(tell))
    await eventually(lambda: clock.asleep == 1)
    await clock.forward(60)
    await eventually(lambda: clock.asleep == 1)
    assert len(await scene.rows(rule_readings)) == len(RULES) - 1, "nobody has asked HeyGen anything"
    assert not await watch.look(tell)
    clock.move(180)
    assert await watch.look(tell)
    assert len(told) == 2, "where no worker evaluates, none tells either"
    running.cancel()
    assert {row.name for row in await scene.rows(leases)} == {"rules"}


async def test_a_database_that_is_away_does_not_end_the_watch(
    scene: Scene, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def away(*_: object) -> None:
        asked.append(1)
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(scene.db, "read", away)
    running = asyncio.create_task(scene.alerts.watch.run(away))
    for rounds in (1, 2):
        await eventually(lambda: clock.asleep == 1)
        await clock.forward(60)
        await eventually(lambda rounds=rounds: len(asked) == rounds)
    running.cancel()
