"""HeyGen's own history of what it delivered, compared with the inbox: what never came is put in.

Its order and how far back it reaches are not documented. So it is read to its end, or to the bound, unless all that was
read so far came newest first and is older than what is to be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from reelhook import logs
from reelhook.db import Database, Tx
from reelhook.db.tables import marks
from reelhook.events import parse
from reelhook.heygen import HeyGenError, PastEvent, of_past
from reelhook.inbox import Inbox
from reelhook.jobs import Postpone
from reelhook.kit.clock import Clock
from reelhook.kit.times import rfc3339
from reelhook.reconcile.asking import accept
from reelhook.reconcile.compare import TRIED_FOR, Told, missing
from reelhook.reconcile.counterparts import alike, known_ids, ours
from reelhook.reconcile.questions import Questions
from reelhook.reconcile.run import Look
from reelhook.reconcile.scope import Scope

MOST_PAGES = 100  # of a hundred events each
# What is younger may still be on its way: HeyGen tries again, and a delivery takes its time.
GRACE = timedelta(minutes=5)
# Each run goes back to before the last one, by as long as an event can take to come, or to be listed.
OVERLAP = TRIED_FOR
BEGAN, LAST_RUN = "reconcile_history_began", "reconcile_history_last"

log = logs.get("reconcile")


@dataclass
class _Pages:
    """What was read of the history. *cut_off*: there was more. *trouble*: why it could not be read on."""

    events: list[PastEvent] = field(default_factory=list)
    number: int = 0
    cut_off: bool = False
    trouble: HeyGenError | Postpone | None = None

    def reaches(self, floor: datetime) -> bool:
        """Whether all that follows is older than *floor*: so far everything came newest first, down to there.

        One moment alone has no order.
        """
        times = [event.created_at for event in self.events if event.created_at is not None]
        newest_first = len(times) == len(self.events) and times == sorted(times, reverse=True)
        return newest_first and len(set(times)) > 1 and times[-1] < floor


class HistoryLook:
    """Compares since the last run, or since this installation began to look."""

    def __init__(self, db: Database, clock: Clock, inbox: Inbox, heygen: Questions, scope: Scope) -> None:
        self._db, self._clock, self._inbox = db, clock, inbox
        self._heygen, self._scope = heygen, scope

    async def idle(self) -> bool:
        return False

    async def __call__(self, look: Look) -> None:
        started = self._clock.now()
        began, last = await self._db.read(_marks)
        if began is None:  # what was delivered before is nothing that we have missed
            await self._db.write(lambda tx: _mark(tx, BEGAN, started))
            return
        floor = max(began, last - OVERLAP) if last else began
        pages = await self._read(floor)
        await self._compare(look, pages, floor, started)
        if pages.trouble is not None:
            raise pages.trouble
        await self._db.write(lambda tx: _mark(tx, LAST_RUN, started))

    async def _read(self, floor: datetime) -> _Pages:
        pages, token = _Pages(), None
        try:
            while pages.number < MOST_PAGES:
                page = await self._heygen.history(token)
                pages.events += page.events
                pages.number += 1
                token = page.next_token
                if token is None or pages.reaches(floor):
                    return pages
        except (HeyGenError, Postpone) as error:
            pages.trouble = error
        pages.cut_off = True
        return pages

    async def _compare(self, look: Look, pages: _Pages, floor: datetime, now: datetime) -> None:
        told = [_told(event) for event in pages.events]
        look.asked = sum(row.at is None or row.at >= floor for row in told)
        lost = await self._db.read(lambda conn: _lost(conn, told))
        for row in await self._scope.of(_old_enough(lost, floor, now - GRACE)):
            if await accept(self._inbox, self._clock, row.body, parse(row.body)):
                look.found += 1
                when = rfc3339(row.at) if row.at else None
                named = {"type": row.type, "resource_id": row.resource_id, "event_id": row.event_id}
                look.mention("events", **named, created_at=when)
        if pages.cut_off:
            oldest = min((row.at for row in told if row.at is not None), default=None)
            look.report["cut_off"] = {"pages": pages.number, "oldest": rfc3339(oldest) if oldest else None}
            log.warning("reconcile.history_cut_off", pages=pages.number)


def _told(event: PastEvent) -> Told:
    body = of_past(event)
    read = parse(body)
    return Told(read.type, read.resource_id, event.event_id, event.created_at, body)


def _lost(conn: Connection, told: Sequence[Told]) -> list[Told]:
    """What never came. Of what has no time, only what an open video of ours waits for."""
    known = known_ids(conn, told)
    unknown = [row for row in told if row.event_id is None or row.event_id not in known]
    lost = missing(told, alike(conn, unknown), known)
    timeless = [row.resource_id for row in lost if row.at is None and row.resource_id is not None]
    waited_for = ours(conn, timeless, waiting=True)
    return [row for row in lost if row.at is not None or row.resource_id in waited_for]


def _old_enough(lost: Sequence[Told], floor: datetime, until: datetime) -> list[Told]:
    return [row for row in lost if row.at is None or floor <= row.at <= until]


def _marks(conn: Connection) -> tuple[datetime | None, datetime | None]:
    rows = conn.execute(select(marks).where(marks.c.name.in_((BEGAN, LAST_RUN))))
    found = {row.name: datetime.fromisoformat(row.value) for row in rows}
    return found.get(BEGAN), found.get(LAST_RUN)


def _mark(tx: Tx, name: str, at: datetime) -> None:
    if tx.execute(update(marks).where(marks.c.name == name).values(value=at.isoformat())).rowcount == 0:
        tx.execute(insert(marks).values(name=name, value=at.isoformat()))
