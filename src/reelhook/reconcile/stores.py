"""The stores' files against the rows that name them: what is gone, what is spoilt, and what nobody needs."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection, Row, func, select

from reelhook import logs
from reelhook.db import Tx
from reelhook.db.tables import assets
from reelhook.errors import DatabaseUnavailable, ReelhookError
from reelhook.jobs.kinds import DeleteStored
from reelhook.kit.times import rfc3339
from reelhook.reconcile.core import Core
from reelhook.reconcile.run import Look
from reelhook.videos.owner import Owner, is_known

MOST_FILES = 500_000  # of one store
MOST_MENDED = 1000  # of each sort, in one run
AT_ONCE = 500
# What was stored since then may be newer than the list of files.
SETTLED = timedelta(hours=1)
# What is younger may be an upload that has not ended.
ORPHAN_AFTER = timedelta(days=1)

log = logs.get("reconcile")


class Kept(Protocol):
    """A file in a store."""

    @property
    def location(self) -> str: ...
    @property
    def bytes(self) -> int: ...
    @property
    def modified_at(self) -> datetime: ...
    @property
    def owner(self) -> Owner: ...


class Place(Protocol):
    """What this room needs of a store."""

    def files(self) -> AsyncIterator[Kept]:
        """Every file of ours in it. Raises a *ReelhookError*."""
        ...


class StoresLook:
    """Compares each store. Mending fetches again what is gone, and deletes what nobody needs."""

    def __init__(self, core: Core, stores: Mapping[str, Place]) -> None:
        self._db, self._clock, self._queue, self._lifecycle = core.db, core.clock, core.queue, core.lifecycle
        self._stores = stores

    async def idle(self) -> bool:
        return False

    async def __call__(self, look: Look) -> None:
        trouble: ReelhookError | None = None
        for name, store in self._stores.items():
            try:
                await self._compare(name, store, look)
            except DatabaseUnavailable:
                raise
            except ReelhookError as error:  # the other stores can be looked at all the same
                log.warning("reconcile.store_not_listed", store=name, error=error.message)
                trouble = error
        if trouble is not None:
            raise trouble

    async def _compare(self, name: str, store: Place, look: Look) -> None:
        started = self._clock.now()
        files, whole = await _listed(store)
        number = len(files)
        rows, lost = await self._lost(name, files, started, whole=whole)
        orphans = await self._orphans(list(files.values()), started)
        look.asked += number + rows
        look.found += len(lost) + len(orphans)
        if number or rows:
            counts = {"files": number, "rows": rows, "lost": len(lost), "orphans": len(orphans), "whole": whole}
            look.report.setdefault("stores", {})[name] = counts
        for asset, reason in lost:
            named = {"asset_id": asset.id, "video_id": asset.video_id, "role": asset.role, "location": asset.location}
            look.mention("lost", store=name, **named, reason=reason)
        for file in orphans:
            named = {"location": file.location, "bytes": file.bytes, "modified_at": rfc3339(file.modified_at)}
            look.mention("orphans", store=name, **named)
        if look.mend:
            await self._mend(name, [asset for asset, _ in lost], orphans, look)

    async def _lost(
        self, name: str, files: dict[str, Kept], started: datetime, *, whole: bool
    ) -> tuple[int, list[tuple[Row[Any], str]]]:
        """How many rows there are, and those whose file is gone or spoilt. What a row names is taken out of *files*."""
        number, lost, after = 0, list[tuple[Row[Any], str]](), ""
        while rows := await self._db.read(partial(_rows, name=name, after=after)):
            number, after = number + len(rows), rows[-1].id
            for row in rows:
                file = files.pop(row.location, None)
                reason = _reason(row, file)
                settled = row.stored_at is not None and row.stored_at < started - SETTLED
                if reason is not None and settled and (file is not None or whole):
                    lost.append((row, reason))
        return number, lost

    async def _orphans(self, left: Sequence[Kept], started: datetime) -> list[Kept]:
        old = [file for file in left if file.modified_at < started - ORPHAN_AFTER]
        found: list[Kept] = []
        for at in range(0, len(old), AT_ONCE):
            found += await self._db.read(partial(_nobodys, files=old[at : at + AT_ONCE]))
        return found

    async def _mend(self, name: str, lost: Sequence[Row[Any]], orphans: Sequence[Kept], look: Look) -> None:
        for asset in lost[:MOST_MENDED]:
            await self._db.write(partial(self._fetch_again, asset_id=asset.id))
        if orphans:
            await self._db.write(partial(self._delete, name=name, files=orphans[:MOST_MENDED]))
        mended = look.report.setdefault("mended", {"fetching": 0, "deleting": 0})
        mended["fetching"] += min(len(lost), MOST_MENDED)
        mended["deleting"] += min(len(orphans), MOST_MENDED)

    def _fetch_again(self, tx: Tx, asset_id: str) -> None:
        self._lifecycle.fetch_again(tx, asset_id)

    def _delete(self, tx: Tx, name: str, files: Sequence[Kept]) -> None:
        """Whoever deletes looks once more whether nobody needs it."""
        for file in files:
            self._queue.add(tx, DeleteStored(store=name, location=file.location))


async def _listed(store: Place) -> tuple[dict[str, Kept], bool]:
    """The files of a store by location, and whether these are all."""
    found: dict[str, Kept] = {}
    async with aclosing(store.files()) as files:  # type: ignore[type-var]
        async for file in files:
            if len(found) >= MOST_FILES:
                return found, False
            found[file.location] = file
    return found, True


def _rows(conn: Connection, name: str, after: str) -> Sequence[Row[Any]]:
    """Assets that are stored, or were and are being fetched again."""
    # The index of the stores does not serve it: each batch would sort all that is left of a store.
    of_store = func.coalesce(assets.c.store, "") == name, assets.c.location.is_not(None), assets.c.id > after
    return conn.execute(select(assets).where(*of_store).order_by(assets.c.id).limit(AT_ONCE)).fetchall()


def _reason(row: Row[Any], file: Kept | None) -> str | None:
    if file is None:
        return "missing"
    return "other_length" if row.bytes is not None and file.bytes != row.bytes else None


def _nobodys(conn: Connection, files: Sequence[Kept]) -> list[Kept]:
    return [file for file in files if not is_known(conn, file.owner)]
