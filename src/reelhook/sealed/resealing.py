"""Everything that is sealed, read or sealed anew a few rows at a time, so that the writer is soon free for others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update

from reelhook.auth import Audit, Principal
from reelhook.db import Database, Tx
from reelhook.db.tables.sealed import SEALED, Sealed
from reelhook.kit.sealing import CannotUnseal, Sealer

BATCH = 100


@dataclass(slots=True)
class Census:
    """How many are *sealed* with each key, by its fingerprint, newest first; *unreadable*: needed, and with none."""

    sealed: dict[str, int]
    unreadable: int = 0


@dataclass(slots=True)
class Resealed:
    """How many were *resealed* with the *key* of this fingerprint, were *current* before, and stay *unreadable*."""

    key: str
    resealed: int = 0
    current: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows of one column. *ages*: by which key each is sealed, 0 is the newest; None: none of ours."""

    rows: Sequence[Any]
    ages: list[int | None] = field(default_factory=list)


class Resealing:
    """Looks at everything that is sealed, and seals it anew."""

    def __init__(self, db: Database, sealer: Sealer, audit: Audit) -> None:
        self._db, self._sealer, self._audit = db, sealer, audit

    async def census(self) -> Census:
        """By which key everything is sealed. Raises *DatabaseUnavailable*."""
        names = self._sealer.fingerprints
        counted = Census(dict.fromkeys(names, 0))
        for each in SEALED:
            after = ""
            while (batch := await self._db.read(partial(self._look, each=each, after=after))).rows:
                for row, age in zip(batch.rows, batch.ages, strict=True):
                    if age is not None:
                        counted.sealed[names[age]] += 1
                    else:
                        counted.unreadable += row.needed
                after = batch.rows[-1].id
        return counted

    async def reseal(self, by: Principal) -> Resealed:
        """Seal everything with the newest key. Each batch is committed by itself; asking again goes on where it ended.

        Raises *DatabaseUnavailable*.
        """
        done = Resealed(self._sealer.fingerprints[0])
        for each in SEALED:
            after = ""
            while (batch := await self._db.write(partial(self._anew, each=each, after=after, by=by))).rows:
                for row, age in zip(batch.rows, batch.ages, strict=True):
                    done.resealed += age is not None and age > 0
                    done.current += age == 0
                    done.unreadable += age is None and row.needed
                after = batch.rows[-1].id
        return done

    def _look(self, conn: Connection, *, each: Sealed, after: str) -> _Batch:
        columns = each.id.label("id"), each.column.label("sealed"), each.needed.label("needed")
        there = each.column.is_not(None), each.id > after
        rows: Sequence[Any] = conn.execute(select(*columns).where(*there).order_by(each.id).limit(BATCH)).all()
        return _Batch(rows, [self._age(row.sealed) for row in rows])

    def _anew(self, tx: Tx, *, each: Sealed, after: str, by: Principal) -> _Batch:
        batch = self._look(tx.conn, each=each, after=after)
        older = [row for row, age in zip(batch.rows, batch.ages, strict=True) if age]
        for row in older:
            # Unless another process has put something else there meanwhile: that is sealed with its own newest key.
            same = each.id == row.id, each.column == row.sealed
            sealed = self._sealer.seal(self._sealer.open(row.sealed))
            tx.execute(update(each.column.table).where(*same).values({each.column: sealed}))
        if older:
            told = {"table": each.column.table.name, "resealed": len(older)}
            self._audit.record(tx, by, "secrets.reseal", self._sealer.fingerprints[0], by.remote, **told)
        return batch

    def _age(self, sealed: str) -> int | None:
        try:
            return self._sealer.age(sealed)
        except CannotUnseal:
            return None
