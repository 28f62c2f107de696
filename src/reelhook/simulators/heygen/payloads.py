"""What the events say: `event_data` by event type, as far as it is documented or was seen on the wire."""

from collections.abc import Callable
from typing import Any

from reelhook.simulators.heygen.renders import Render

Link = Callable[[Render, str], str | None]
"""A fresh link to a file of a render, None when it has none."""
PAGE = "https://app.heygen.com"


def event_data(event_type: str, render: Render, link: Link) -> dict[str, Any]:
    """The data of an *event_type* event about *render*."""
    family, _, end = event_type.rpartition(".")
    make = _BY_FAMILY.get(family, _unknown)
    return make(render, link, end == "fail")


def _avatar_video(render: Render, link: Link, failed: bool) -> dict[str, Any]:
    ids = {"video_id": render.id, "callback_id": render.asked.callback_id}
    if failed:
        return {**ids, "msg": render.plan.failure_message}
    return {
        "video_id": render.id,
        # With captions on, the URL is reported to be that of the captioned file.
        "url": link(render, "captioned" if "captioned" in render.files else "video"),
        "gif_download_url": link(render, "gif"),
        "video_page_url": f"{PAGE}/videos/{render.id}",
        "video_share_page_url": f"{PAGE}/share/{render.id}",
        "folder_id": None,
        "callback_id": render.asked.callback_id,
    }


def _caption(render: Render, link: Link, failed: bool) -> dict[str, Any]:
    ids = {"video_id": render.id, "callback_id": render.asked.callback_id}
    return {**ids, "msg": "Captioning failed"} if failed else {**ids, "caption_url": link(render, "subtitle")}


def _video_agent(render: Render, link: Link, failed: bool) -> dict[str, Any]:
    ids = {"session_id": render.session_id, "video_id": render.id, "callback_id": render.asked.callback_id}
    return {**ids, "msg": render.plan.failure_message} if failed else {**ids, "url": link(render, "video")}


def _video_translate(render: Render, link: Link, failed: bool) -> dict[str, Any]:
    asked = render.asked
    ids = {"video_translate_id": render.id, "callback_id": asked.callback_id, "output_language": asked.language}
    return {**ids, "message": render.plan.failure_message} if failed else {**ids, "url": link(render, "video")}


def _hyperframes(render: Render, link: Link, failed: bool) -> dict[str, Any]:
    ids = {"render_id": render.id, "callback_id": render.asked.callback_id}
    if failed:
        return {**ids, "failure_message": render.plan.failure_message}
    return {**ids, "video_url": link(render, "video")}


def clipping_job(render: Render, link: Link, failed: bool) -> dict[str, Any]:
    """The full job resource, which the API and the events share."""
    status = {"pending": "pending", "processing": "running"}.get(render.status, render.status)
    return {
        "id": render.id,
        "status": "failed" if failed else status,
        "title": render.asked.title,
        "callback_id": render.asked.callback_id,
        "progress": 0 if render.active else 100,
        "source_duration": 60.0,
        "input_language": "en",
        "created_at": int(render.created_at),
        "failure_message": render.plan.failure_message if failed else None,
        "clips": [_clip(part, link) for part in render.parts] if render.status == "completed" else [],
    }


def _clip(part: Render, link: Link) -> dict[str, Any]:
    return {
        "id": part.id, "status": "completed", "title": part.clip, "video_url": link(part, "video"),
        "thumbnail_url": link(part, "thumbnail"), "aspect_ratio": "landscape",
        "duration_seconds": part.files["video"].duration, "virality_score": 71, "failure_message": None,
    }  # fmt: skip


def _unknown(render: Render, link: Link, failed: bool) -> dict[str, Any]:
    """Nothing readable documents the others."""
    return {"video_id": render.id, "callback_id": render.asked.callback_id}


_BY_FAMILY = {
    "avatar_video": _avatar_video,
    "avatar_video_gif": _avatar_video,
    "avatar_video_caption": _caption,
    "video_agent": _video_agent,
    "video_translate": _video_translate,
    "hyperframes_video": _hyperframes,
    "ai_clipping": clipping_job,
}
