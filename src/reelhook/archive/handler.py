"""The jobs of the archive: keep one file of a video for good, and delete what is kept."""

from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from itertools import product
from typing import Any

from sqlalchemy import Connection, Row, select, update

from reelhook import logs, metrics, tracing
from reelhook.archive.errors import (
    LinkUsedUp,
    NotMedia,
    NotVerified,
    OtherBytes,
    StoreRefused,
    StoreUnavailable,
    WrongMedia,
)
from reelhook.archive.fetch import Fetcher
from reelhook.archive.links import MAIN, Link, Links
from reelhook.archive.outcome import ENDS, Outcome, Settling
from reelhook.archive.progress import Progress, Tell, untold
from reelhook.archive.stores.store import Asset, Store, Unfinished
from reelhook.db import Database, Tx
from reelhook.db.tables import assets, videos
from reelhook.errors import DatabaseUnavailable, ReelhookError
from reelhook.jobs import Destinations, Effect, Failure, Postpone
from reelhook.jobs.kinds import ArchiveAsset, DeleteStored
from reelhook.kit.clock import Clock
from reelhook.videos import Lifecycle, State
from reelhook.videos.owner import is_known

log = logs.get("archive")

# Beyond DOWNLOAD_LIMIT_S: the question to HeyGen, one fresh start within the attempt, the last part, the verification.
MARGIN_S = 900.0


def archive_limit_s(download_limit_s: float) -> float:
    """The longest time one attempt may take: a download that fails at its limit may be started once more."""
    return 2 * download_limit_s + MARGIN_S


class ArchiveHandler:
    """Fetches an asset, stores it, and lets its video move on. *tell* is how browsers hear of progress."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        lifecycle: Lifecycle,
        settling: Settling,
        fetcher: Fetcher,
        links: Links,
        stores: Mapping[str, Store],
        destinations: Destinations,
        tell: Tell,
    ) -> None:
        self._db, self._clock, self._lifecycle, self._settling = db, clock, lifecycle, settling
        self._fetcher, self._links, self._stores, self._tell = fetcher, links, stores, tell
        self._destinations = destinations
        for store, end in product(stores, ENDS):
            metrics.ARCHIVES.labels(store, end)  # from 0 on: of a counter that begins at 1 nobody sees it rise

    async def __call__(self, work: ArchiveAsset) -> Effect | None:
        found = await self._db.read(lambda conn: _load(conn, work))
        if found is None:
            return None  # the video was deleted
        video, asset = found
        if asset.state == "stored" or (
            asset.role == MAIN and not await self._db.write(lambda tx: self._begin(tx, work))
        ):
            return None
        started = self._clock.monotonic()
        tell = self._tell if asset.role == MAIN else untold
        progress = Progress(tell, self._clock, video.id, video.subject)
        try:
            outcome = await self._keep(video, asset, progress)
        except DatabaseUnavailable:
            raise
        except Postpone as wait:
            reason = str(wait)
            await self._db.write(lambda tx: self._settling.waits(tx, work, asset.role, reason))
            raise
        except Exception as error:
            failure = Failure.of(error)
            await self._db.write(lambda tx: self._settling.failed(tx, work, asset.role, failure, progress))
            raise
        took = self._clock.monotonic() - started
        return lambda tx: self._settling.stored(tx, work, asset.role, outcome, took)

    def on_dead(self, tx: Tx, work: ArchiveAsset, failure: Failure) -> None:
        """All attempts are used, or another cannot help."""
        self._settling.dead(tx, work, failure)

    def _begin(self, tx: Tx, work: ArchiveAsset) -> bool:
        """Show that it begins. False when the video is past that, or was deleted.

        A ready video whose file is gone stays ready while it is fetched again.
        """
        video = tx.execute(select(videos.c.state).where(videos.c.id == work.video_id)).first()
        if video is None:
            return False
        if video.state in (State.ARCHIVING, State.READY):
            return True
        return self._lifecycle.transition(tx, work.video_id, State.ARCHIVING, "Storing the video for good")

    async def _keep(self, video: Row[Any], asset: Row[Any], progress: Progress) -> Outcome:
        store = self._stores.get(asset.store)
        if store is None:
            raise StoreRefused(f"the store {asset.store} is not among REELHOOK_STORES")
        link = await self._links.first(video, asset)
        try:
            return await self._relay(asset, link, store, progress)
        except OtherBytes as error:
            log.warning("archive.replaces", video_id=video.id, error=error.message)
            again = link
        except ReelhookError as error:
            if not error.needs_fresh_link:
                raise
            if not self._links.can_refresh(video):
                raise self._final(error, asset) from error
            again = await self._links.fresh(video, asset, instead_of=link.url)
        return await self._relay(asset, again, store, progress)

    async def _relay(self, asset: Row[Any], link: Link, store: Store, progress: Progress) -> Outcome:
        kept = select(assets.c.upload).where(assets.c.id == asset.id)
        unfinished = await self._db.read(lambda conn: conn.execute(kept).scalar())
        target = Asset(asset.id, asset.video_id, asset.role, unfinished, lambda state: self._remember(asset.id, state))
        reach = self._destinations.reach(asset.store, StoreRefused, NotVerified)
        async with reach, AsyncExitStack() as connection:
            with tracing.span("fetch", "client", about={"role": asset.role}):
                download = await connection.enter_async_context(self._fetcher.open(link.url, asset.role, progress))
                tracing.note(bytes=download.length, content_type=download.content_type)
            with tracing.span("store", "client", about={"role": asset.role, "store": asset.store}):
                with _errors_counted(asset.store):
                    stored = await store.put(target, download)
                tracing.note(bytes=stored.bytes, verified=stored.verified)
        return Outcome(stored, asset.store, link)

    def _final(self, error: ReelhookError, asset: Row[Any]) -> ReelhookError:
        """Nobody can be asked for another link, and this one will not lead to another file.

        Only a host may be late in showing it, so a link that is still alive is tried again.
        """
        if isinstance(error, NotMedia):
            return WrongMedia(error.message)
        if asset.link_expires_at is None or self._clock.now() < asset.link_expires_at:
            return error
        return LinkUsedUp(f"{error.message}; a fresh link needs REELHOOK_HEYGEN_API_KEY")

    async def _remember(self, asset_id: str, state: Unfinished | None) -> None:
        await self._db.write(lambda tx: tx.execute(update(assets).where(assets.c.id == asset_id).values(upload=state)))


class DeleteHandler:
    """Deletes a stored file that no asset needs: its video was deleted, or it never had a row."""

    def __init__(self, db: Database, stores: Mapping[str, Store], destinations: Destinations) -> None:
        self._db, self._stores, self._destinations = db, stores, destinations

    async def __call__(self, work: DeleteStored) -> Effect | None:
        store = self._stores.get(work.store)
        if store is None:
            raise StoreRefused(f"the store {work.store} is not among REELHOOK_STORES; {work.location} is still in it")
        owner = store.owner(work.location)
        if await self._db.read(lambda conn: is_known(conn, owner)):
            log.warning("archive.not_deleted", store=work.store, location=work.location, error="it is needed after all")
            return None
        async with self._destinations.reach(work.store):
            with _errors_counted(work.store):
                await store.delete(work.location)
        log.info("archive.deleted", store=work.store, location=work.location)
        return None


@contextmanager
def _errors_counted(store: str) -> Iterator[None]:
    try:
        yield
    except (StoreRefused, StoreUnavailable) as error:
        metrics.STORE_ERRORS.labels(store, error.code).inc()
        raise


def _load(conn: Connection, work: ArchiveAsset) -> tuple[Row[Any], Row[Any]] | None:
    video = conn.execute(select(videos).where(videos.c.id == work.video_id)).first()
    asset = conn.execute(select(assets).where(assets.c.id == work.asset_id)).first()
    return (video, asset) if video is not None and asset is not None else None
