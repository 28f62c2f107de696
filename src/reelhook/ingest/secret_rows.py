"""The secrets as rows: what the settings name, what HeyGen gave, and when each of them ends.

A row that names an endpoint follows the rotations of that endpoint. A row that names none follows the settings.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select, update

from reelhook import logs
from reelhook.auth.audit import Audit
from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import webhook_secrets
from reelhook.events import Secret
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import CannotUnseal, Sealer

MOST_READ = 50

log = logs.get("ingest")


@dataclass(frozen=True, slots=True)
class Held:
    """A secret at hand. *retires_at*: it was replaced and opens nothing from then on. *named*: by the settings."""

    secret: Secret
    fingerprint: str
    endpoint_id: str | None = None
    retires_at: datetime | None = None
    named: bool = False

    def lives(self, now: datetime) -> bool:
        return self.retires_at is None or self.retires_at > now


def by_fingerprint(values: Sequence[str]) -> dict[str, str]:
    """Secrets as they are written in the settings, by what tells them apart and tells nothing about them."""
    stripped = [value.strip() for value in values]
    return {hashlib.sha256(b"reelhook webhook secret\0" + value.encode()).hexdigest(): value for value in stripped}


def short(fingerprint: str) -> str:
    """As it stands in answers and logs."""
    return fingerprint[:12]


def named(fingerprint: str, value: str) -> Held:
    """A secret of the settings that nothing replaced."""
    return Held(Secret(short(fingerprint), value), fingerprint, named=True)


class SecretRows:
    """The table of secrets, sealed. What a change of the settings did to it is in the audit log."""

    def __init__(self, sealer: Sealer, clock: Clock, ids: Ids, audit: Audit) -> None:
        self._sealer, self._clock, self._ids, self._audit = sealer, clock, ids, audit
        self._sealed_for_good: set[str] = set()

    def sync(self, tx: Tx, values: Sequence[str]) -> tuple[Held, ...]:
        """Follow the settings: new ones are added, missing ones are retired, returned ones live. All we hold then."""
        wanted = by_fingerprint(values)
        rows = [self._row("settings", fingerprint, value) for fingerprint, value in sorted(wanted.items())]
        added = insert_or_ignore(tx, webhook_secrets, rows, returning=[webhook_secrets.c.fingerprint])
        gone = webhook_secrets.c.fingerprint.not_in(list(wanted))
        is_live = webhook_secrets.c.retired_at.is_(None)
        free = webhook_secrets.c.source == "settings", webhook_secrets.c.heygen_endpoint_id.is_(None)
        retire = update(webhook_secrets).where(*free, gone, is_live).values(retired_at=self._clock.now())
        retired = tx.execute(retire.returning(webhook_secrets.c.fingerprint)).all()
        revive = update(webhook_secrets).where(*free, ~gone, ~is_live).values(retired_at=None)
        revived = tx.execute(revive.returning(webhook_secrets.c.fingerprint)).all()
        self._tell(tx, {"add": added, "retire": retired, "revive": revived})
        return tuple(self._held(tx, wanted))

    def add(self, tx: Tx, endpoint_id: str, secret: str) -> str:
        """Keep a secret that HeyGen gave for this endpoint; its fingerprint. The same one twice is one."""
        ((fingerprint, value),) = by_fingerprint([secret]).items()
        insert_or_ignore(tx, webhook_secrets, [self._row("heygen", fingerprint, value, endpoint_id)])
        return fingerprint

    def replace(
        self, tx: Tx, endpoint_id: str, secret: str, retires_at: datetime, assigned: str | None = None
    ) -> tuple[str, tuple[str, ...]]:
        """Keep the new secret of an endpoint and let its others end at *retires_at*, or earlier where that was set.

        *assigned* is the fingerprint of a secret of the settings that turned out to be this endpoint's. Returns the new
        fingerprint and the ones it replaced.
        """
        fingerprint = self.add(tx, endpoint_id, secret)
        table, its_own = webhook_secrets.c, webhook_secrets.c.heygen_endpoint_id == endpoint_id
        mine: ColumnElement[bool] = its_own if assigned is None else or_(its_own, table.fingerprint == assigned)
        later = or_(table.retired_at.is_(None), table.retired_at > retires_at)
        ended = update(webhook_secrets).where(mine, table.fingerprint != fingerprint, later)
        values = {"retired_at": retires_at, "heygen_endpoint_id": endpoint_id}
        replaced = tx.execute(ended.values(**values).returning(table.fingerprint)).scalars()
        return fingerprint, tuple(sorted(replaced))

    def endpoint_ids(self, tx: Tx) -> set[str]:
        """The endpoints of which we were ever told a secret."""
        ids = select(webhook_secrets.c.heygen_endpoint_id).where(webhook_secrets.c.heygen_endpoint_id.is_not(None))
        return set(tx.execute(ids).scalars())

    def _tell(self, tx: Tx, done: Mapping[str, Sequence[Row[Any]]]) -> None:
        for verb, rows in done.items():
            for row in rows:
                self._audit.record(tx, "settings", f"webhook_secret.{verb}", short(row.fingerprint))

    def _held(self, tx: Tx, wanted: Mapping[str, str]) -> Iterator[Held]:
        """What the settings name is not unsealed: it may be sealed with a key that is gone."""
        newest_live_first = webhook_secrets.c.retired_at.is_not(None), webhook_secrets.c.id.desc()
        rows = {row.fingerprint: row for row in tx.execute(select(webhook_secrets).order_by(*newest_live_first))}
        for fingerprint, value in wanted.items():
            row = rows.pop(fingerprint)
            yield _held(row, value, is_named=True)
        for row in list(rows.values())[:MOST_READ]:
            if (opened := self._opened(row)) is not None:
                yield _held(row, opened, is_named=False)

    def _opened(self, row: Row[Any]) -> str | None:
        try:
            return self._sealer.open(row.sealed)
        except CannotUnseal:
            if row.id not in self._sealed_for_good:
                log.error("secret.cannot_unseal", id=row.id, help="put the earlier key back into REELHOOK_SECRET_KEY")
            self._sealed_for_good.add(row.id)
            return None

    def _row(self, source: str, fingerprint: str, value: str, endpoint_id: str | None = None) -> dict[str, object]:
        return {
            "id": self._ids.new(),
            "source": source,
            "fingerprint": fingerprint,
            "sealed": self._sealer.seal(value),
            "heygen_endpoint_id": endpoint_id,
            "created_at": self._clock.now(),
        }


def _held(row: Row[Any], value: str, *, is_named: bool) -> Held:
    secret = Secret(short(row.fingerprint), value)
    return Held(secret, row.fingerprint, row.heygen_endpoint_id, row.retired_at, is_named)
