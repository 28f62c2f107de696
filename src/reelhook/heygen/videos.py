"""HeyGen's videos: create, read, delete. Paths and fields are those of HeyGen's v3 reference."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from reelhook.events.families import VIDEO_READS
from reelhook.events.lenient import ident, mapping, objects
from reelhook.heygen.errors import HeyGenRefused, HeyGenUnavailable, VideoNotFound
from reelhook.heygen.remote import Created, RemoteStatus, RemoteVideo, created, remote_clip, remote_status, remote_video
from reelhook.heygen.requests import creation_of
from reelhook.heygen.transport import Transport, segment

MOST_STATUSES = 100
IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")
DELETABLE = ("avatar_video", "video_agent", "video_translate", "lipsync")
# How HeyGen may say that an id is none of a video.
NO_VIDEOS_ID = (400, 404)
# Where many are asked for at once, and under which name their ids go.
MANY = {
    "avatar_video": ("/v3/videos/statuses", "video_ids"),
    "video_translate": ("/v3/video-translations/statuses", "video_translation_ids"),
    "lipsync": ("/v3/lipsyncs/statuses", "lipsync_ids"),
}


class Videos(Transport):
    """The calls about videos. Each raises a *HeyGenError*."""

    async def create_video(self, request: Mapping[str, Any], idempotency_key: str) -> Created:
        """Ask HeyGen to render. The same key within 24 hours gets the same video, whatever the body.

        Raises *WrongInput* for a body that is no request for one video, and *ValueError* for a key HeyGen cannot take.
        """
        if not IDEMPOTENCY_KEY.fullmatch(idempotency_key):
            raise ValueError("an idempotency key is 1 to 255 letters, digits and _-:.")
        how = creation_of(request)
        answer = await self.call(
            "create_video", "POST", how.path, "create the video", body=request, idempotency_key=idempotency_key
        )
        made = created(how.kind, mapping(answer.get("data")))
        if made is None:
            raise HeyGenUnavailable("HeyGen was asked to create the video, but named none in its answer")
        return made

    async def get_video(self, kind: str, heygen_id: str) -> RemoteVideo:
        """The truth about one video. Raises *VideoNotFound* also for a kind that HeyGen lets nobody read."""
        if kind == "video_agent":
            return await self._agents_video(heygen_id)
        if kind == "ai_clipping":
            return await self._clip(heygen_id)
        path = VIDEO_READS.get(kind)
        if path is None:
            raise VideoNotFound(f"HeyGen has no address to read a {kind} such as {heygen_id}.")
        return remote_video(heygen_id, await self._resource(path, heygen_id))

    async def statuses(self, heygen_ids: Sequence[str], kind: str = "avatar_video") -> dict[str, RemoteStatus]:
        """The states of at most 100 videos in one call, by id. An id HeyGen leaves out is left out here too."""
        if len(heygen_ids) > MOST_STATUSES or kind not in MANY:
            raise ValueError(f"HeyGen tells at most {MOST_STATUSES} states at once, and of {', '.join(MANY)} only")
        if not heygen_ids:
            return {}
        path, name = MANY[kind]
        query = {name: ",".join(heygen_ids)}
        what = f"tell the states of {len(heygen_ids)} videos"
        answer = await self.call("statuses", "GET", path, what, query=query)
        rows = objects(answer.get("data"))
        return {found: remote_status(row) for row in rows if (found := ident(row.get("video_id")))}

    async def delete_video(self, kind: str, heygen_id: str) -> None:
        """Delete it at HeyGen, for good. Raises *VideoNotFound* when it is not there."""
        if kind not in DELETABLE:
            raise HeyGenRefused(f"HeyGen has no address to delete a {kind} such as {heygen_id}.")
        await self._on_one("delete_video", "DELETE", VIDEO_READS[kind], heygen_id, f"delete {heygen_id}")

    async def _agents_video(self, heygen_id: str) -> RemoteVideo:
        """By the video's own id, or by the id of the session that makes it."""
        try:
            return await self.get_video("avatar_video", heygen_id)
        except HeyGenRefused as error:
            if error.heygen_status not in NO_VIDEOS_ID:
                raise
            session = await self._resource("/v3/video-agents/{id}", heygen_id)
        video_id = ident(session.get("video_id"))
        return await self.get_video("avatar_video", video_id) if video_id else remote_video(heygen_id, session)

    async def _clip(self, heygen_id: str) -> RemoteVideo:
        job_id, _, clip_id = heygen_id.rpartition("/")
        job = await self._resource("/v3/ai-clipping/{id}", job_id)
        for clip in objects(job.get("clips")):
            if ident(clip.get("id")) == clip_id:
                return remote_clip(heygen_id, clip, job)
        raise VideoNotFound(f"HeyGen's job {job_id} has no clip {clip_id}.")

    async def _resource(self, path: str, heygen_id: str) -> dict[str, Any]:
        answer = await self._on_one("get_video", "GET", path, heygen_id, f"show {heygen_id}")
        data = mapping(answer.get("data"))
        if not data:
            raise HeyGenUnavailable(f"HeyGen was asked to show {heygen_id}, but its answer is empty")
        return data

    async def _on_one(self, name: str, method: str, path: str, heygen_id: str, what: str) -> dict[str, Any]:
        part = segment(heygen_id)
        if part is None:
            raise VideoNotFound(f"{heygen_id!r} is not an id of HeyGen's.")
        try:
            return await self.call(name, method, path.format(id=part), what)
        except HeyGenRefused as error:
            if error.heygen_status != 404:
                raise
            raise VideoNotFound(
                error.message, heygen_status=404, heygen_code=error.heygen_code, request_id=error.request_id
            ) from None
