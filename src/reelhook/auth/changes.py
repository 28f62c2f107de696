"""Somebody's access has changed: every process is told once that is committed, and forgets what it believed.

A message names what must not be believed any longer: `key:<id>`, `session:<digest of its token>` or `person:<id>`.
"""

from reelhook.db import Database, Tx
from reelhook.kit.bus import Bus

TOPIC = "access"


def key(key_id: str) -> str:
    return f"key:{key_id}"


def session(token_digest: str) -> str:
    return f"session:{token_digest}"


def person(person_id: str) -> str:
    return f"person:{person_id}"


class Changes:
    """Publishes on the event loop, after the commit, and before whoever made the change goes on."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._bus = bus
        db.on_commit(TOPIC, self._publish)

    def tell(self, tx: Tx, whose: str) -> None:
        """Have *whose* (`key`, `session`, `person` above) published once *tx* is committed."""
        tx.signal(TOPIC, whose)

    def _publish(self, changed: list[str]) -> None:
        for whose in changed:
            self._bus.publish(TOPIC, whose)
