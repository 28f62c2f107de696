"""What admins chose for everybody: read with each piece of news, changed together with its audit entry."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, select, update

from reelhook.auth import Audit, Principal
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import notification_settings
from reelhook.notify.kinds import DEFAULTS, KINDS, WAYS
from reelhook.notify.levels import Choices, Workspace

ROW = {"name": "workspace"}
HERE = notification_settings.c.name == ROW["name"]
CHOSEN = select(notification_settings.c.kinds, notification_settings.c.locked, notification_settings.c.critical).where(
    HERE
)


def read(conn: Connection) -> Workspace:
    row = conn.execute(CHOSEN).first()
    return Workspace() if row is None else Workspace(*row)


def shown(chosen: Workspace) -> dict[str, object]:
    """As the API shows it: every kind with every way."""
    kinds = {kind: {way: chosen.on(kind, way) for way in WAYS} for kind in KINDS}
    return {"kinds": kinds, "locked": dict(chosen.locked), "critical": list(chosen.critical)}


class WorkspaceSettings:
    """Reads and changes it."""

    def __init__(self, db: Database, audit: Audit) -> None:
        self._db, self._audit = db, audit

    async def read(self) -> dict[str, object]:
        return shown(await self._db.read(read))

    async def change(
        self, by: Principal, kinds: Choices, locked: Mapping[str, Sequence[str]], critical: Sequence[str]
    ) -> dict[str, object]:
        """All of it at once. What is like the product's default is not kept: a later default holds for it too."""
        differs = {
            kind: said
            for kind, ways in kinds.items()
            if (said := {way: on for way, on in ways.items() if on != (way in DEFAULTS[kind])})
        }
        chosen = Workspace(differs, {kind: sorted(set(ways)) for kind, ways in locked.items()}, sorted(set(critical)))

        def work(tx: Tx) -> None:
            values = asdict(chosen)
            insert_or_ignore(tx, notification_settings, [ROW | values])
            tx.execute(update(notification_settings).where(HERE).values(**values))
            self._audit.record(tx, by, "notification_settings.change", None, **values)

        await self._db.write(work)
        return shown(chosen)
