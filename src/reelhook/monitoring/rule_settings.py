"""What people decided about rules: on or off, and from which value on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from reelhook.auth import Audit, Principal
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import rule_readings, rule_settings
from reelhook.errors import NotFound, WrongInput
from reelhook.kit.clock import Clock
from reelhook.kit.times import rfc3339
from reelhook.monitoring import records
from reelhook.monitoring.incidents import Incidents
from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Limits, Rule
from reelhook.monitoring.turn import take_turn

MOST = {"percent": 100.0}
SWITCHED_OFF = "The rule was switched off"


@dataclass(frozen=True, slots=True)
class Setting:
    """Of one rule. *threshold* None: the rule's own."""

    enabled: bool = True
    threshold: float | None = None


USUAL = Setting()


def all_settings(conn: Connection) -> Mapping[str, Setting]:
    """By rule; one that nobody decided about is not among them."""
    return {row.rule: Setting(row.enabled, row.threshold) for row in conn.execute(select(rule_settings))}


def rule_named(name: str) -> Rule:
    """Raises *NotFound*."""
    if name not in RULES:
        raise NotFound(f"there is no rule {name}; GET /api/v1/rules lists them")
    return RULES[name]


def listing(conn: Connection) -> records.Json:
    """Every rule with what it read last; of several subjects, the worst."""
    settings = all_settings(conn)
    worst: dict[str, Any] = {}
    for row in conn.execute(select(rule_readings).order_by(rule_readings.c.value)):
        worst[row.rule] = row
    open_: dict[str, str] = {row.rule: row.id for row in records.open_ones(conn, drill=False)}
    return {
        "data": [
            _shown(rule, settings.get(name, USUAL), worst.get(name), open_.get(name)) for name, rule in RULES.items()
        ]
    }


class RuleSettings:
    """Changes them. What is changed counts from the next evaluation on; a rule that is switched off speaks no more."""

    def __init__(self, db: Database, clock: Clock, audit: Audit, incidents: Incidents) -> None:
        self._db, self._clock, self._audit, self._incidents = db, clock, audit, incidents

    async def change(self, by: Principal, name: str, asked: Mapping[str, Any]) -> records.Json:
        """*asked*: `enabled`, `threshold` (None: the rule's own). Raises *NotFound*, *WrongInput*."""
        rule = rule_named(name)
        if asked.get("threshold") is not None:
            _check(rule, asked["threshold"])

        def work(tx: Tx) -> records.Json:
            take_turn(tx, self._clock.now())
            if asked:
                stamp = {"changed_at": self._clock.now(), "changed_by": by.actor}
                insert_or_ignore(tx, rule_settings, [{"rule": name, "enabled": True, "threshold": None, **stamp}])
                tx.execute(update(rule_settings).where(rule_settings.c.rule == name).values(**asked, **stamp))
                self._audit.record(tx, by, "rule.change", name, **asked)
            if asked.get("enabled") is False:
                self._switch_off(tx, name, by)
            return next(shown for shown in listing(tx.conn)["data"] if shown["name"] == name)

        return await self._db.write(work)

    def _switch_off(self, tx: Tx, name: str, by: Principal) -> None:
        for row in records.open_ones(tx.conn, drill=False):
            if row.rule == name:
                self._incidents.resolve(tx, row.id, SWITCHED_OFF, by.actor)
        tx.execute(delete(rule_readings).where(rule_readings.c.rule == name))


def _check(rule: Rule, threshold: float) -> None:
    if rule.unit == "state":
        raise WrongInput(f"the rule {rule.name} has no threshold: it can only be switched on and off")
    most = MOST.get(rule.unit, 1e9)
    if not 0 < threshold <= most:
        raise WrongInput(f"threshold must be more than 0, and {most:g} at most")


def _shown(rule: Rule, setting: Setting, seen: Any, incident_id: str | None) -> records.Json:
    limits = Limits.of(rule, setting.threshold)
    return {
        "name": rule.name,
        "title": rule.title,
        "means": rule.means,
        "helps": rule.helps,
        "runbook": rule.runbook,
        "unit": rule.unit,
        "enabled": setting.enabled,
        "threshold": limits.levels[0].at,
        "usual_threshold": rule.levels[0].at,
        "closes": limits.closes,
        "levels": [{"at": level.at, "severity": level.severity} for level in limits.levels],
        "evaluations": limits.evaluations,
        "value": None if seen is None else seen.value,
        "says": None if seen is None else seen.says,
        "evaluated_at": None if seen is None else rfc3339(seen.at),
        "state": "off" if not setting.enabled else "open" if incident_id else "calm",
        "incident_id": incident_id,
    }
