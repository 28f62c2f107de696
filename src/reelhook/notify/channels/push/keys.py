"""The VAPID key of this installation: made when it is first needed, and sealed in the database."""

from sqlalchemy import Connection, select

from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import push_keys
from reelhook.kit.clock import Clock
from reelhook.kit.sealing import CannotUnseal, Sealer
from reelhook.notify.channels.push.errors import KeySealed
from reelhook.notify.channels.push.vapid import VapidKey

# There is one key; its name is fixed, so that of several processes that make it the first one wins.
ONLY = "vapid"


class PushKey:
    """Reads the key once, and makes it if there is none."""

    def __init__(self, db: Database, sealer: Sealer, clock: Clock) -> None:
        self._db, self._sealer, self._clock = db, sealer, clock
        self._known: VapidKey | None = None

    async def get(self) -> VapidKey:
        """The key. Raises *KeySealed* when it was sealed with a SECRET_KEY that is gone."""
        if self._known is None:
            self._known = self._opened(await self._db.read(_kept) or await self._db.write(self._make))
        return self._known

    def _make(self, tx: Tx) -> str:
        key = VapidKey.make()
        row = {"id": ONLY, "public": key.public, "sealed": self._sealer.seal(key.pem), "created_at": self._clock.now()}
        insert_or_ignore(tx, push_keys, [row])
        return _kept(tx.conn)

    def _opened(self, sealed: str) -> VapidKey:
        try:
            return VapidKey.read(self._sealer.open(sealed))
        except CannotUnseal:
            raise KeySealed(
                "the key for push messages is sealed with a SECRET_KEY that is not among the present ones; "
                "add that key to REELHOOK_SECRET_KEY again"
            ) from None


def _kept(conn: Connection) -> str:
    """As it is sealed; empty while there is none."""
    return str(conn.execute(select(push_keys.c.sealed)).scalar() or "")
