"""One bucket behind S3's protocol, by obstore: every wait in it has a limit, every error is one of ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.store import S3Store as Objects

from reelhook.archive.errors import StoreUnavailable
from reelhook.archive.stores.s3_errors import ERRORS, explained
from reelhook.archive.stores.s3_sending import Sending
from reelhook.errors import NotFound

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult
    from obstore.store import S3Config

# All parts but the last are as large as this: S3 allows 10,000, so that a file may have 83 GB.
PART = 8 * 1024 * 1024
AT_ONCE = 2  # parts of one file that are under way; each is held in memory
CONNECT_S, SILENT_S, CALL_S = 5, 60, 3600  # a call may be a film that is being watched
RETRIES, RETRY_S = 2, 15
ABORT_S = 10.0
PIECE = 256 * 1024  # read at once
PAGE = 1000


@dataclass(frozen=True)
class Place:
    """Where the bucket is. What is None is found as AWS's tools find it: in the environment, or by a machine's role."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    key_id: str | None = None
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """An object in the bucket; *name* without the prefix."""

    name: str
    bytes: int
    modified_at: datetime


class Bucket:
    """The calls we make. Each raises a *ReelhookError*; *StoreUnavailable* also when the outcome is unknown."""

    def __init__(self, place: Place) -> None:
        self.place = place
        # One object is deleted by a request that every service knows, Google's too.
        named: S3Config = {"disable_bulk_delete": True}
        if place.endpoint is not None:
            named["endpoint"] = place.endpoint
        if place.region is not None:
            named["region"] = place.region
        if place.key_id is not None and place.key is not None:
            named |= {"access_key_id": place.key_id, "secret_access_key": place.key}
        self._objects = Objects(
            place.bucket,
            prefix=place.prefix or None,
            client_options={
                "allow_http": (place.endpoint or "").startswith("http://"),
                "connect_timeout": timedelta(seconds=CONNECT_S),
                "read_timeout": timedelta(seconds=SILENT_S),
                "timeout": timedelta(seconds=CALL_S),
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_S)},
            config=named,
        )

    async def put(self, name: str, sending: Sending, content_type: str) -> str:
        """Keep the file, whole or not at all; returns the etag that the service made of what it holds."""
        sent = asyncio.ensure_future(
            obstore.put_async(
                self._objects,
                name,
                sending,
                attributes={"Content-Type": content_type},
                chunk_size=PART,
                max_concurrency=AT_ONCE,
            )
        )
        try:
            with self._explained():
                return (await asyncio.shield(sent))["e_tag"] or ""
        except NotFound as error:
            raise StoreUnavailable(f"the upload was forgotten: {error.message}") from error
        except asyncio.CancelledError:
            # Cancelled itself, it would leave its parts in the bucket, which are paid for and seen by nobody.
            sending.give_up()
            await asyncio.wait([sent], timeout=ABORT_S)
            raise
        finally:
            sent.cancel()

    async def read(self, name: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from *start* up to *stop*, None: to the end. It has answered when this returns.

        Raises *NotFound* for what is not there. Reading may raise as well.
        """
        with self._explained():
            options: GetOptions = {} if stop is None else {"range": (start, stop)}
            return self._pieces(await obstore.get_async(self._objects, name, options=options))

    async def delete(self, name: str) -> None:
        """Remove it; fine when it is not there."""
        with suppress(NotFound), self._explained():
            await obstore.delete_async(self._objects, name)

    async def list(self) -> AsyncIterator[Listed]:
        """Everything below the prefix."""
        with self._explained():
            async for page in obstore.list(self._objects, chunk_size=PAGE):
                for one in page:
                    yield Listed(one["path"], one["size"], one["last_modified"])

    async def _pieces(self, answer: "GetResult") -> AsyncIterator[bytes]:
        with self._explained():
            async for piece in answer.stream(min_chunk_size=PIECE):
                yield bytes(piece)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ERRORS as error:
            raise explained(error, self.place.bucket) from error
