"""Backups made while the service runs: in a thread of their own, one at a time, and given up when it stops."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from reelhook import logs
from reelhook.auth import Audit, Principal
from reelhook.backup.errors import BackupGivenUp, BackupRunning, EmbeddedOnly
from reelhook.backup.making import Making, key_to_put_in
from reelhook.backup.manifest import DATABASE, KEY, Manifest
from reelhook.db import Database
from reelhook.errors import ReelhookError
from reelhook.kit.clock import Clock

T = TypeVar("T")

log = logs.get("backup")

# While a copy is made the database's log grows, so an end must come: for a disk that crawls, not for a large database.
LIMIT_S = 3600.0
LET_GO_S = 10.0  # how long a stopping process waits for a step that is under way


class Watch:
    """Whether a backup may go on. Its thread asks between two steps; anybody may end it."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._until = clock, clock.monotonic() + LIMIT_S
        self._reason: str | None = None

    def give_up(self, reason: str) -> None:
        self._reason = self._reason or reason

    def check(self) -> None:
        if self._clock.monotonic() > self._until:
            self.give_up(f"it took longer than {LIMIT_S:g} s")
        if self._reason is not None:
            raise BackupGivenUp(f"the backup was given up: {self._reason}")


class Backups:
    """Backups of the database this process owns. *key* is the file of the key, None when a setting gives it."""

    def __init__(self, db: Database, audit: Audit, clock: Clock, key: Path | None) -> None:
        self._db, self._audit, self._clock, self._key = db, audit, clock, key
        self._threads = ThreadPoolExecutor(1, "backup")
        self._lock = asyncio.Lock()
        self._watch: Watch | None = None
        self._closed = False

    async def make(self, by: Principal, target: Path, *, with_key: bool) -> Manifest:
        """Make one in the folder *target*, which is not there yet; return when it is on the disk.

        Everything that was committed before the call is in it. Raises *EmbeddedOnly*, *BackupRunning*, *BackupExists*,
        *BackupFailed*, *BackupGivenUp*, *WrongInput*; then nothing of it is left.
        """
        source, key = self._source(), key_to_put_in(self._key, with_key)
        if self._closed:
            raise BackupGivenUp("the server is stopping; ask again when it is back")
        if self._lock.locked():
            raise BackupRunning("another backup is being made; wait until it has ended")
        async with self._lock:
            try:
                manifest = await self._made(by, source, target, key)
            except ReelhookError as error:
                log.warning("backup.failed", path=str(target), error=error.message)
                raise
        log.info("backup.made", path=str(target), bytes=manifest.files[DATABASE].bytes, with_key=KEY in manifest.files)
        return manifest

    def give_up(self, reason: str) -> None:
        """End the backup that is being made, if one is, within some milliseconds."""
        if self._watch is not None:
            self._watch.give_up(reason)

    def begin_stop(self) -> None:
        self._closed = True
        self.give_up("the server is stopping")

    async def close(self) -> None:
        """Return when none is being made, and none will be; a disk that hangs is not waited for."""
        self.begin_stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(LET_GO_S), self._lock:
                pass
        self._threads.shutdown(wait=False)

    async def _made(self, by: Principal, source: Path, target: Path, key: Path | None) -> Manifest:
        self._watch = watch = Watch(self._clock)
        making, at = Making(source, target, watch.check), self._clock.now()
        try:
            manifest = await self._in_thread(lambda: making.stage(at, key))
            # Before it can be carried away, there is a record that it was.
            await self._record(by, target, manifest)
            await self._in_thread(making.publish)
        finally:
            watch.give_up("whoever asked for it is gone")  # when we are cancelled, its thread still works
            await self._in_thread(making.discard)
        return manifest

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _record(self, by: Principal, target: Path, manifest: Manifest) -> None:
        told: dict[str, Any] = {"bytes": manifest.files[DATABASE].bytes, "with_key": KEY in manifest.files}
        await self._db.write(lambda tx: self._audit.record(tx, by, "backup.create", str(target), **told))

    def _source(self) -> Path:
        if not self._db.is_sqlite:
            raise EmbeddedOnly(
                "backup copies the embedded SQLite database; with Postgres use pg_dump or its point-in-time recovery"
            )
        return Path(str(self._db.url.database))
