"""The official SDK, in threads of its own: no call blocks the loop, none takes longer than a minute."""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import cloudinary.uploader
import urllib3
from cloudinary.api_client.execute_request import execute_request

from reelhook.archive.errors import StoreUnavailable
from reelhook.archive.stores.cloudinary_account import Account
from reelhook.archive.stores.cloudinary_errors import explained
from reelhook.errors import ReelhookError

T = TypeVar("T")
Answer = dict[str, Any]

THREADS = 8
CALL_S = 50.0
PAGE = 500  # the most that one answer lists


class Until(urllib3.Timeout):
    """One deadline for a call and all its retries.

    urllib3 tries to connect up to four times with the whole timeout each, and takes the connect timeout for sending the
    body as well: neither a large number nor a small one is right.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(total=seconds)
        self._end = time.monotonic() + seconds

    def clone(self) -> urllib3.Timeout:
        return urllib3.Timeout(total=max(0.05, self._end - time.monotonic()))


class CloudinaryApi:
    """The calls we make. Each raises a *ReelhookError*; *StoreUnavailable* also when the outcome is unknown."""

    def __init__(self, account: Account, *, call_s: float = CALL_S) -> None:
        self._account, self._call_s = account, call_s
        self._threads = ThreadPoolExecutor(THREADS, "cloudinary")
        # The SDK's Admin calls sleep for as long as a Retry-After says, in our thread. This pool does not retry at all.
        self._admin = urllib3.PoolManager(retries=False, **cloudinary.CERT_KWARGS)

    async def upload(
        self, file: tuple[str, bytes] | str, kind: str, *, headers: Mapping[str, str] | None = None, **params: Any
    ) -> Answer:
        """Upload bytes with a name, or let Cloudinary fetch an address; *kind* is `video`, `image` or `raw`."""
        call = cloudinary.uploader.upload
        return await self._call(lambda: call(file, http_headers=headers, **self._options(kind), **params))

    async def destroy(self, public_id: str, kind: str) -> None:
        """Delete an asset and its copies in the CDN; fine when it is not there."""
        call = cloudinary.uploader.destroy
        answer = await self._call(lambda: call(public_id, invalidate=True, **self._options(kind)))
        if answer.get("result") not in ("ok", "not found"):
            raise StoreUnavailable(f"Cloudinary did not delete {public_id}: {answer.get('result')}")

    async def usage(self) -> Answer:
        """The plan, and what is used of it."""
        return await self._get("usage", {})

    async def media_limits(self) -> Mapping[str, Any]:
        """What the plan allows, e.g. `video_max_size_bytes`."""
        limits = (await self.usage()).get("media_limits")
        return limits if isinstance(limits, dict) else {}

    async def resources(self, kind: str, prefix: str, cursor: str) -> Answer:
        """A page of the uploaded assets whose names begin with *prefix*; its `next_cursor`, if any, gets the next."""
        query = {"prefix": prefix, "max_results": PAGE} | ({"next_cursor": cursor} if cursor else {})
        return await self._get(f"resources/{kind}/upload", query)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run slow work that is not a call, such as a digest of many bytes."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._admin.clear()

    async def _get(self, path: str, query: Mapping[str, Any]) -> Answer:
        """Ask the Admin API."""
        account = self._account
        url = f"{account.prefix}/v1_1/{account.cloud}/{path}"
        auth, params, call = {"key": account.key, "secret": account.secret}, dict(query), execute_request
        return await self._call(lambda: call(self._admin, "GET", params, {}, auth, url, timeout=Until(self._call_s)))

    def _options(self, kind: str) -> dict[str, Any]:
        return {
            **self._account.options,
            "resource_type": kind,
            "return_error": True,
            "timeout": Until(self._call_s),
        }

    async def _call(self, call: Callable[[], Any]) -> Answer:
        answer = await self.in_thread(lambda: _answered(call))
        if isinstance(answer, ReelhookError):
            raise answer
        return answer


def _answered(call: Callable[[], Any]) -> Answer | ReelhookError:
    """The SDK raises its own errors, urllib3's, and plain `Exception`."""
    try:
        answer: object = call()
    except Exception as error:  # noqa: BLE001 - see above
        return explained(None, str(error))
    if not isinstance(answer, dict):
        return StoreUnavailable("Cloudinary's answer is no object")
    trouble = answer.get("error")
    if trouble is not None:
        return explained(trouble["http_code"], str(trouble.get("message")))
    return answer
