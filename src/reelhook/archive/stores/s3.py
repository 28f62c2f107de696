"""Files in a bucket of S3, or of a service that speaks like it (R2, MinIO, Ceph…); served by ourselves."""

import secrets
from collections.abc import AsyncIterator

from reelhook import tracing
from reelhook.archive.digest import Digest
from reelhook.archive.errors import NotVerified, StoreRefused
from reelhook.archive.fetch import Download
from reelhook.archive.stores.names import location_of, owner_of
from reelhook.archive.stores.s3_bucket import PART, Bucket, Place
from reelhook.archive.stores.s3_sending import Sending
from reelhook.archive.stores.store import Asset, Stored, StoredFile, Usage
from reelhook.errors import NotFound
from reelhook.videos.owner import Owner

DOCTOR = b"reelhook doctor"


class S3Store:
    """Keeps files as `PREFIX/a1/ASSET_ID.mp4`. The bucket stays closed: nobody but us needs to read it."""

    def __init__(self, place: Place) -> None:
        self.place, self._bucket = place, Bucket(place)

    async def put(self, asset: Asset, download: Download) -> Stored:
        location = location_of(asset.id, download.content_type)
        sending = Sending(download.chunks, PART)
        etag = await self._bucket.put(location, sending, download.content_type)
        with tracing.span("verify"):
            if not sending.is_etag(etag):
                await self._read_back(location, sending)
        return Stored(
            location=location,
            url=None,
            bytes=sending.length,
            sha256=sending.sha256,
            md5=None,
            content_type=download.content_type,
            verified="digest",
        )

    async def delete(self, location: str) -> None:
        self.owner(location)
        await self._bucket.delete(location)

    def owner(self, location: str) -> Owner:
        found = owner_of(location)
        if found is None:
            raise StoreRefused(f"{location!r} is not a location in the bucket")
        return found

    async def files(self) -> AsyncIterator[StoredFile]:
        """Parts that a killed process left are not among them: only the bucket's own lifecycle rule removes those."""
        async for one in self._bucket.list():
            owner = owner_of(one.name)
            if owner is not None:
                yield StoredFile(one.name, one.bytes, one.modified_at, owner)

    async def check(self) -> None:
        name = f"check-{secrets.token_hex(4)}.txt"
        await self._bucket.put(name, Sending(_doctor(), PART), "text/plain")
        try:
            found = b"".join([piece async for piece in await self._bucket.read(name)])
        finally:
            await self._bucket.delete(name)
        if found != DOCTOR:
            raise NotVerified("the bucket gave back something other than what was sent")

    async def usage(self) -> Usage:
        """Buckets are never full, and how much is in one only a walk through all of it could tell."""
        return Usage()

    async def read(self, location: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """What is kept at *location*, from *start* up to *stop*. Raises *NotFound*, *StoreRefused*."""
        self.owner(location)
        return await self._bucket.read(location, start, stop)

    def close(self) -> None:
        """There are no threads of ours."""

    async def _read_back(self, location: str, sent: Sending) -> None:
        """What an etag does not prove, only the bytes can."""
        digest = Digest()
        try:
            async for piece in await self._bucket.read(location):
                digest.update(piece)
        except NotFound as error:
            raise NotVerified(f"what was sent is not there: {error.message}") from error
        if (digest.length, digest.sha256) != (sent.length, sent.sha256):
            raise NotVerified(f"the bucket holds {digest.length} other bytes than the {sent.length} that were sent")


async def _doctor() -> AsyncIterator[bytes]:
    yield DOCTOR
