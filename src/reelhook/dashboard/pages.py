"""The web app's files. They are few and small, so they are read once and kept."""

import hashlib
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from reelhook.kit import problem

STATIC = Path(__file__).parent / "static"
NOT_BUILT = b"The web app is not built. Run `make install`, or install a wheel, which contains it."


@dataclass(frozen=True, slots=True)
class Page:
    content: bytes
    media_type: str
    etag: str
    immutable: bool


class Dashboard:
    """Answers GET and HEAD: a file by its name, and the shell for every address that is a page of the app."""

    def __init__(self, media_hosts: Sequence[str] = (), root: Path = STATIC) -> None:
        self._pages = {f"/{file.relative_to(root).as_posix()}": _read(file) for file in _files(root)}
        self._headers = _security(media_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await problem.answer(
                send, 405, "method_not_allowed", "pages can only be read", headers={"allow": "GET, HEAD"}
            )
            return
        head = scope["method"] == "HEAD"
        page = self._page(scope["path"])
        if page is None:
            known = "/index.html" in self._pages
            detail = f"there is nothing at {scope['path']}" if known else NOT_BUILT.decode()
            await problem.answer(send, 404 if known else 503, "not_found", detail, head=head)
            return
        headers = self._headers | {
            "etag": page.etag,
            "cache-control": "public, max-age=31536000, immutable" if page.immutable else "no-cache",
        }
        if Headers(scope=scope).get("if-none-match") == page.etag:
            await problem.respond(send, 304, b"", page.media_type, headers=headers, head=True)
            return
        await problem.respond(send, 200, page.content, page.media_type, headers=headers, head=head)

    def _page(self, path: str) -> Page | None:
        if path in self._pages and path != "/index.html":
            return self._pages[path]
        is_file = "." in path.rsplit("/", 1)[-1]
        return None if is_file else self._pages.get("/index.html")


def _files(root: Path) -> list[Path]:
    return [file for file in root.rglob("*") if file.is_file() and not file.name.startswith(".")]


def _read(file: Path) -> Page:
    content = file.read_bytes()
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if media_type.startswith("text/") or media_type.endswith("javascript"):
        media_type += "; charset=utf-8"
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return Page(content, media_type, etag, immutable="assets" in file.parts)


def _security(media_hosts: Sequence[str]) -> dict[str, str]:
    hosts = " ".join(("'self'", *media_hosts))
    policy = {
        "default-src": "'self'",
        "img-src": f"{hosts} data:",
        "media-src": hosts,
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }
