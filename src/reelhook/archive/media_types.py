"""What a file is, by its own first bytes: a Content-Type header only says what somebody thought it was."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from reelhook.archive.errors import NotMedia

LOOK_AT = 512  # bytes that are enough to tell
VIDEO = frozenset({"video/mp4", "video/quicktime", "video/webm"})
IMAGE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
TEXT = frozenset({"application/x-subrip", "text/vtt", "text/x-ssa"})
BY_ROLE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "video": VIDEO,
        "captioned": VIDEO,
        "poster": IMAGE,
        "gif": IMAGE | VIDEO,  # HeyGen's "gif" may come as a short film
        "captions": TEXT,
    }
)
EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "video/mp4": "mp4",
        "video/quicktime": "mov",
        "video/webm": "webm",
        "image/jpeg": "jpg",
        "image/png": "png",
        "image/webp": "webp",
        "image/gif": "gif",
        "application/x-subrip": "srt",
        "text/vtt": "vtt",
        "text/x-ssa": "ass",
    }
)
BEGINNINGS = (
    (b"\x1aE\xdf\xa3", "video/webm"),  # EBML: WebM, Matroska
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
SRT = re.compile(r"\d+[ \t]*\r?\n\d{1,2}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->")
PAGE = re.compile(rb"\s*<(?:!doctype|html|head|\?xml|error)", re.IGNORECASE)


def media_type(head: bytes, role: str) -> str:
    """The type of the file that begins with *head*. Raises *NotMedia* when it is nothing that *role* may be."""
    found = _by_beginning(head) or _by_text(head)
    if found is None or found not in BY_ROLE[role]:
        raise NotMedia(f"what was served is not the {role}: {_what(head, found)}")
    return found


def _by_beginning(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":  # ISO 14496-12: the first box, after its length
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in BEGINNINGS if head.startswith(beginning)), None)


def _by_text(head: bytes) -> str | None:
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip()
    if text.startswith("WEBVTT"):
        return "text/vtt"
    if text.startswith("[Script Info]"):
        return "text/x-ssa"
    return "application/x-subrip" if SRT.match(text) else None


def _what(head: bytes, found: str | None) -> str:
    if not head:
        return "it is empty"
    if found is not None:
        return f"it is {found}"
    return "it is a web page" if PAGE.match(head) else "its first bytes are of no known media"
