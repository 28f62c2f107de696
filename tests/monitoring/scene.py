"""The alerts on a real database: what is looked at is made up, what follows from it is real."""

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Table, insert, select

from reelhook.auth import Audit
from reelhook.auth.principal import Principal, of_key, of_person
from reelhook.db import Database, Tx
from reelhook.db.tables import people
from reelhook.jobs import Destinations
from reelhook.kit.ids import Ids
from reelhook.monitoring import Alerts
from reelhook.monitoring import records as incident_records
from reelhook.monitoring.snapshot import Snapshot
from reelhook.settings import Settings
from tests.conftest import StillClock

OPERATOR = of_key("k", "builder", "operator", None)
ADA = "0192c000-0000-7000-8000-0000000000ad"
HALF_MINUTE = 30.0


def person(person_id: str = ADA, email: str = "ada@example.com") -> Principal:
    return of_person(person_id, email, "operator")


@dataclass
class Scene:
    db: Database
    clock: StillClock
    ids: Ids
    told: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.destinations = Destinations(self.clock, self.ids)
        self.audit = Audit(self.db, self.clock)
        self.config = Settings(stores="local:media", heygen_api_key="k")  # type: ignore[arg-type]
        self.alerts = Alerts.build(
            self.config, self.db, self.clock, self.ids, self.audit, self.destinations, self._hear
        )
        self.acts = self.alerts._acts

    def _hear(self, tx: Tx, what: str, incident: dict[str, Any]) -> None:
        self.told.append((what, incident["rule"], incident["severity"]))

    def heard(self) -> list[tuple[str, str, str]]:
        """What the listener was told since this was asked last."""
        told, self.told[:] = list(self.told), []
        return told

    async def sees(self, **seen: Any) -> None:
        """Half a minute later everything looks like this."""
        self.clock.move(HALF_MINUTE)
        snapshot = replace(Snapshot(), at=self.clock.now(), **seen)
        await self.db.write(lambda tx: self.alerts.evaluation.follow(tx, snapshot))

    async def open(self, *, drill: bool = False) -> list[Any]:
        return await self.db.read(lambda conn: incident_records.open_ones(conn, drill=drill))

    async def one(self) -> dict[str, Any]:
        """The only open incident, with its story."""
        (row,) = await self.open()
        return await self.db.read(lambda conn: incident_records.detail(conn, row.id))

    async def story(self, incident_id: str) -> list[str]:
        told = await self.db.read(lambda conn: incident_records.detail(conn, incident_id))
        return [entry["kind"] for entry in told["entries"]]

    async def add(self, table: Table, **values: Any) -> None:
        await self.db.write(lambda tx: tx.execute(insert(table).values(**values)) and None)

    async def meet(self, person_id: str = ADA, email: str = "ada@example.com") -> None:
        await self.add(people, id=person_id, email=email, role="operator", created_at=self.clock.now())

    async def rows(self, table: Table) -> list[Any]:
        return await self.db.read(lambda conn: list(conn.execute(select(table))))
