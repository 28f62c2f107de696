"""Whoever moves many incidents at once takes the turn: others wait for the commit, and then see what was done."""

from datetime import datetime

from sqlalchemy import update

from reelhook.db import Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import leases

NAME = "rules"


def take_turn(tx: Tx, now: datetime) -> None:
    """Held until *tx* ends."""
    insert_or_ignore(tx, leases, [{"name": NAME, "owner": NAME, "until": now}])
    tx.execute(update(leases).where(leases.c.name == NAME).values(until=now))
