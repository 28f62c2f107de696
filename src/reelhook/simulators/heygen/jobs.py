"""The other things HeyGen makes: agent sessions, translations, hyperframes renders, clippings of long videos."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelhook.simulators.control import Endpoint, json
from reelhook.simulators.heygen.account import Account
from reelhook.simulators.heygen.errors import not_found
from reelhook.simulators.heygen.payloads import clipping_job
from reelhook.simulators.heygen.renders import Asked, Kind, Render
from reelhook.simulators.heygen.requests import body_of, check_fields, guarded, idempotent

CALLBACK = frozenset({"callback_url", "callback_id"})
AGENT_FIELDS = CALLBACK | {
    "prompt", "avatar_id", "voice_id", "style_id", "brand_kit_id", "files", "incognito_mode", "mode", "orientation",
}  # fmt: skip
TRANSLATION_FIELDS = CALLBACK | {
    "video", "output_languages", "title", "audio", "brand_glossary_id", "brand_voice_id", "disable_music_track",
    "enable_caption", "enable_dynamic_duration", "enable_speech_enhancement", "enable_watermark", "end_time",
    "folder_id", "fps_mode", "input_language", "keep_the_same_format", "mode", "speaker_num", "srt", "srt_role",
    "start_time", "stock_voice_config", "translate_audio_only",
}  # fmt: skip
CLIPPING_FIELDS = CALLBACK | {"video", "title", "input_language", "output_settings"}
HYPERFRAMES_FIELDS = CALLBACK | {"title", "composition", "html", "project"}  # assumption: its shape could not be read
RUNNING = {"pending": "pending", "processing": "running"}
RENDERING = {"pending": "queued", "processing": "rendering"}
GENERATING = {"pending": "thinking", "processing": "generating"}


class Jobs:
    """The routes of everything that is no plain video."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        return [
            self._post("/v3/video-agents", self.create_agent),
            self._get("/v3/video-agents/{id}", self.get_agent),
            self._post("/v3/video-translations", self.create_translations),
            self._get("/v3/video-translations/{id}", self.get_translation),
            self._post("/v3/hyperframes/renders", self.create_hyperframes),
            self._get("/v3/hyperframes/renders/{id}", self.get_hyperframes),
            self._post("/v3/ai-clipping", self.create_clipping),
            self._get("/v3/ai-clipping/{id}", self.get_clipping),
        ]

    def _post(self, path: str, endpoint: Endpoint) -> Route:
        return Route(path, guarded(self._account, idempotent(self._account, endpoint)), methods=["POST"])

    def _get(self, path: str, endpoint: Endpoint) -> Route:
        return Route(path, guarded(self._account, endpoint))

    async def create_agent(self, request: Request) -> Response:
        body = await body_of(request)
        check_fields(body, AGENT_FIELDS, ["prompt"])
        self._account.admit()
        render = self._account.create("video_agent", _asked(body), with_session=True)
        return json({"data": self._agent(render)})

    async def get_agent(self, request: Request) -> Response:
        session_id = request.path_params["id"]
        found = (each for each in self._account.renders.values() if each.session_id == session_id)
        render = next(found, None)
        if render is None:
            raise not_found("session", session_id)
        progress = 0 if render.active else 100
        return json(
            {"data": {**self._agent(render), "messages": [], "progress": progress, "title": render.asked.title}}
        )

    def _agent(self, render: Render) -> dict[str, Any]:
        return {
            "session_id": render.session_id, "status": GENERATING.get(render.status, render.status),
            "video_id": render.id, "created_at": int(render.created_at),
        }  # fmt: skip

    async def create_translations(self, request: Request) -> Response:
        body = await body_of(request)
        check_fields(body, TRANSLATION_FIELDS, ["video", "output_languages"])
        languages = body["output_languages"]
        self._account.admit(len(languages))
        made = [self._account.create("video_translate", _asked(body, language)) for language in languages]
        return json({"data": {"video_translation_ids": [render.id for render in made]}})

    async def get_translation(self, request: Request) -> Response:
        render = self._find(request, "video_translate", "video_translation")
        return json({"data": {
            "id": render.id, "status": RUNNING.get(render.status, render.status), "title": render.asked.title,
            "callback_id": render.asked.callback_id, "created_at": int(render.created_at),
            "input_language": "English", "output_language": render.asked.language, "translate_audio_only": False,
            "duration": render.files["video"].duration, "failure_message": render.failure[1],
            "video_url": self._url(render, "video"), "audio_url": None,
            "srt_caption_url": self._url(render, "subtitle"), "vtt_caption_url": self._url(render, "vtt"),
        }})  # fmt: skip

    async def create_hyperframes(self, request: Request) -> Response:
        body = await body_of(request)
        check_fields(body, HYPERFRAMES_FIELDS, [])
        render = self._account.create("hyperframes_video", _asked(body), prefix="hfr_")
        return json({"data": {"render_id": render.id, "status": "queued"}})

    async def get_hyperframes(self, request: Request) -> Response:
        render = self._find(request, "hyperframes_video", "render")
        return json({"data": {
            "render_id": render.id, "status": RENDERING.get(render.status, render.status),
            "title": render.asked.title, "callback_id": render.asked.callback_id,
            "created_at": int(render.created_at), "failure_message": render.failure[1],
            "video_url": self._url(render, "video"), "thumbnail_url": self._url(render, "thumbnail"),
        }})  # fmt: skip

    async def create_clipping(self, request: Request) -> Response:
        body = await body_of(request)
        check_fields(body, CLIPPING_FIELDS, ["video"])
        render = self._account.create("ai_clipping", _asked(body))
        return json({"data": clipping_job(render, self._account.link, False)})

    async def get_clipping(self, request: Request) -> Response:
        render = self._find(request, "ai_clipping", "clipping")
        return json({"data": clipping_job(render, self._account.link, render.status == "failed")})

    def _find(self, request: Request, kind: Kind, name: str) -> Render:
        render = self._account.renders.get(request.path_params["id"])
        if render is None or render.kind != kind:
            raise not_found(name, request.path_params["id"])
        return render

    def _url(self, render: Render, file: str) -> str | None:
        return self._account.link(render, file) if render.status == "completed" else None


def _asked(body: dict[str, Any], language: str | None = None) -> Asked:
    captions = bool(body.get("enable_caption"))
    return Asked(body.get("title"), body.get("callback_url"), body.get("callback_id"), captions, language)
