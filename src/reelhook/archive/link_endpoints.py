"""`POST /api/v1/videos/{video_id}/links`: a link to a stored file, for somebody who has no access of their own."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy import Connection, Row, select

from reelhook.archive.errors import NotStored
from reelhook.auth import Access, Principal, requires
from reelhook.auth.media_links import LONGEST_S, SHORTEST_S, USUAL_S, MediaLink
from reelhook.auth.shapes import Body, Shown
from reelhook.db import Database, Tx
from reelhook.db.tables import assets
from reelhook.errors import NotFound
from reelhook.kit.times import Time, rfc3339
from reelhook.videos import queries

Role = Literal["video", "poster", "captions", "gif", "captioned"]


class LinkRequest(Body):
    """Which file of the video, for how long, and whether a browser saves it instead of showing it."""

    ttl_s: Annotated[int, Field(ge=SHORTEST_S, le=LONGEST_S)] = USUAL_S
    role: Role = "video"
    download: bool = False


class ShownLink(Shown):
    """`expires_at` is null where the store has a public address of its own for the file: that never ends."""

    url: str
    expires_at: Time | None


def router(db: Database, access: Access) -> APIRouter:
    """The route, given the services it uses."""
    routes = APIRouter(prefix="/api/v1/videos", tags=["videos"])

    @routes.post("/{video_id}/links", status_code=201)
    async def create_link(
        video_id: str, body: LinkRequest, request: Request, by: Annotated[Principal, Depends(requires("videos:read"))]
    ) -> ShownLink:
        """A link that opens one stored file without signing in, until it expires or you lose your access.

        The address is absolute where PUBLIC_URL is set. A file at Cloudinary has its own address there, which stays.
        """
        remote = access.site.remote(request.scope)

        def work(tx: Tx) -> ShownLink:
            asset = _stored(tx.conn, by, video_id, body.role)
            link = None if asset.url else access.media_links.issue(by, asset.id, body.ttl_s, download=body.download)
            ends = None if link is None else rfc3339(link.expires_at)
            told = {"role": body.role, "asset": asset.id, "expires_at": ends, "download": body.download}
            access.audit.record(tx, by, "link.create", asset.video_id, remote, **told)
            return _shown(asset, link, access.site.public_url or "")

        return await db.write(work)

    return routes


def _stored(conn: Connection, by: Principal, video_id: str, role: str) -> Row[Any]:
    """The file's row. Raises *NotFound*, also for a video that *by* may not see, and *NotStored*."""
    video = queries.find(conn, by, video_id)
    asset = conn.execute(select(assets).where(assets.c.video_id == video.id, assets.c.role == role)).first()
    if asset is None and role != "video":
        raise NotFound(f"the video {video.id} has no {role}")
    if asset is None or asset.state != "stored":
        raise NotStored(f"the {role} of {video.id} is not stored yet: ask again when the video is ready")
    return asset


def _shown(asset: Row[Any], link: MediaLink | None, root: str) -> ShownLink:
    if link is None:
        return ShownLink(url=asset.url, expires_at=None)
    return ShownLink(url=root + link.path, expires_at=link.expires_at)
