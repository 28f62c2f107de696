"""Deleting what was kept long enough: a few rows at a time, along an index, so that others get their turn."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, and_, delete, func, select, true

from reelhook.db.engine import Tx

# Gives the key below which rows may go, or None when none may. Read once a run, for it may have to count.
Bound = Callable[[Connection], Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did: how many rows went, and the key behind which the next one begins; None at the end."""

    removed: int
    after: Any


def _nothing(tx: Tx, span: ColumnElement[bool], last: Any) -> None:
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """What may go of one table: the rows whose indexed *key* lies below *bound* and for which *going* is true.

    *along* is called in the transaction of each batch, before the rows go, with the condition that names them and the
    last key that the batch looked at.
    """

    key: Column[Any]
    bound: Bound
    going: ColumnElement[bool] = field(default_factory=true)
    along: Callable[[Tx, ColumnElement[bool], Any], None] = _nothing

    @property
    def table(self) -> str:
        return str(self.key.table.name)

    def batch(self, tx: Tx, after: Any, bound: Any, most: int) -> Batch:
        """Look at the next *most* rows below *bound* and delete those that are going.

        Rows that stay are passed over once a run, however many batches it has.
        """
        behind = true() if after is None else self.key > after
        window = select(self.key).where(behind, self.key < bound).order_by(self.key).limit(most)
        keys = tx.execute(window).scalars().all()
        if not keys:
            return Batch(0, None)
        last = keys[-1]
        span = and_(behind, self.key <= last, self.going)
        self.along(tx, span, last)
        removed = tx.execute(delete(self.key.table).where(span)).rowcount
        return Batch(removed, last if len(keys) == most else None)


def older_than(key: Column[Any], at: Column[Any], moment: datetime) -> Bound:
    """For numbered rows: below the first that was written at *moment* or later."""

    def bound(conn: Connection) -> Any:
        first = conn.execute(select(key).where(at >= moment).order_by(key).limit(1)).scalar()
        if first is not None:
            return first
        newest = conn.execute(select(func.max(key))).scalar()
        return None if newest is None else newest + 1

    return bound


def beyond_newest(key: Column[Any], most: int) -> Bound:
    """Below the newest *most* rows."""

    def bound(conn: Connection) -> Any:
        return conn.execute(select(key).order_by(key.desc()).offset(most - 1).limit(1)).scalar()

    return bound


def either(*bounds: Bound) -> Bound:
    """What one of them lets go."""

    def bound(conn: Connection) -> Any:
        return max((found for each in bounds if (found := each(conn)) is not None), default=None)

    return bound


def fixed(key: Any) -> Bound:
    """Below a key that is known beforehand."""
    return lambda conn: key
