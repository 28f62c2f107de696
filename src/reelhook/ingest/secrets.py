"""The webhook secrets that are alive, and those that were."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import webhook_secrets
from reelhook.errors import ReelhookError
from reelhook.heygen import Secret
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.ratelimit import TokenBucket
from reelhook.kit.sealing import CannotUnseal, Sealer

RELOADS_PER_S = 0.2
LIMIT_S = 2.0  # a delivery waits for this, and HeyGen for the delivery

log = logs.get("ingest")


@dataclass(frozen=True, slots=True)
class Known:
    """All secrets we have, at one moment."""

    live: tuple[Secret, ...] = ()
    retired: tuple[Secret, ...] = ()


class SecretBook:
    """Keeps the secrets in memory for the hot path. Settings are the source; the table remembers what was retired."""

    def __init__(
        self, db: Database, sealer: Sealer, clock: Clock, ids: Ids, from_settings: Callable[[], Sequence[str]]
    ) -> None:
        self._db, self._sealer, self._clock, self._ids = db, sealer, clock, ids
        self._from_settings = from_settings
        self._may_reload = TokenBucket(clock, RELOADS_PER_S, 1)
        self._reloading: asyncio.Task[None] | None = None
        given = _by_fingerprint(from_settings())
        self.known = Known(live=tuple(_secret(fingerprint, value) for fingerprint, value in given.items()))

    async def load(self) -> None:
        """Read settings and table. Raises *DatabaseUnavailable*; what was known before stays."""
        self.known = await self._db.write(lambda tx: self._sync(tx, self._from_settings()), limit_s=LIMIT_S)

    async def reload(self) -> bool:
        """Look again, at most once in five seconds, whether there are new secrets. True when the live ones changed.

        Who comes while somebody else looks waits for the same answer: after a rotation many come at once.
        """
        before = self.known.live
        if self._reloading is None and self._may_reload.take():
            self._reloading = asyncio.create_task(self._load_quietly(), name="secrets-reload")
        if self._reloading is not None:
            await asyncio.shield(self._reloading)
        return self.known.live != before

    async def _load_quietly(self) -> None:
        try:
            await self.load()
        except Exception as error:  # what is refused is refused, whether or not there was anything new
            unexpected = None if isinstance(error, ReelhookError) else error
            log.warning("secrets.not_reloaded", error=str(error), exc_info=unexpected)
        finally:
            self._reloading = None

    def _sync(self, tx: Tx, values: Sequence[str]) -> Known:
        """Make the table agree with the settings: new ones are added, missing ones are retired, returned ones live."""
        wanted = _by_fingerprint(values)
        rows = [self._row(fingerprint, value) for fingerprint, value in sorted(wanted.items())]
        if rows:
            insert_or_ignore(tx, webhook_secrets, rows)
        gone = webhook_secrets.c.fingerprint.not_in(list(wanted))
        from_settings = update(webhook_secrets).where(webhook_secrets.c.source == "settings")
        is_live = webhook_secrets.c.retired_at.is_(None)
        tx.execute(from_settings.where(gone, is_live).values(retired_at=self._clock.now()))
        tx.execute(from_settings.where(~gone, ~is_live).values(retired_at=None))
        return self._known(tx, wanted)

    def _known(self, tx: Tx, wanted: Mapping[str, str]) -> Known:
        """What the settings name is alive whatever the table says: it may be sealed with a key that is gone."""
        live = [_secret(fingerprint, value) for fingerprint, value in wanted.items()]
        retired: list[Secret] = []
        newest_first = select(webhook_secrets).order_by(webhook_secrets.c.id.desc())
        others = [row for row in tx.execute(newest_first) if row.fingerprint not in wanted]
        for row, secret in self._opened(others):
            (retired if row.retired_at else live).append(secret)
        return Known(tuple(live), tuple(retired))

    def _opened(self, rows: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], Secret]]:
        for row in rows:
            try:
                yield row, _secret(row.fingerprint, self._sealer.open(row.sealed))
            except CannotUnseal:
                log.error("secret.cannot_unseal", id=row.id, help="put the earlier key back into REELHOOK_SECRET_KEY")

    def _row(self, fingerprint: str, value: str) -> dict[str, object]:
        return {
            "id": self._ids.new(),
            "source": "settings",
            "fingerprint": fingerprint,
            "sealed": self._sealer.seal(value),
            "created_at": self._clock.now(),
        }


def _by_fingerprint(values: Sequence[str]) -> dict[str, str]:
    stripped = [value.strip() for value in values]
    return {hashlib.sha256(b"reelhook webhook secret\0" + value.encode()).hexdigest(): value for value in stripped}


def _secret(fingerprint: str, value: str) -> Secret:
    """Its short name stands in answers and logs; twelve digits tell secrets apart and tell nothing about them."""
    return Secret(fingerprint[:12], value)
