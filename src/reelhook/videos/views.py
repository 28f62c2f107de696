"""Videos as the API shows them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from reelhook.db.tables import assets
from reelhook.kit.times import rfc3339
from reelhook.videos.states import FailedBy, State

Json = dict[str, Any]
# The videos themselves and their posters, by video and role, stored or not.
Files = Mapping[tuple[str, str], Row[Any]]
FILES = select(assets).where(or_(assets.c.role == "video", assets.c.role == "poster"))
OF_ONE = FILES.where(assets.c.video_id == bindparam("it"))
OF_MANY = FILES.where(assets.c.video_id.in_(bindparam("them", expanding=True)))


def media_path(asset_id: str) -> str:
    """Where this service serves an asset of a local store, relative to its own address."""
    return f"/media/{asset_id}"


def show(conn: Connection, row: Row[Any]) -> Json:
    """One video with its stored file and poster."""
    return _video(row, _files(conn.execute(OF_ONE, {"it": row.id})))


def show_new(row: Row[Any]) -> Json:
    """One video that has no files yet."""
    return _video(row, {})


def show_all(conn: Connection, rows: list[Row[Any]]) -> list[Json]:
    """Many videos, with one query for all their files."""
    files = _files(conn.execute(OF_MANY, {"them": [row.id for row in rows]}))
    return [_video(row, files) for row in rows]


def _video(row: Row[Any], files: Files) -> Json:
    video, poster = files.get((row.id, "video")), files.get((row.id, "poster"))
    return {
        "id": row.id,
        "heygen_video_id": row.heygen_video_id,
        "subject": row.subject,
        "title": row.title,
        "state": row.state,
        "late": row.late,
        "failure": _failure(row),
        "progress": None,
        "eta_at": rfc3339(row.eta_at) if row.eta_at else None,
        "link_expires_at": _link_expires_at(row, video),
        "asset": _asset(video, poster) if video and address(video) and row.state == State.READY else None,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
    }


def _failure(row: Row[Any]) -> Json | None:
    """Why it is not ready: HeyGen failed to render it, or we gave up waiting or storing."""
    if row.failure_message is None:
        return None
    return {"by": row.failed_by or FailedBy.REELHOOK, "code": row.failure_code, "message": row.failure_message}


def _link_expires_at(row: Row[Any], video: Row[Any] | None) -> str | None:
    """When HeyGen's link to what is not stored yet ends, by what we last heard of it."""
    if video is None or video.link_expires_at is None or row.state == State.READY:
        return None
    return rfc3339(video.link_expires_at)


def _asset(video: Row[Any], poster: Row[Any] | None) -> Json:
    return {
        "url": address(video),
        "poster_url": address(poster) if poster else None,
        "bytes": video.bytes,
        "sha256": video.sha256,
        "store": video.store,
    }


def address(asset: Row[Any]) -> str | None:
    """Where a stored asset can be had; None while it is not stored. HeyGen's own link is never shown."""
    if asset.state != "stored":
        return None
    return str(asset.url) if asset.url else media_path(asset.id)


def stream(asset: Row[Any]) -> str | None:
    """Where a stored video can be had in as many qualities as the line allows (HLS); None where nobody makes that.

    It is what Cloudinary names as `playback_url`, on whichever host it delivers from.
    """
    front, found, back = str(asset.url).partition("/video/upload/v")
    if asset.state != "stored" or asset.store != "cloudinary" or not found:
        return None
    return f"{front}/video/upload/sp_auto/v{back.rpartition('.')[0]}.m3u8"


def asset_detail(asset: Row[Any]) -> Json:
    return {
        "id": asset.id,
        "role": asset.role,
        "state": asset.state,
        "url": address(asset),
        "stream_url": stream(asset),
        "content_type": asset.content_type,
        "bytes": asset.bytes,
        "sha256": asset.sha256,
        "store": asset.store,
        "verified": asset.verified,
    }


def _files(found: Iterable[Row[Any]]) -> Files:
    return {(row.video_id, row.role): row for row in found}
