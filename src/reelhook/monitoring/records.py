"""Reading incidents: as rows, as the API shows them, and whom they name."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, select, true

from reelhook.db.rows import row_of
from reelhook.db.tables import api_keys, incident_entries, incidents, people
from reelhook.kit.pages import Page
from reelhook.kit.text import storable
from reelhook.kit.times import rfc3339
from reelhook.monitoring.rules import RULES

Json = dict[str, Any]
State = Literal["open", "resolved"]
MOST_ENTRIES = 500  # of one story; the newest


def find(conn: Connection, incident_id: str, *, lock: bool = False) -> Row[Any]:
    """The row of an incident. Raises *NotFound*. With *lock* nobody else changes it before this transaction ends."""
    return row_of(conn, incidents, incident_id, "incident", lock=lock)


def detail(conn: Connection, incident_id: str) -> Json:
    """One incident with its story, oldest first."""
    row = find(conn, incident_id)
    newest = select(incident_entries).where(incident_entries.c.incident_id == row.id)
    entries = conn.execute(newest.order_by(incident_entries.c.id.desc()).limit(MOST_ENTRIES)).all()[::-1]
    named = actor_names(conn, [row.acknowledged_by, *(entry.by for entry in entries)], [row.person_id])
    return _shown(row, named) | {"entries": [_entry(entry, named) for entry in entries]}


def shown(conn: Connection, incident_id: str) -> Json:
    """One incident without its story."""
    row = find(conn, incident_id)
    return _shown(row, actor_names(conn, [row.acknowledged_by], [row.person_id]))


def listing(
    conn: Connection,
    page: Page,
    *,
    state: State | None = None,
    rule: str | None = None,
    severity: str | None = None,
    drill: bool | None = None,
) -> Json:
    """A page of incidents, newest first."""
    which: list[ColumnElement[bool]] = [true()]
    if state is not None:
        which.append(_is_open() if state == "open" else incidents.c.resolved_at.is_not(None))
    for column, value in ((incidents.c.rule, rule), (incidents.c.severity, severity)):
        if value is not None:
            which.append(column == storable(value))
    if drill is not None:
        which.append(incidents.c.drill == drill)
    rows = conn.execute(page.select(select(incidents).where(and_(*which)), incidents.c.id)).all()
    named = actor_names(conn, (row.acknowledged_by for row in rows), (row.person_id for row in rows))
    found = page.listing([_shown(row, named) for row in rows], lambda incident: incident["id"])
    return {"data": found.data, "next_cursor": found.next_cursor}


def counts(conn: Connection) -> Json:
    """How many are open, by how bad they are; drills are counted apart."""
    query = select(incidents.c.severity, incidents.c.drill, func.count()).where(_is_open())
    found = {"warning": 0, "critical": 0, "drill": 0}
    for severity, drill, number in conn.execute(query.group_by(incidents.c.severity, incidents.c.drill)):
        found["drill" if drill else severity] += number
    return {"data": {"open": found["warning"] + found["critical"], **found}}


def open_ones(conn: Connection, *, drill: bool) -> list[Row[Any]]:
    """Those that are not resolved."""
    mine = incidents.c.drill == drill
    return list(conn.execute(select(incidents).where(_is_open(), mine).order_by(incidents.c.id)))


def open_one(conn: Connection, rule: str, subject: str, *, drill: bool) -> Row[Any] | None:
    """The one that is open about this, if one is."""
    same = incidents.c.rule == rule, incidents.c.subject == subject, incidents.c.drill == drill
    return conn.execute(select(incidents).where(_is_open(), *same)).first()


def _is_open() -> ColumnElement[bool]:
    return incidents.c.resolved_at.is_(None)


def _shown(row: Row[Any], names: Mapping[str, str]) -> Json:
    """An incident as the API shows it, with what its rule says; an earlier version may have had other rules."""
    rule = RULES.get(row.rule)
    told: Json = {"title": row.rule, "means": None, "helps": None, "link": None, "runbook": None, "unit": None}
    if rule is not None:
        told = {
            "title": rule.title,
            "means": rule.means,
            "helps": rule.helps,
            "runbook": rule.runbook,
            "unit": rule.unit,
        }
        at = rule.link and {
            "label": rule.link.label,
            "path": rule.link.path.format(subject=quote(row.subject, safe="")),
        }
        told["link"] = at
    acknowledged = row.acknowledged_at and {
        "at": rfc3339(row.acknowledged_at),
        "by": by_actor(row.acknowledged_by, names),
    }
    assigned = row.person_id and {"id": row.person_id, "name": names.get(f"person:{row.person_id}")}
    return {
        "id": row.id,
        "rule": row.rule,
        "subject": row.subject,
        "drill": row.drill,
        "state": "open" if row.resolved_at is None else "resolved",
        "severity": row.severity,
        "value": row.value,
        "says": row.says,
        **told,
        "opened_at": rfc3339(row.opened_at),
        "escalated_at": _time(row.escalated_at),
        "acknowledged": acknowledged,
        "silenced_until": _time(row.silenced_until),
        "assigned": assigned,
        "resolved_at": _time(row.resolved_at),
    }


def _entry(row: Row[Any], names: Mapping[str, str]) -> Json:
    by = None if row.by is None else by_actor(row.by, names)
    return {"at": rfc3339(row.at), "kind": row.kind, "by": by, "message": row.message, "data": row.data}


def by_actor(actor: str, names: Mapping[str, str]) -> Json:
    """Who did something, with the name they have now."""
    return {"actor": actor, "name": names.get(actor)}


def actor_names(conn: Connection, actors: Iterable[str | None], persons: Iterable[str | None] = ()) -> dict[str, str]:
    """The names that people and keys have now, by actor: two queries, whatever is shown."""
    wanted = {actor for actor in actors if actor} | {f"person:{person}" for person in persons if person}
    found: dict[str, str] = {}
    for kind, id_, name in (("person", people.c.id, people.c.email), ("key", api_keys.c.id, api_keys.c.name)):
        start = f"{kind}:"
        ids = [actor.removeprefix(start) for actor in wanted if actor.startswith(start)]
        found |= {
            start + row[0]: row[1] for row in conn.execute(select(id_, name).where(id_.in_(ids) if ids else false()))
        }
    return found


def _time(moment: Any) -> str | None:
    return None if moment is None else rfc3339(moment)
