"""The webhook secrets that are alive, and those that were."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from reelhook import logs
from reelhook.auth.audit import Audit
from reelhook.db import Database, Tx
from reelhook.errors import ReelhookError
from reelhook.events import Secret
from reelhook.ingest.secret_rows import Held, SecretRows, by_fingerprint, named
from reelhook.ingest.under_way import Change, under_way
from reelhook.ingest.uses import Uses
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.ratelimit import Limit, Pace
from reelhook.kit.sealing import Sealer
from reelhook.masking import never_show

T = TypeVar("T")

# A flood of wrong signatures can hide a new secret of another process for a second, no longer.
RELOADS = Limit("reloads", rate=1, burst=1)
LIMIT_S = 2.0  # a delivery waits for this, and HeyGen for the delivery
WATCH_S = 30.0  # as long another process may not have noticed that a secret was replaced

log = logs.get("ingest")


@dataclass(frozen=True, slots=True)
class Known:
    """All secrets we have, at one moment. *changing*: HeyGen may sign with one that it has not told us yet."""

    live: tuple[Secret, ...] = ()
    retired: tuple[Secret, ...] = ()
    changing: bool = False


class SecretBook:
    """Keeps the secrets in memory for the hot path; settings and table are the truth."""

    def __init__(
        self, db: Database, sealer: Sealer, clock: Clock, ids: Ids, from_settings: Callable[[], Sequence[str]]
    ) -> None:
        self._db, self._clock = db, clock
        self._from_settings = from_settings
        self.rows = SecretRows(sealer, clock, ids, Audit(db, clock))
        self._uses = Uses(db)
        self._one_at_a_time = asyncio.Lock()
        self._may_reload = Pace(clock, RELOADS)
        self._reloading: asyncio.Task[None] | None = None
        self.under_way: tuple[Change, ...] = ()
        self.held = tuple(named(fingerprint, value) for fingerprint, value in by_fingerprint(from_settings()).items())
        self._lived = {one.fingerprint for one in self.held}

    @property
    def live(self) -> tuple[Secret, ...]:
        """Of `known` what each delivery asks for."""
        return self._living(self._clock.now())

    @property
    def known(self) -> Known:
        """As it is now: a secret that was replaced retires when its time has come, whether or not anybody looks."""
        now = self._clock.now()
        return Known(
            live=self._living(now),
            retired=tuple(one.secret for one in self.held if not one.lives(now)),
            changing=any(change.repeatable(now) for change in self.under_way),
        )

    def everything(self) -> list[Secret]:
        """Those that live and those that did."""
        return [one.secret for one in self.held]

    def current(self, endpoint_id: str) -> Secret | None:
        """The secret with which this endpoint signs now, as far as we were told."""
        mine = (one.secret for one in self.held if one.endpoint_id == endpoint_id and one.retires_at is None)
        return next(mine, None)

    async def load(self) -> None:
        """Read settings and table. Raises *DatabaseUnavailable*; what was known before stays."""
        await self.change(lambda _: None, limit_s=LIMIT_S)

    async def change(self, work: Callable[[Tx], T], *, limit_s: float = 15.0) -> T:
        """Run *work* and read everything anew in the same transaction: once it is committed, it is in force here.

        Raises *DatabaseUnavailable*: then it may still be committed, and is found by the next `load`.
        """

        def both(tx: Tx) -> tuple[T, tuple[Held, ...], tuple[Change, ...]]:
            return work(tx), self.rows.sync(tx, self._from_settings()), under_way(tx.conn)

        async with self._one_at_a_time:  # else what an earlier transaction read could overwrite what a later one did
            result, self.held, self.under_way = await self._db.write(both, limit_s=limit_s)
        never_show(*(one.secret.value for one in self.held))
        self._tell_retired()
        return result

    async def reload(self) -> bool:
        """Look again, at most once a second, whether there are new secrets. True when the live ones changed.

        Who comes while somebody else looks waits for the same answer: after a rotation many come at once.
        """
        before = self.live
        if self._reloading is None and self._may_reload.take():
            self._reloading = asyncio.create_task(self._reload(), name="secrets-reload")
        if self._reloading is not None:
            await asyncio.shield(self._reloading)
        return self.live != before

    async def watch(self) -> None:
        """Look again now and then, for ever: another process may have replaced a secret, or the time of one is over."""
        while True:
            await self._clock.sleep(self._pause_s())
            await self._load_quietly()
            await self._uses.flush()

    def used(self, secret: Secret, at: datetime) -> None:
        """A delivery was signed with *secret*. Only those that were replaced are counted."""
        held = next((one for one in self.held if one.retires_at is not None and one.secret == secret), None)
        if held is not None:
            self._uses.count(held.fingerprint, at, refused=not held.lives(at))

    async def flush(self) -> None:
        """Write the uses counted so far."""
        await self._uses.flush()

    def _living(self, now: datetime) -> tuple[Secret, ...]:
        return tuple([one.secret for one in self.held if one.lives(now)])

    async def _reload(self) -> None:
        try:
            await self._load_quietly()
        finally:
            self._reloading = None

    async def _load_quietly(self) -> None:
        try:
            await self.load()
        except Exception as error:  # what is refused is refused, whether or not there was anything new
            unexpected = None if isinstance(error, ReelhookError) else error
            log.warning("secrets.not_reloaded", error=str(error), exc_info=unexpected)

    def _pause_s(self) -> float:
        now = self._clock.now()
        ends = [one.retires_at - now for one in self.held if one.retires_at is not None and one.lives(now)]
        return min([WATCH_S, *(end / timedelta(seconds=1) for end in ends)])

    def _tell_retired(self) -> None:
        """Say once of each secret that its time is over; of one that the settings still name, once at every start."""
        now = self._clock.now()
        for one in self.held:
            if one.lives(now):
                self._lived.add(one.fingerprint)
            elif one.fingerprint in self._lived:
                self._lived.remove(one.fingerprint)
                if one.named:
                    remedy = "remove it from REELHOOK_HEYGEN_WEBHOOK_SECRETS"
                    log.warning("secret.retired_but_named", fingerprint=one.secret.id, help=remedy)
                else:
                    log.info("secret.retired", fingerprint=one.secret.id)
