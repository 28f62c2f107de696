"""Files in a Cloudinary cloud, delivered by it."""

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from reelhook import logs, tracing
from reelhook.archive.digest import Digest
from reelhook.archive.errors import (
    NotVerified,
    OtherBytes,
    OtherBytesAgain,
    PlanLimit,
    StoreRefused,
    StoreUnauthorized,
    StoreUnavailable,
)
from reelhook.archive.fetch import Download
from reelhook.archive.media_types import EXTENSIONS
from reelhook.archive.stores.cloudinary_account import Account
from reelhook.archive.stores.cloudinary_api import Answer, CloudinaryApi
from reelhook.archive.stores.cloudinary_errors import SourceNotLoaded, plan_limit
from reelhook.archive.stores.cloudinary_files import KINDS, PREFIX, files_of, owner_of
from reelhook.archive.stores.cloudinary_relay import Name, Relay
from reelhook.archive.stores.store import Asset, Stored, StoredFile, Usage
from reelhook.kit.clock import Clock
from reelhook.kit.text import shorten, storable
from reelhook.videos.owner import Owner

log = logs.get("archive")

REMOTE_MOST = 100_000_000  # what Cloudinary fetches from an address while we wait
LIMITS_KEPT_S = 24 * 3600.0
USAGE_KEPT_S = 600.0
LONGEST_NAME = 40
POSTER = "c_limit,q_auto,so_auto,w_1280"  # the frame that Cloudinary finds most telling


class CloudinaryStore:
    """Relays files to Cloudinary, verified by our own digests; with *remote_fetch* it fetches them itself."""

    def __init__(self, account: Account, clock: Clock, *, remote_fetch: bool = False) -> None:
        self._account, self._clock, self._remote_fetch = account, clock, remote_fetch
        self._api = CloudinaryApi(account)
        self._limits: tuple[float, Mapping[str, Any]] | None = None
        self._usage: tuple[float, Usage] | None = None

    async def put(self, asset: Asset, download: Download) -> Stored:
        kind = KINDS[asset.role]
        if asset.role == "gif" and download.content_type.startswith("video/"):
            kind = "video"
        await self._check_plan(kind, download.length)
        filename = f"{asset.role}.{EXTENSIONS[download.content_type]}"
        name = Name(f"{PREFIX}{asset.video_id}/{asset.role}", kind, filename)
        if self._remote_fetch and (answer := await self._fetched(asset, name, download)):
            return await self._stored(asset, name, download, answer, download.length or 0, None)
        answer, digest = await Relay(self._api, self._clock, asset, name, download).run()
        return await self._stored(asset, name, download, answer, digest.length, digest)

    async def delete(self, location: str) -> None:
        self.owner(location)
        kind, _, public_id = location.partition("/")
        await self._api.destroy(public_id, kind)

    def owner(self, location: str) -> Owner:
        found = owner_of(location)
        if found is None:
            raise StoreRefused(f"{location!r} is not a location in Cloudinary")
        return found

    async def files(self) -> AsyncIterator[StoredFile]:
        """Each page is one call of the Admin API, which has a quota: not to be asked for often."""
        for kind in sorted(set(KINDS.values())):
            cursor: str | None = ""
            while cursor is not None:
                answer = await self._api.resources(kind, PREFIX, cursor)
                for file in files_of(kind, answer):
                    yield file
                cursor = answer.get("next_cursor")

    async def check(self) -> None:
        """Write and delete a text file; what Cloudinary says of it is the reading. The plan must be readable too."""
        await self._api.media_limits()
        name, text = f"{PREFIX}doctor-{secrets.token_hex(4)}", b"reelhook doctor"
        answer = await self._api.upload(("doctor.txt", text), "raw", public_id=name, overwrite=True)
        digest = Digest(md5=True)
        digest.update(text)
        self._check_answer(answer, name)
        await self._api.destroy(name, "raw")
        if not _same(answer, digest.length, digest):
            raise NotVerified("Cloudinary stored something other than what was sent")

    async def usage(self) -> Usage:
        now = self._clock.monotonic()
        if self._usage is None or self._usage[0] < now:
            self._usage = now + USAGE_KEPT_S, _usage(await self._api.usage())
        return self._usage[1]

    def close(self) -> None:
        self._api.close()

    async def _check_plan(self, kind: str, length: int | None) -> None:
        """Cloudinary itself says no only when all was sent."""
        most = (await self._plan()).get(f"{kind}_max_size_bytes")
        if isinstance(most, int) and length is not None and length > most:
            raise PlanLimit(plan_limit(length, most))

    async def _plan(self) -> Mapping[str, Any]:
        now = self._clock.monotonic()
        if self._limits is None or self._limits[0] < now:
            try:
                self._limits = now + LIMITS_KEPT_S, await self._api.media_limits()
            except StoreUnauthorized:
                raise
            except StoreUnavailable as error:  # the Admin API has a quota; uploads have none
                log.warning("cloudinary.plan_unknown", error=error.message)
                return {}
        return self._limits[1]

    async def _fetched(self, asset: Asset, name: Name, download: Download) -> Answer | None:
        """What Cloudinary fetched by itself; None when it should not or could not, and we relay.

        Raises *SourceNotLoaded* the first time that it could not load the link; after the second we relay.
        """
        known = asset.unfinished or {}
        if "replace" in known or "id" in known or download.length is None or download.length > REMOTE_MOST:
            return None
        try:
            return await self._api.upload(download.url, name.kind, **name.params(replace=False))
        except SourceNotLoaded as error:
            log.warning("cloudinary.link_not_loaded", video_id=asset.video_id, error=error.message)
            if "not_loaded" in known:
                return None
            await asset.remember({"not_loaded": error.message})
            raise
        except (StoreRefused, StoreUnavailable) as error:
            log.warning("cloudinary.relays_instead", video_id=asset.video_id, error=error.message)
            return None

    async def _stored(
        self, asset: Asset, name: Name, download: Download, answer: Answer, length: int, digest: Digest | None
    ) -> Stored:
        """Believe the answer only when it is about our file, signed, and has our bytes (P4)."""
        with tracing.span("verify"):
            url = self._check_answer(answer, name.public_id)
            if not _same(answer, length, digest):
                await self._replace_or_fail(asset, answer, length)
        return Stored(
            location=f"{name.kind}/{name.public_id}",
            url=url,
            bytes=length,
            sha256=digest.sha256 if digest else None,
            md5=str(answer.get("etag")),
            content_type=download.content_type,
            verified="digest" if digest else "length",
            poster_url=poster_of(url) if asset.role == "video" else None,
        )

    def _check_answer(self, answer: Answer, public_id: str) -> str:
        """The file's address, when the answer is Cloudinary's and about *public_id*."""
        url = answer.get("secure_url")
        if answer.get("public_id") != public_id or not isinstance(url, str) or not self._account.signed(answer):
            raise NotVerified("Cloudinary's answer is not about our file, or its signature is not right")
        return url

    async def _replace_or_fail(self, asset: Asset, answer: Answer, length: int) -> None:
        """Another file is under our name. It is replaced once; when that does not help, a person must look."""
        found = f"Cloudinary holds {answer.get('bytes')} bytes under {answer.get('public_id')}, the video has {length}"
        if (asset.unfinished or {}).get("replace"):
            await asset.remember(None)
            raise OtherBytesAgain(f"{found}, or their digests differ; replacing it did not help")
        await asset.remember({"replace": True})
        raise OtherBytes(f"{found}, or their digests differ; it is replaced")


def _usage(answer: Answer) -> Usage:
    """Most plans are measured in credits, of which no free space can be told; others limit several things apart."""
    storage, plan = answer.get("storage"), answer.get("plan")
    used = storage.get("usage") if isinstance(storage, dict) else None
    percent, of = max(_used_up(answer), default=(None, None))
    return Usage(
        used=used if isinstance(used, int) else None,
        plan=plan if isinstance(plan, str) else None,
        percent=percent,
        of=of,
    )


def _used_up(answer: Answer) -> Iterator[tuple[float, str]]:
    """How much of each thing that the plan limits is used up, in percent."""
    for name, told in answer.items():
        percent = told.get("used_percent") if isinstance(told, dict) else None
        if isinstance(percent, int | float):
            yield float(percent), shorten(storable(name), LONGEST_NAME)


def _same(answer: Answer, length: int, digest: Digest | None) -> bool:
    return answer.get("bytes") == length and (digest is None or answer.get("etag") == digest.md5)


def poster_of(url: str) -> str:
    """The address of a still of the video at *url*, versioned like it."""
    front, _, back = url.partition("/upload/")
    return f"{front}/upload/{POSTER}/{back.rpartition('.')[0]}.jpg"
