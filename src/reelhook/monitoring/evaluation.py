"""Looks at everything at one moment, asks each rule, and lets incidents follow."""

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, insert, select

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.tables import rule_readings
from reelhook.jobs import Destinations, Effect
from reelhook.jobs.kinds import EvaluateRules
from reelhook.kit.clock import Clock
from reelhook.monitoring import records
from reelhook.monitoring.incidents import Incidents, said
from reelhook.monitoring.reading import read
from reelhook.monitoring.rule_settings import USUAL, Setting, all_settings
from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Limits, Reading, Rule, Signal, signal
from reelhook.monitoring.snapshot import Around, Disk, Snapshot
from reelhook.monitoring.turn import take_turn

DRILL_LASTS_MIN = 10
GONE = "It is not there any more"

log = logs.get("monitoring")
Key = tuple[str, str]  # of a rule and its subject
Seen = Mapping[Key, Row[Any]]


class Evaluation:
    """One evaluation after another; several processes take turns. *folders*: whose disks are looked at."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        incidents: Incidents,
        destinations: Destinations,
        folders: Iterable[Path],
        *,
        asks: bool,
    ) -> None:
        self._db, self._clock, self._incidents, self._destinations = db, clock, incidents, destinations
        self._folders, self._asks = tuple(folders), asks

    async def __call__(self, work: EvaluateRules) -> Effect:
        return await self.look()

    async def look(self) -> Effect:
        """Look at everything; what follows is for the caller to commit."""
        disks = await asyncio.to_thread(_disks, self._folders)
        around = Around(disks, tuple(self._destinations.all()), self._asks)
        snapshot = await self._db.read(lambda conn: read(conn, self._clock.now(), around))
        return lambda tx: self.follow(tx, snapshot)

    def follow(self, tx: Tx, snapshot: Snapshot) -> None:
        """Let incidents follow from *snapshot*."""
        take_turn(tx, self._clock.now())
        settings = all_settings(tx.conn)
        before = {(row.rule, row.subject): row for row in tx.execute(select(rule_readings))}
        open_ = {(row.rule, row.subject): row for row in records.open_ones(tx.conn, drill=False)}
        rows: list[dict[str, Any]] = []
        for rule in RULES.values():
            setting = settings.get(rule.name, USUAL)
            if setting.enabled:
                rows += self._ask(tx, rule, setting, snapshot, before, open_)
        tx.execute(delete(rule_readings))
        if rows:
            tx.execute(insert(rule_readings), rows)
        self._end_silences(tx)
        self._end_drills(tx)

    def _ask(
        self, tx: Tx, rule: Rule, setting: Setting, snapshot: Snapshot, before: Seen, open_: Seen
    ) -> list[dict[str, Any]]:
        """Ask one rule; what it read, as rows."""
        readings = _measured(rule, snapshot)
        if readings is None:
            return [_kept(row) for (name, _), row in before.items() if name == rule.name]
        read_now = {one.subject: one for one in readings}
        if rule.ends:
            read_now |= {of: Reading(0, GONE, of) for name, of in open_ if name == rule.name and of not in read_now}
        limits, rows = Limits.of(rule, setting.threshold), []
        for reading in read_now.values():
            key = rule.name, reading.subject
            streak = before[key].streak if key in before else 0
            streak = self._follow_one(tx, rule, reading, limits, open_.get(key), streak)
            rows.append(_row(rule, reading, streak, snapshot))
        return rows or [_row(rule, Reading(0, ""), 0, snapshot)]

    def _follow_one(
        self, tx: Tx, rule: Rule, reading: Reading, limits: Limits, row: Row[Any] | None, streak: int
    ) -> int:
        """What one reading leads to; returns the new streak."""
        after = signal(limits, reading.value, Signal(row.level if row else 0, streak))
        if row is None and after.level:
            self._incidents.open(tx, rule, reading, limits, after.level)
        elif row is not None and after.level:
            self._incidents.go_on(tx, row, reading, limits, after.level)
        elif row is not None:
            self._incidents.resolve(tx, row.id, said(reading.says))
        return after.streak

    def _end_silences(self, tx: Tx) -> None:
        now = self._clock.now()
        for row in records.open_ones(tx.conn, drill=False):
            if row.silenced_until is not None and row.silenced_until <= now:
                self._incidents.end_silence(tx, row)

    def _end_drills(self, tx: Tx) -> None:
        """A drill that somebody forgot ends by itself."""
        now = self._clock.now()
        for row in records.open_ones(tx.conn, drill=True):
            if (now - row.opened_at).total_seconds() >= DRILL_LASTS_MIN * 60:
                self._incidents.resolve(tx, row.id, "The drill is over")


def _measured(rule: Rule, snapshot: Snapshot) -> Sequence[Reading] | None:
    """A rule that fails says nothing, and holds up no other."""
    try:
        return rule.measure(snapshot)
    except Exception as error:
        log.error("rule.failed", rule=rule.name, exc_info=error)
        return None


def _disks(folders: Sequence[Path]) -> tuple[Disk, ...]:
    """Each disk once, by the first of our folders on it. It blocks. A folder that is not there yet is not looked at."""
    found: dict[int, Disk] = {}
    for folder in folders:
        try:
            usage, device = shutil.disk_usage(folder), folder.stat().st_dev
        except OSError:
            continue
        # As the owner of a process sees it: what only root may fill counts as used.
        full = 100 * (1 - usage.free / (usage.used + usage.free)) if usage.used + usage.free else 0.0
        found.setdefault(device, Disk(str(folder), full))
    return tuple(found.values())


def _row(rule: Rule, reading: Reading, streak: int, snapshot: Snapshot) -> dict[str, Any]:
    seen = {"value": float(reading.value), "says": said(reading.says), "streak": streak, "at": snapshot.at}
    return {"rule": rule.name, "subject": reading.subject, **seen}


def _kept(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)
