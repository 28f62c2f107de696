"""What people do about incidents; each with an entry in its story and one in the audit log."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from reelhook.auth import Audit, Principal
from reelhook.db import Database, Tx
from reelhook.db.tables import incidents, people, rule_readings
from reelhook.errors import Conflict, WrongInput
from reelhook.kit.clock import Clock
from reelhook.kit.times import rfc3339
from reelhook.monitoring import records
from reelhook.monitoring.incidents import LONGEST_SILENCE, Incidents
from reelhook.monitoring.rule_settings import USUAL, all_settings, rule_named
from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Limits


class Acts:
    """Each returns the incident with its story. Raises *NotFound*, and *Conflict* where it is resolved already."""

    def __init__(self, db: Database, clock: Clock, audit: Audit, book: Incidents) -> None:
        self._db, self._clock, self._audit, self._book = db, clock, audit, book

    async def acknowledge(self, by: Principal, incident_id: str) -> records.Json:
        """Somebody has seen it. The first one stays the one who did."""

        def work(tx: Tx, row: Row[Any]) -> None:
            if row.acknowledged_at is not None:
                raise Conflict("it was acknowledged already")
            self._set(tx, row, acknowledged_at=self._clock.now(), acknowledged_by=by.actor)
            self._book.note(tx, row.id, "acknowledged", "Acknowledged", by.actor)
            self._audit.record(tx, by, "incident.acknowledge", row.id)

        return await self._do(incident_id, work)

    async def silence(self, by: Principal, incident_id: str, until: datetime | None) -> records.Json:
        """Tell nobody of it until then; None: tell again. Raises *WrongInput*."""
        now = self._clock.now()
        if until is not None and not now < until <= now + LONGEST_SILENCE:
            raise WrongInput(f"until must lie ahead, and no more than {LONGEST_SILENCE.days} days")

        def work(tx: Tx, row: Row[Any]) -> None:
            self._set(tx, row, silenced_until=until)
            told = {} if until is None else {"until": rfc3339(until)}
            words = "The silence was ended" if until is None else "Silenced"
            self._book.note(tx, row.id, "unsilenced" if until is None else "silenced", words, by.actor, **told)
            self._audit.record(tx, by, "incident.silence", row.id, **told)

        return await self._do(incident_id, work)

    async def assign(self, by: Principal, incident_id: str, person_id: str | None) -> records.Json:
        """Say who looks after it; None: nobody. Raises *WrongInput*."""

        def work(tx: Tx, row: Row[Any]) -> None:
            if person_id is not None and not _is_here(tx, person_id):
                raise WrongInput(f"there is no person {person_id} who could look after it")
            self._set(tx, row, person_id=person_id)
            self._book.note(tx, row.id, "assigned", "Assigned" if person_id else "Given back", by.actor, to=person_id)
            self._audit.record(tx, by, "incident.assign", row.id, to=person_id)

        return await self._do(incident_id, work)

    async def note(self, by: Principal, incident_id: str, text: str) -> records.Json:
        """Add a note to the story, also after the end."""

        def work(tx: Tx, row: Row[Any]) -> None:
            self._book.note(tx, row.id, "note", text, by.actor)
            self._audit.record(tx, by, "incident.note", row.id)

        return await self._do(incident_id, work, also_resolved=True)

    async def resolve(self, by: Principal, incident_id: str) -> records.Json:
        """Close what no signal holds open: a drill, or what its rule cannot tell the end of. *Conflict* otherwise."""

        def work(tx: Tx, row: Row[Any]) -> None:
            if not row.drill and (says := _held_by(tx, row)) is not None:
                raise Conflict(f"its rule still sees it: {says}. It is resolved by itself when that is over")
            self._book.resolve(tx, row.id, "The drill is over" if row.drill else "Closed by hand", by.actor)
            self._audit.record(tx, by, "incident.resolve", row.id)

        return await self._do(incident_id, work)

    async def drill(self, by: Principal, name: str) -> records.Json:
        """Let a rule go off on its made-up snapshot: a real incident, marked as a drill. Raises *NotFound* too."""
        rule = rule_named(name)
        limits = Limits.of(rule)
        reading = max(rule.measure(rule.drill) or (), key=lambda one: one.value)

        def work(tx: Tx) -> records.Json:
            incident_id = self._book.open(tx, rule, reading, limits, limits.reached(reading.value), drill=True)
            if incident_id is None:
                raise Conflict(f"a drill of {name} is under way; resolve it, or wait until it ends")
            self._audit.record(tx, by, "rule.drill", name, incident=incident_id)
            return records.detail(tx.conn, incident_id)

        return await self._db.write(work)

    async def _do(
        self, incident_id: str, work: Callable[[Tx, Row[Any]], None], *, also_resolved: bool = False
    ) -> records.Json:
        def whole(tx: Tx) -> records.Json:
            row = records.find(tx.conn, incident_id, lock=True)
            if row.resolved_at is not None and not also_resolved:
                raise Conflict("it is resolved already")
            work(tx, row)
            return records.detail(tx.conn, row.id)

        return await self._db.write(whole)

    def _set(self, tx: Tx, row: Row[Any], **values: Any) -> None:
        tx.execute(update(incidents).where(incidents.c.id == row.id).values(**values))


def _is_here(tx: Tx, person_id: str) -> bool:
    here = people.c.id == person_id, people.c.disabled_at.is_(None), people.c.erased_at.is_(None)
    return tx.execute(select(people.c.id).where(*here)).first() is not None


def _held_by(tx: Tx, row: Row[Any]) -> str | None:
    """What its rule said when it looked last, if that holds the incident open."""
    rule = RULES.get(row.rule)
    mine = rule_readings.c.rule == row.rule, rule_readings.c.subject == row.subject
    seen = tx.execute(select(rule_readings).where(*mine)).first()
    if rule is None or seen is None:
        return None
    limits = Limits.of(rule, all_settings(tx.conn).get(rule.name, USUAL).threshold)
    return str(seen.says) if seen.value >= limits.closes else None
