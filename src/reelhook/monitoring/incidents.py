"""Incidents open, escalate and are resolved; each change is an entry in their story, in the caller's transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, func, insert, select, update

from reelhook import logs
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import incident_entries, incidents
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.text import shorten, storable
from reelhook.kit.times import rfc3339
from reelhook.logs import mask
from reelhook.monitoring import records
from reelhook.monitoring.rules.rule import Limits, Reading, Rule

What = Literal["opened", "escalated", "resolved"]
Kind = Literal["opened", "escalated", "resolved", "acknowledged", "silenced", "unsilenced", "assigned", "note"]
# Told, inside the transaction, what became of an incident, and how the API shows it.
Listener = Callable[[Tx, What, records.Json], None]
LONGEST = 1000  # of what is said
LONGEST_SILENCE = timedelta(days=7)

log = logs.get("monitoring")


def nobody(tx: Tx, what: What, incident: records.Json) -> None:
    """Nobody wants to know."""


class Incidents:
    """What happens to incidents by themselves. While one is silenced, *listener* is not told of it."""

    def __init__(self, clock: Clock, ids: Ids, listener: Listener = nobody) -> None:
        self._clock, self._ids, self._listener = clock, ids, listener

    def open(
        self, tx: Tx, rule: Rule, reading: Reading, limits: Limits, level: int, *, drill: bool = False
    ) -> str | None:
        """Open one; None when one about the same is open already. A silence of the one before it goes on."""
        now, severity, says = self._clock.now(), limits.severity(level), said(reading.says)
        row = {
            "id": self._ids.new(),
            "rule": rule.name,
            "subject": reading.subject,
            "drill": drill,
            "severity": severity,
            "level": level,
            "value": reading.value,
            "says": says,
            "opened_at": now,
            "silenced_until": self._silence(tx, rule.name, reading.subject, drill),
        }
        if not insert_or_ignore(tx, incidents, [row], returning=[incidents.c.id]):
            return None
        incident_id = str(row["id"])
        self.note(tx, incident_id, "opened", says, severity=severity, value=reading.value)
        self._tell(tx, incident_id, "opened")
        return incident_id

    def go_on(self, tx: Tx, row: Row[Any], reading: Reading, limits: Limits, level: int) -> None:
        """It is still there: keep what is read now, and escalate when it reached a higher level."""
        values: dict[str, Any] = {"value": reading.value, "says": said(reading.says)}
        rises = level > row.level
        if rises:
            values |= {"level": level, "severity": limits.severity(level), "escalated_at": self._clock.now()}
        if any(values[name] != getattr(row, name) for name in values):
            tx.execute(update(incidents).where(incidents.c.id == row.id).values(**values))
        if rises:
            entry = {"severity": values["severity"], "value": reading.value}
            self.note(tx, row.id, "escalated", values["says"], **entry)
            self._tell(tx, row.id, "escalated")

    def resolve(self, tx: Tx, incident_id: str, message: str, by: str | None = None) -> bool:
        """It is over; False when it was already."""
        now = self._clock.now()
        still = incidents.c.id == incident_id, incidents.c.resolved_at.is_(None)
        if tx.execute(update(incidents).where(*still).values(resolved_at=now)).rowcount == 0:
            return False
        self.note(tx, incident_id, "resolved", message, by)
        self._tell(tx, incident_id, "resolved")
        return True

    def end_silence(self, tx: Tx, row: Row[Any]) -> None:
        """The time is over and the incident is not: it is told as if it had opened now."""
        tx.execute(update(incidents).where(incidents.c.id == row.id).values(silenced_until=None))
        self.note(tx, row.id, "unsilenced", "The silence is over, and it is still there")
        self._tell(tx, row.id, "opened")

    def note(self, tx: Tx, incident_id: str, kind: Kind, message: str, by: str | None = None, **data: Any) -> None:
        """Add an entry to its story. *by* is an actor, None Reelhook itself."""
        entry = {"incident_id": incident_id, "at": self._clock.now(), "kind": kind, "by": by, "message": message}
        tx.execute(insert(incident_entries), entry | {"data": data})

    def _silence(self, tx: Tx, rule: str, subject: str, drill: bool) -> datetime | None:
        table = incidents.c
        same = table.rule == rule, table.subject == subject, table.drill == drill
        last = select(table.silenced_until).where(*same, table.resolved_at >= self._clock.now() - LONGEST_SILENCE)
        until: datetime | None = tx.execute(last.order_by(table.resolved_at.desc()).limit(1)).scalar()
        return until if until is not None and until > self._clock.now() else None

    def _entries(self, tx: Tx, incident_id: str) -> int:
        entries = select(func.count()).where(incident_entries.c.incident_id == incident_id)
        return int(tx.execute(entries).scalar_one())

    def _tell(self, tx: Tx, incident_id: str, what: What) -> None:
        incident = records.shown(tx.conn, incident_id)
        until = incident["silenced_until"]
        silenced = until is not None and until > rfc3339(self._clock.now())
        if not silenced:
            # One that is told of again after a silence is further in its story: that tells both apart.
            self._listener(tx, what, incident | {"n": self._entries(tx, incident_id)})
        told = {"incident": incident_id, "rule": incident["rule"], "severity": incident["severity"]}
        write = log.info if what == "resolved" or incident["drill"] else log.warning
        tx.after_commit(lambda: write(f"incident.{what}", **told, says=incident["says"], silenced=silenced))


def said(text: str) -> str:
    """What a rule says, as it can be stored and shown: reasons of others may be in it."""
    return shorten(mask(storable(text)), LONGEST)
