"""`GET` and `HEAD /media/{asset_id}`: files that we hand out, in ranges as players ask for them.

With `?as=vtt` captions that were stored as SubRip come as WebVTT.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, select
from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from reelhook.archive import captions
from reelhook.archive.media_types import EXTENSIONS
from reelhook.archive.shelves import File, Shelf, sensible, shelves
from reelhook.archive.stores import Store
from reelhook.auth import Principal
from reelhook.db import Database
from reelhook.db.tables import assets, videos
from reelhook.errors import Forbidden, NotFound, ReelhookError, Unauthorized
from reelhook.kit import etags, problem
from reelhook.kit.clock import Clock
from reelhook.kit.text import storable

# The address names one file for ever, but not everybody may see it.
CACHE = "private, max-age=31536000, immutable"
# What came by these may be kept no longer than they last: their end is part of what they promise.
FOR_A_WHILE = frozenset({"token", "link"})
NAME_LENGTH = 120
FORBIDDEN_IN_NAMES = re.compile(r'[\\/:*?"<>|]+')


class MediaEndpoint:
    """Plain ASGI, below `/media/`. What the caller may not see is not there."""

    def __init__(self, db: Database, clock: Clock, stores: Mapping[str, Store]) -> None:
        self._db, self._clock, self._shelves = db, clock, shelves(stores)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await problem.answer(
                send, 405, "method_not_allowed", "media can only be read", headers={"allow": "GET, HEAD"}
            )
            return
        try:
            response, headers = await self._response(scope)
        except ReelhookError as error:
            await problem.answer(send, error.status, error.code, error.message, head=scope["method"] == "HEAD")
            return
        await response({**scope, "headers": headers}, receive, send)

    async def _response(self, scope: Scope) -> tuple[Response, list[tuple[bytes, bytes]]]:
        """The answer, and the request's headers as it should see them."""
        principal = _caller(scope)
        asset = await self._find(principal, scope["path"].rpartition("/")[2])
        headers, asked = Headers(scope=scope), QueryParams(scope["query_string"])
        own = _headers(asset, self._kept(principal), download=asked.get("download") == "1")
        converts = asked.get("as") == "vtt" and asset.content_type == captions.SUBRIP
        if converts:
            own["etag"] = f'"{asset.sha256}-vtt"'
        if etags.matches(headers.get("if-none-match"), own["etag"]):
            return Response(status_code=304, headers=own), headers.raw
        file, shelf = File(asset.location, asset.bytes, asset.content_type, own), self._shelves[asset.store]
        head = scope["method"] == "HEAD"
        if converts:
            return await _webvtt(shelf, file, head=head), headers.raw
        kept = [(name, value) for name, value in headers.raw if name != b"range" or sensible(value.decode("latin-1"))]
        return await shelf.response(file, Headers(raw=kept), head=head), kept

    async def _find(self, principal: Principal, asset_id: str) -> Row[Any]:
        """The asset's row. Raises *NotFound* also for what the caller may not see, so that nobody can probe."""
        if not principal.may("videos:read"):
            raise Forbidden("this needs the scope videos:read")
        asset = await self._db.read(lambda conn: _load(conn, asset_id, self._shelves))
        if asset is None or not principal.sees(asset.video_id, asset.subject):
            raise NotFound(f"there is no media {asset_id}")
        return asset

    def _kept(self, principal: Principal) -> str:
        """How a browser may keep the file."""
        if principal.kind not in FOR_A_WHILE or principal.expires_at is None:
            return CACHE
        left = (principal.expires_at - self._clock.now()).total_seconds()
        return f"private, max-age={max(0, int(left))}"


async def _webvtt(shelf: Shelf, file: File, *, head: bool) -> Response:
    """Captions that were stored as SubRip, as a browser's `<track>` reads them."""
    if file.bytes > captions.MOST_BYTES:
        raise NotFound(f"captions of {file.bytes} bytes are not converted; ask for them without ?as=vtt")
    said = captions.webvtt(await shelf.content(file))
    headers = {**file.headers, "content-length": str(len(said))}
    return Response(b"" if head else said, headers=headers, media_type=captions.WEBVTT)


def _caller(scope: Scope) -> Principal:
    principal = scope.get("state", {}).get("principal")
    if not isinstance(principal, Principal):
        raise Unauthorized("media need a session, a key, a token or a signed link")
    return principal


def _load(conn: Connection, asset_id: str, stores: Collection[str]) -> Row[Any] | None:
    query = select(assets, videos.c.subject, videos.c.title).join(videos, videos.c.id == assets.c.video_id)
    ours = (assets.c.state == "stored", assets.c.store.in_(stores), assets.c.location.is_not(None))
    return conn.execute(query.where(assets.c.id == storable(asset_id), *ours)).first()


def _headers(asset: Row[Any], cache: str, *, download: bool) -> dict[str, str]:
    headers = {
        "etag": f'"{asset.sha256}"',
        "cache-control": cache,
        "x-content-type-options": "nosniff",
        "content-disposition": "inline",
    }
    if download:
        name = file_name(asset.title, asset.role, asset.content_type)
        plain = name.encode("ascii", "replace").decode().replace("?", "_")
        headers["content-disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return headers


def file_name(title: str | None, role: str, content_type: str) -> str:
    """A name for the downloaded file that no file system and no header stumbles over."""
    visible = "".join(each for each in title or "" if unicodedata.category(each)[0] != "C")
    stem = " ".join(FORBIDDEN_IN_NAMES.sub(" ", visible).split())[:NAME_LENGTH].strip(". ") or "video"
    return f"{stem}{'' if role == 'video' else f' ({role})'}.{EXTENSIONS[content_type]}"
