"""Passing a download on to Cloudinary, part by part, without ever holding more than a part of it."""

import secrets
from dataclasses import dataclass
from typing import Any

from reelhook.archive.digest import Digest
from reelhook.archive.errors import PlanLimit, StoreDown, StoreRefused, StoreUnavailable
from reelhook.archive.fetch import Download
from reelhook.archive.stores.cloudinary_api import Answer, CloudinaryApi
from reelhook.archive.stores.store import Asset
from reelhook.kit.backoff import full_jitter
from reelhook.kit.clock import Clock

PART = 6_000_000  # all parts but the last must have more than 5 MB; the SDK needs three to four times as much memory
ONE_REQUEST = 20_000_000  # up to here one is simpler; and images cannot come in parts: Cloudinary answers 500
SENDS = 3
LONGEST_WAIT_S = 5.0


@dataclass(frozen=True)
class Name:
    """What the file is called at Cloudinary. The same asset always has the same name, so sending it again is safe."""

    public_id: str
    kind: str
    filename: str

    def params(self, *, replace: bool) -> dict[str, Any]:
        params: dict[str, Any] = {"public_id": self.public_id, "asset_folder": self.public_id.rpartition("/")[0]}
        return params | ({"overwrite": True, "invalidate": True} if replace else {"overwrite": False})


class Relay:
    """One file on its way. `run` returns Cloudinary's last answer and the digest of what was sent."""

    def __init__(self, api: CloudinaryApi, clock: Clock, asset: Asset, name: Name, download: Download) -> None:
        self._api, self._clock, self._asset, self._name, self._download = api, clock, asset, name, download
        known = asset.unfinished or {}
        self._replace = bool(known.get("replace"))
        pinned = (known.get("etag"), known.get("length"))
        same = "id" in known and download.etag is not None and pinned == (download.etag, download.length)
        self._id = str(known["id"]) if same else secrets.token_hex(8)
        # Parts that Cloudinary confirmed to an earlier attempt are read again, for the digest, but not sent again.
        self._confirmed = int(known["sent"]) if same else 0
        self._doubtful = same  # a part may be there already, or the upload may be forgotten at Cloudinary's side
        self._answer: Answer | None = None
        self._digest = Digest(md5=True)

    async def run(self) -> tuple[Answer, Digest]:
        size = ONE_REQUEST if self._fits_one_request() else PART
        part = bytearray()
        async for piece in self._download.chunks:
            part += piece
            while len(part) > size:  # more than a part: so the last one is never sent before the stream has ended
                front = _front(part, size)
                del part[:size]
                await self._middle(front)
                del front
        last = bytes(part)
        part.clear()
        start = self._digest.length
        await self._count(last)
        if self._answer is None:
            self._answer = await self._send(last, start) if start else await self._patiently(last, None)
        return self._answer, self._digest

    async def _middle(self, part: bytes) -> None:
        self._check_parts_are_possible()
        start = self._digest.length
        await self._count(part)
        if self._answer is None and self._digest.length > self._confirmed:
            if start == 0:
                await self._remember(0)
            answer = await self._send(part, start)
            if answer.get("done") is False:
                await self._remember(self._digest.length)
            else:  # all of it is there already
                self._answer = answer

    def _fits_one_request(self) -> bool:
        length = self._download.length
        return self._name.kind == "image" or (length is not None and length <= ONE_REQUEST)

    def _check_parts_are_possible(self) -> None:
        if self._name.kind == "image":
            raise PlanLimit(f"the image has more than {ONE_REQUEST} bytes; Cloudinary takes images in one piece")
        if self._download.length is None:
            raise StoreRefused("the host does not say how long the file is, and Cloudinary must know it beforehand")

    async def _count(self, part: bytes) -> None:
        await self._api.in_thread(lambda: self._digest.update(part))

    async def _remember(self, sent: int) -> None:
        state = {"id": self._id, "etag": self._download.etag, "length": self._download.length, "sent": sent}
        await self._asset.remember(state | ({"replace": True} if self._replace else {}))

    async def _send(self, part: bytes, start: int) -> Answer:
        total = self._download.length
        stretch = f"bytes {start}-{start + len(part) - 1}/{total}"
        try:
            return await self._patiently(part, {"Content-Range": stretch, "X-Unique-Upload-Id": self._id})
        except PlanLimit:
            raise
        except StoreRefused as error:
            if not self._doubtful:
                raise
            await self._asset.remember({"replace": True} if self._replace else None)
            raise StoreUnavailable(f"the upload cannot be continued and begins anew: {error.message}") from error

    async def _patiently(self, body: bytes, headers: dict[str, str] | None) -> Answer:
        """Send it, up to three times: the outcome of a lost call is unknown, and the same again does no harm."""
        for attempt in range(1, SENDS):
            try:
                return await self._once(body, headers)
            except StoreDown:
                raise  # whatever is sent now is answered so; the work waits
            except StoreUnavailable:
                self._doubtful = True
            await self._clock.sleep(full_jitter(attempt, 0.5, base_s=1, cap_s=LONGEST_WAIT_S))
        return await self._once(body, headers)

    async def _once(self, body: bytes, headers: dict[str, str] | None) -> Answer:
        params = self._name.params(replace=self._replace)
        return await self._api.upload((self._name.filename, body), self._name.kind, headers=headers, **params)


def _front(part: bytearray, size: int) -> bytes:
    """A copy of the first *size* bytes; through a view, for a slice would be a copy more."""
    with memoryview(part) as view:
        return bytes(view[:size])
