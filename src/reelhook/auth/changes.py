"""Somebody's access has changed: every process is told once that is committed, and forgets what it believed.

A message names what must not be believed any longer: `key:<id>`, `session:<digest of its token>` or `person:<id>`.
"""

from collections import deque

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
        # Filled in a writer's thread, which must not touch the bus; emptied on the loop.
        self._committed: deque[str] = deque()
        db.on_commit(TOPIC, lambda _: self._publish())

    def tell(self, tx: Tx, whose: str) -> None:
        """Have *whose* (`key`, `session`, `person` above) published once *tx* is committed."""
        tx.after_commit(lambda: self._committed.append(whose))
        tx.signal(TOPIC)

    def _publish(self) -> None:
        while self._committed:
            self._bus.publish(TOPIC, self._committed.popleft())
