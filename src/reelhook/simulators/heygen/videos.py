"""`/v3/videos`: create, get, list, delete, many statuses at once; and v1's status for old accounts."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelhook.simulators.control import json
from reelhook.simulators.heygen.account import Account
from reelhook.simulators.heygen.errors import invalid, not_found
from reelhook.simulators.heygen.payloads import PAGE
from reelhook.simulators.heygen.renders import Asked, Render
from reelhook.simulators.heygen.requests import body_of, check_fields, guarded, idempotent, page

STATUSES_MOST = 100
VIDEO_KINDS = ("avatar_video", "video_agent")
URLS = {
    "video_url": "video", "thumbnail_url": "thumbnail", "gif_url": "gif", "captioned_video_url": "captioned",
    "subtitle_url": "subtitle",
}  # fmt: skip
COMMON = frozenset(
    {"type", "title", "resolution", "aspect_ratio", "callback_url", "callback_id", "caption", "watermark"}
)
SPEECH = ("script", "audio_url", "audio_asset_id")
SPOKEN = frozenset({
    *SPEECH, "voice_id", "voice_settings", "background", "expressiveness", "fit", "motion_prompt", "output_format",
    "remove_background",
})  # fmt: skip
FIELDS = {
    "avatar": COMMON | SPOKEN | {"avatar_id", "engine"},
    "image": COMMON | SPOKEN | {"image"},
    "studio": COMMON | {"scenes"},
    "cinematic_avatar": (COMMON - {"callback_url", "callback_id", "caption", "watermark"})
    | {"avatar_id", "prompt", "auto_duration", "duration", "enhance_prompt", "references"},
}
REQUIRED = {
    "avatar": ("avatar_id",),
    "image": ("image",),
    "studio": ("scenes",),
    "cinematic_avatar": ("avatar_id", "prompt"),
}


class Videos:
    """The routes of one account's videos."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        account = self._account
        return [
            Route("/v3/videos", guarded(account, idempotent(account, self.create)), methods=["POST"]),
            Route("/v3/videos", guarded(account, self.list_all)),
            Route("/v3/videos/statuses", guarded(account, self.statuses)),
            Route("/v3/videos/{id}", guarded(account, self.get)),
            Route("/v3/videos/{id}", guarded(account, self.delete), methods=["DELETE"]),
            Route("/v1/video_status.get", guarded(account, self.legacy_status)),
        ]

    async def create(self, request: Request) -> Response:
        body = await body_of(request)
        _check(body)
        self._account.admit()
        asked = Asked(body.get("title"), body.get("callback_url"), body.get("callback_id"), bool(body.get("caption")))
        render = self._account.create("avatar_video", asked)
        output_format = body.get("output_format", "mp4")
        return json({"data": {"video_id": render.id, "status": "waiting", "output_format": output_format}})

    async def get(self, request: Request) -> Response:
        return json({"data": self._detail(self._find(request.path_params["id"]))})

    async def list_all(self, request: Request) -> Response:
        title = request.query_params.get("title")
        rows = [each for each in reversed(self._all()) if title is None or title in (each.asked.title or "")]
        return page(request, rows, self._detail)

    async def delete(self, request: Request) -> Response:
        render = self._find(request.path_params["id"])
        render.deleted = True
        del self._account.renders[render.id]
        return json({"data": {"id": render.id, "deleted": True}})

    async def statuses(self, request: Request) -> Response:
        ids = [each for each in request.query_params.get("video_ids", "").split(",") if each]
        if not 1 <= len(ids) <= STATUSES_MOST:
            raise invalid(f"video_ids takes 1 to {STATUSES_MOST} ids", "video_ids")
        return json({"data": [self._status(each) for each in ids], "has_more": False, "next_token": None})

    async def legacy_status(self, request: Request) -> Response:
        if not self._account.settings.legacy:
            return json({"detail": "Not Found"}, 404)  # assumption: what a retired route answers
        render = self._find(request.query_params.get("video_id", ""))
        code, message = render.failure
        detail = self._detail(render)
        data = {
            name: detail[name]
            for name in ("id", "status", "created_at", "duration", "video_url", "thumbnail_url", "gif_url")
        }
        data |= {
            "callback_id": render.asked.callback_id,
            "caption_url": detail["subtitle_url"],
            "video_url_caption": detail["captioned_video_url"],
            "error": {"code": code, "detail": message, "message": message} if code else None,
        }
        return json({"code": 100, "data": data, "message": "Success"})

    def _all(self) -> list[Render]:
        return [each for each in self._account.renders.values() if each.kind in VIDEO_KINDS]

    def _find(self, video_id: str) -> Render:
        render = self._account.renders.get(video_id)
        if render is None or render.kind not in VIDEO_KINDS:
            raise not_found("video", video_id)
        return render

    def _status(self, video_id: str) -> dict[str, Any]:
        render = self._account.renders.get(video_id)
        row: dict[str, Any] = {"video_id": video_id, "status": "not_found", "error": None}
        row |= {"batch_id": None, "item_index": None}
        if render is not None:
            code, message = render.failure
            row["status"] = "queued" if render.status == "pending" else render.status
            row["error"] = {"code": code, "message": message} if code else None
        return row

    def _detail(self, render: Render) -> dict[str, Any]:
        """A render as the API shows it, with fresh links once it is completed."""
        code, message = render.failure
        urls = {name: self._url(render, file) for name, file in URLS.items()}
        return {
            "id": render.id, "title": render.asked.title, "status": render.status,
            "created_at": int(render.created_at),
            "completed_at": int(render.completed_at) if render.completed_at else None,
            **urls,
            "duration": render.files["video"].duration if render.status == "completed" else None,
            "folder_id": None, "output_language": render.asked.language,
            "failure_code": code, "failure_message": message, "video_page_url": f"{PAGE}/videos/{render.id}",
        }  # fmt: skip

    def _url(self, render: Render, file: str) -> str | None:
        return self._account.link(render, file) if render.status == "completed" else None


def _check(body: dict[str, Any]) -> None:
    """Raises 400 for what POST /v3/videos does not take."""
    kind = body.get("type")
    if kind not in FIELDS:
        raise invalid(f"type must be one of {', '.join(FIELDS)}", "type")
    check_fields(body, FIELDS[kind], REQUIRED[kind])
    if kind in ("avatar", "image") and sum(bool(body.get(name)) for name in SPEECH) != 1:
        raise invalid(f"Exactly one of {', '.join(SPEECH)} is required", SPEECH[0])
    if body.get("output_format", "mp4") not in ("mp4", "webm"):
        raise invalid("output_format must be mp4 or webm", "output_format")
