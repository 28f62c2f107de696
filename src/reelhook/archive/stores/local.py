"""Files on our own disk, served by ourselves."""

import asyncio
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TypeVar

from reelhook import tracing
from reelhook.archive.digest import Digest
from reelhook.archive.errors import NotVerified, StoreDown, StoreFull, StoreRefused
from reelhook.archive.fetch import Download
from reelhook.archive.stores.local_files import PARTIAL, files_in, our_folders, owner_of
from reelhook.archive.stores.names import LOCATION, location_of
from reelhook.archive.stores.store import Asset, Stored, StoredFile, Usage
from reelhook.kit.files import make_folder, sync_folder
from reelhook.videos.owner import Owner

T = TypeVar("T")

THREADS = 4
BLOCK = 1024 * 1024  # written at once
REREAD = 64 * BLOCK  # verified at once: a stopping process waits for no more than that
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class LocalStore:
    """Keeps files under *root*, as `a1/ASSET_ID.mp4`; readable by our own user only."""

    def __init__(self, root: Path) -> None:
        self._root, self._rooted = root, False
        # Threads of its own: a slow disk holds up other files, and nothing else.
        self._threads = ThreadPoolExecutor(THREADS, "local-store")

    async def put(self, asset: Asset, download: Download) -> Stored:
        location = location_of(asset.id, download.content_type)
        partial = _Partial(self._root, asset.id)
        try:
            await self._run(self._make_root)
            await self._run(partial.begin)
            async for pieces in _together(download.chunks):
                await self._run(lambda pieces=pieces: partial.write(*pieces))  # type: ignore[misc]
            await self._run(partial.sync)
            with tracing.span("verify"):
                while not await self._run(partial.verify_more):
                    continue
            await self._run(lambda: partial.publish(self._root / location))
        finally:
            # Also when we are cancelled: a write that is still under way holds the lock that this waits for.
            await self._run(partial.discard)
        digest = partial.digest
        return Stored(
            location=location,
            url=None,
            bytes=digest.length,
            sha256=digest.sha256,
            md5=None,
            content_type=download.content_type,
            verified="digest",
        )

    async def delete(self, location: str) -> None:
        self.owner(location)
        await self._run(lambda: (self._root / location).unlink(missing_ok=True))

    def owner(self, location: str) -> Owner:
        found = owner_of(location)
        if found is None:
            raise StoreRefused(f"{location!r} is not a location in the local store")
        return found

    async def files(self) -> AsyncIterator[StoredFile]:
        for folder in await self._run(lambda: our_folders(self._root)):
            for file in await self._run(lambda folder=folder: files_in(self._root, folder)):  # type: ignore[misc]
                yield file

    async def check(self) -> None:
        await self._run(self._try_out)

    async def usage(self) -> Usage:
        """Of the disk that the folder is on, whatever else is kept there. Raises *StoreDown*."""
        return await self._run(self._disk)

    def path(self, location: str) -> Path:
        """The file at *location*. Raises *StoreRefused* for what is no location of ours."""
        if not LOCATION.fullmatch(location):
            raise StoreRefused(f"{location!r} is not a location in the local store")
        return self._root / location

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _make_root(self) -> None:
        """Once is enough, as long as nobody takes it away."""
        if not (self._rooted and self._root.exists()):
            make_folder(self._root)
            self._rooted = True

    def _disk(self) -> Usage:
        self._make_root()
        disk = shutil.disk_usage(self._root)
        return Usage(used=disk.used, free=disk.free)

    def _try_out(self) -> None:
        partial = _Partial(self._root, f"check-{secrets.token_hex(4)}")
        try:
            self._make_root()
            partial.begin()
            partial.write(b"reelhook doctor")
            partial.sync()
            partial.verify_more()
        finally:
            partial.discard()

    async def _run(self, work: Callable[[], T]) -> T:
        """*work* in a thread, its trouble in our words."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except OSError as error:
            raise self._explained(error) from error

    def _explained(self, error: OSError) -> StoreDown:
        """Nothing of it is about one file: an operator can free space, mount a disk or mend permissions meanwhile."""
        if error.errno in FULL:
            return StoreFull(f"no space left in {self._root}", retry_after_s=60)
        return StoreDown(f"{self._root} cannot be used: {error.strerror or error}")


async def _together(pieces: AsyncIterator[bytes]) -> AsyncGenerator[list[bytes]]:
    """So many *pieces* at a time as are worth a turn in a thread; not joined, for that would be one more copy."""
    waiting, length = [], 0
    async for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= BLOCK:
            yield waiting
            waiting, length = [], 0
    yield waiting


class _Partial:
    """A file that is not whole yet, beside the finished ones and on the same disk. Its methods block.

    A lock makes it safe to discard while a write is still under way in another thread.
    """

    def __init__(self, root: Path, asset_id: str) -> None:
        self._folder, self._asset_id = root / PARTIAL, asset_id
        self._path = self._folder / f"{asset_id}.{secrets.token_hex(4)}"
        self._lock, self._given_up = Lock(), False
        self._descriptor = -1
        self._reread = hashlib.sha256()
        self._verified = 0
        self.digest = Digest()

    def begin(self) -> None:
        """Create it. What dead attempts at the same asset have left is removed; each begins at the start."""
        with self._lock:
            self._check()
            self._folder.mkdir(mode=0o700, exist_ok=True)
            for left in self._folder.glob(f"{self._asset_id}.*"):
                left.unlink(missing_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, *pieces: bytes) -> None:
        with self._lock:
            self._check()
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
                self.digest.update(piece)

    def sync(self) -> None:
        with self._lock:
            self._check()
            os.fsync(self._descriptor)

    def verify_more(self) -> bool:
        """Read back a stretch of what was written; True when all of it was. Raises *NotVerified*."""
        with self._lock:
            self._check()
            stop = min(self._verified + REREAD, self.digest.length)
            while block := os.pread(self._descriptor, min(BLOCK, stop - self._verified), self._verified):
                self._reread.update(block)
                self._verified += len(block)
            if self._verified < stop:
                raise NotVerified(f"{self._verified} of {self.digest.length} bytes are on the disk")
            if stop < self.digest.length:
                return False
            if os.fstat(self._descriptor).st_size != stop or self._reread.hexdigest() != self.digest.sha256:
                raise NotVerified("what is on the disk is not what was downloaded")
            return True

    def publish(self, path: Path) -> None:
        """Give it its final name, so that it survives a power cut: first the file, then the name, then the folders."""
        with self._lock:
            self._check()
            path.parent.mkdir(mode=0o700, exist_ok=True)
            os.replace(self._path, path)
            sync_folder(path.parent)
            sync_folder(path.parent.parent)

    def discard(self) -> None:
        """Close it, and remove it unless it was published."""
        with self._lock:
            self._given_up = True
            if self._descriptor >= 0:
                descriptor, self._descriptor = self._descriptor, -1
                os.close(descriptor)
                self._path.unlink(missing_ok=True)

    def _check(self) -> None:
        if self._given_up:
            raise OSError(errno.ECANCELED, "the attempt was given up")
