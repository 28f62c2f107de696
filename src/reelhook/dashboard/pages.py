"""The web app under its addresses: the shell for every page, the assets for ever, and a policy that lets little in."""

import re
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from reelhook.dashboard.files import StaticFile, Variant, read_all
from reelhook.kit import etags, problem

STATIC = Path(__file__).parent / "static"
NOT_BUILT = "The web app is not built. Run `make install`, or install a wheel, which contains it."
SHELL = "/index.html"
# Not of the app: the API's reference.
WITH_PAGES_OF_THEIR_OWN = ("/docs",)
FRAMEABLE = re.compile(r"/videos/[^/]+")


class Dashboard:
    """Answers GET and HEAD: a file by its name, and the shell for every address that is a page of the app."""

    def __init__(
        self, media_hosts: Sequence[str] = (), root: Path = STATIC, *, embed_origins: Sequence[str] = ()
    ) -> None:
        """*embed_origins*: whose pages may show the page of a video in a frame."""
        self._files = read_all(root)
        self._headers = _security(media_hosts, ())
        self._framed = _security(media_hosts, embed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await problem.answer(
                send, 405, "method_not_allowed", "pages can only be read", headers={"allow": "GET, HEAD"}
            )
            return
        head = scope["method"] == "HEAD"
        file = self._file(scope["path"])
        if file is None:
            known = SHELL in self._files
            detail = f"there is nothing at {scope['path']}" if known else NOT_BUILT
            await problem.answer(send, 404 if known else 503, "not_found", detail, head=head)
            return
        asked = Headers(scope=scope)
        variant = await file.variant(",".join(asked.getlist("accept-encoding")))
        policy = self._framed if FRAMEABLE.fullmatch(scope["path"]) else self._headers
        headers = policy | _about(file, variant)
        if etags.matches(asked.get("if-none-match"), variant.etag):
            await Response(status_code=304, headers=headers)(scope, receive, send)
            return
        await problem.respond(send, 200, variant.content, file.media_type, headers=headers, head=head)

    def _file(self, path: str) -> StaticFile | None:
        if path in self._files and path != SHELL:
            return self._files[path]
        if path in WITH_PAGES_OF_THEIR_OWN:
            return self._files.get(path + SHELL)
        is_file = "." in path.rsplit("/", 1)[-1]
        return None if is_file else self._files.get(SHELL)


def _about(file: StaticFile, variant: Variant) -> dict[str, str]:
    headers = {
        "etag": variant.etag,
        "cache-control": file.caching,
    }
    if file.compressible:
        headers["vary"] = "Accept-Encoding"
    if variant.encoding is not None:
        headers["content-encoding"] = variant.encoding
    return headers


def _security(media_hosts: Sequence[str], embed_origins: Sequence[str]) -> dict[str, str]:
    hosts = " ".join(("'self'", *media_hosts))
    policy = {
        "default-src": "'self'",
        "img-src": f"{hosts} data:",
        "media-src": hosts,
        "connect-src": "'self'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(embed_origins) or "'none'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }
