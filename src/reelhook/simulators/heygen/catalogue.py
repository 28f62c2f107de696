"""`/v3/avatars`, `/v3/avatars/looks` and `/v3/voices`: what videos can be made of.

Assumptions: `ownership` and a voice's `type` are `private` or `public`; without `ownership` both are listed, the
account's own first; a look that is still being made has the status `processing`; creating a video does not ask whether
its avatar and voice are among these. Names, languages and numbers are made up.
"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelhook.simulators.heygen.account import Account
from reelhook.simulators.heygen.errors import invalid
from reelhook.simulators.heygen.requests import guarded, page

CREATED_AT = 1_772_000_000
OWNERSHIP = ("private", "public")
PREVIEWS = "https://files.heygen.example/previews"

# id, name, gender, whose, and its looks: id, name, kind, orientation, status.
GROUPS: Sequence[tuple[str, str, str, str, Sequence[tuple[str, str, str, str, str]]]] = (
    ("group_anna", "Anna", "female", "private", (
        ("anna", "Anna at her desk", "digital_twin", "landscape", "completed"),
        ("anna_walking", "Anna, walking", "digital_twin", "portrait", "completed"),
        ("anna_new", "Anna, recorded today", "digital_twin", "landscape", "processing"),
    )),
    ("group_jonas", "Jonas", "male", "private", (("jonas", "Jonas", "photo_avatar", "square", "completed"),)),
    ("group_mei", "Mei", "female", "public", (
        ("mei_office", "Mei in the office", "studio_avatar", "landscape", "completed"),
        ("mei_garden", "Mei in the garden", "studio_avatar", "portrait", "completed"),
    )),
    ("group_omar", "Omar", "male", "public", (("omar", "Omar", "studio_avatar", "landscape", "completed"),)),
)  # fmt: skip
OWN_VOICES = (("voice_anna", "Anna's own voice", "English", "female"),)
LANGUAGES = ("English", "German", "Japanese", "Portuguese (Brazil)", "Spanish")
NAMES = (("Aria", "female"), ("Bruno", "male"), ("Clara", "female"), ("Dario", "male"))


class Catalogue:
    """The routes of one account's avatars and voices."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        account = self._account
        return [
            Route("/v3/avatars", guarded(account, self.groups)),
            Route("/v3/avatars/looks", guarded(account, self.looks)),
            Route("/v3/voices", guarded(account, self.voices)),
        ]

    async def groups(self, request: Request) -> Response:
        return page(request, [row for row in _groups() if _owned(request, row)], _told)

    async def looks(self, request: Request) -> Response:
        group, kind = request.query_params.get("group_id"), request.query_params.get("avatar_type")
        rows = [row for row in _looks() if group in (None, row["group_id"]) and kind in (None, row["avatar_type"])]
        return page(request, [row for row in rows if _owned(request, row)], _told)

    async def voices(self, request: Request) -> Response:
        wanted = {name: request.query_params.get(name) for name in ("type", "language", "gender")}
        rows = [row for row in _voices() if all(value in (None, row[name]) for name, value in wanted.items())]
        return page(request, rows, _told)


def _owned(request: Request, row: dict[str, Any]) -> bool:
    ownership = request.query_params.get("ownership")
    if ownership not in (None, *OWNERSHIP):
        raise invalid("ownership must be private or public", "ownership")
    return ownership in (None, row["ownership"])


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "ownership"}


def _groups() -> list[dict[str, Any]]:
    return [
        {
            "id": group_id, "name": name, "gender": gender, "looks_count": len(looks), "created_at": CREATED_AT,
            "consent_status": None, "default_voice_id": None, "error": None, "status": "completed",
            "preview_image_url": f"{PREVIEWS}/{group_id}.jpg", "preview_video_url": None, "ownership": ownership,
        }
        for group_id, name, gender, ownership, looks in GROUPS
    ]  # fmt: skip


def _looks() -> list[dict[str, Any]]:
    return [
        {
            "id": look_id, "name": name, "avatar_type": kind, "group_id": group_id, "gender": gender, "status": status,
            "preferred_orientation": orientation, "default_voice_id": "voice_anna" if look_id == "anna" else None,
            "preview_image_url": f"{PREVIEWS}/{look_id}.jpg", "preview_video_url": None, "error": None,
            "image_width": None, "image_height": None, "supported_api_engines": ["avatar_iv"], "tags": [],
            "ownership": ownership,
        }
        for group_id, _, gender, ownership, looks in GROUPS
        for look_id, name, kind, orientation, status in looks
    ]  # fmt: skip


def _voices() -> list[dict[str, Any]]:
    own = [(*voice, "private") for voice in OWN_VOICES]
    public = [
        (f"voice_{name}_{language}".lower().replace(" ", "_"), name, language, gender, "public")
        for language in LANGUAGES
        for name, gender in NAMES
    ]
    return [
        {
            "voice_id": voice_id, "name": name, "language": language, "gender": gender, "type": kind,
            "preview_audio_url": None, "support_pause": True, "support_locale": False,
        }
        for voice_id, name, language, gender, kind in [*own, *public]
    ]  # fmt: skip
