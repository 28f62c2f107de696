"""Rotating an endpoint's secret: HeyGen kills the old one at once, we keep taking it for a while.

Whether HeyGen signs a retry anew is not known; so what it sent before the rotation may come with the old secret for as
long as it tries again, 24 hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reelhook import logs
from reelhook.auth import Principal
from reelhook.auth.audit import Audit
from reelhook.db import Tx
from reelhook.errors import NotFound
from reelhook.ingest.asking import Asking
from reelhook.ingest.secret_rows import short
from reelhook.ingest.secrets import SecretBook
from reelhook.kit.clock import Clock
from reelhook.kit.times import rfc3339

log = logs.get("ingest")


@dataclass(frozen=True, slots=True)
class Rotated:
    """Fingerprints only. *replaced* are taken until *retires_at*. *undecided* are secrets of the settings of which one
    may have been this endpoint's: they stay."""

    endpoint_id: str
    fingerprint: str
    replaced: tuple[str, ...]
    retires_at: datetime
    undecided: tuple[str, ...]


class Rotation:
    """Gets new secrets."""

    def __init__(self, asking: Asking, book: SecretBook, audit: Audit, clock: Clock) -> None:
        self._asking, self._book, self._audit, self._clock = asking, book, audit, clock

    async def rotate(self, by: Principal, remote: str | None, endpoint_id: str, overlap: timedelta) -> Rotated:
        """A new secret for this endpoint, in force here when this returns. The old one is taken for *overlap* more.

        Raises *NotFound*, *Unfinished* (run it again: the same secret comes), *NoApiKey*, or another *HeyGenError*.
        """
        heygen = self._asking.heygen
        endpoints = [one.id for one in await heygen.list_endpoints()]
        if endpoint_id not in endpoints:
            raise NotFound(f"HeyGen has no webhook endpoint {endpoint_id!r}")
        change, secret = await self._asking.ask(
            "rotate", endpoint_id, lambda key: heygen.rotate_secret(endpoint_id, idempotency_key=key)
        )
        retires_at = self._clock.now() + overlap

        def keep(tx: Tx) -> Rotated:
            owned, undecided = self._old_one(tx, endpoint_id, endpoints)
            new, replaced = self._book.rows.replace(tx, endpoint_id, secret.value, retires_at, owned)
            rotated = Rotated(endpoint_id, short(new), tuple(map(short, replaced)), retires_at, undecided)
            told = {"fingerprint": rotated.fingerprint, "replaced": rotated.replaced, "retires_at": rfc3339(retires_at)}
            self._audit.record(tx, by, "webhook_endpoint.rotate_secret", endpoint_id, remote, **told)
            return rotated

        rotated = await self._asking.finish(change, keep)
        log.info("endpoint.secret_rotated", endpoint=endpoint_id, fingerprint=rotated.fingerprint)
        return rotated

    def _old_one(self, tx: Tx, endpoint_id: str, endpoints: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
        """The secret of the settings that was this endpoint's, and else those of which one may have been.

        Settings do not say whose secret it is. It is known by what is left over: when this is the only endpoint whose
        secret we were not told, and only one secret is without an endpoint. A wrong guess would cost events.
        """
        told = self._book.rows.endpoint_ids(tx)
        free = [one.fingerprint for one in self._book.held if one.named and one.endpoint_id is None]
        if endpoint_id in told:
            return None, ()
        if len(free) == 1 and told.issuperset(one for one in endpoints if one != endpoint_id):
            return free[0], ()
        return None, tuple(map(short, free))
