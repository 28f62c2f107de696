"""The asset host: what signed links lead to, or what they lead to when it goes wrong."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from reelhook.simulators.clips import MediaFile
from reelhook.simulators.faults import Fault
from reelhook.simulators.heygen.account import SUFFIXES, Account
from reelhook.simulators.heygen.renders import Render
from reelhook.simulators.serving import ContentResponse, Transfer

FORBIDDEN = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>'
)
PAGE = "<html><body><h1>Please wait</h1></body></html>"


@dataclass(frozen=True)
class Retyped:
    """A file under a wrong type, or shorter than it is."""

    file: MediaFile
    content_type: str
    length: int

    @property
    def etag(self) -> str:
        return self.file.etag

    def read(self, start: int, stop: int) -> bytes:
        return self.file.read(start, stop)


class MediaHost:
    """Serves the files of one account's renders."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        return [Route("/aws_pacific/avatar_tmp/{space}/{name}", self.download)]

    async def download(self, request: Request) -> Response:
        """A file, if the link is good."""
        found = self._find(request.path_params["name"])
        if found is None or not self._admitted(request, found[0]):
            return _forbidden()
        render, file = found
        fault = self._account.faults.take("media", f"{render.id}/{file}")
        if fault is None:
            return ContentResponse(request, render.files[file])
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        return _misbehave(request, render.files[file], fault)

    def _find(self, name: str) -> tuple[Render, str] | None:
        stem, dot, extension = name.partition(".")
        suffix = dot + extension
        if stem.endswith("_captioned"):
            stem, suffix = stem.removesuffix("_captioned"), "_captioned" + suffix
        render = self._account.renders.get(stem)
        file = next((file for file, each in SUFFIXES.items() if each == suffix), "")
        return (render, file) if render is not None and file in render.files else None

    def _admitted(self, request: Request, render: Render) -> bool:
        """Whether the link opens; the first links of a plan's `first_downloads_403` die here."""
        links = self._account.links
        if not links.good(request.url.path, request.query_params):
            return False
        if render.links_refused < render.plan.first_downloads_403:
            render.links_refused += 1
            links.revoke(request.query_params)
            return False
        return True


def _forbidden() -> Response:
    return Response(FORBIDDEN, 403, media_type="application/xml")


def _misbehave(request: Request, file: MediaFile, fault: Fault) -> Response:
    match fault.kind:
        case "forbidden":
            return _forbidden()
        case "not_found":
            return Response("", 404)
        case "server_error":
            return Response("", 503)
        case "html":
            return HTMLResponse(PAGE)
        case "text":
            return PlainTextResponse("Please wait.")
        case "empty":
            return Response(b"", media_type=file.content_type)
        case "redirect":
            return Response(status_code=302, headers={"Location": fault.url})
        case "redirect_loop":
            return Response(status_code=302, headers={"Location": str(request.url)})
        case "wrong_type":
            return ContentResponse(request, Retyped(file, "text/plain", file.length))
        case "truncated":
            return ContentResponse(request, Retyped(file, file.content_type, max(0, file.length - fault.bytes)))
        case _:
            hang_up_after = fault.bytes if fault.kind == "drop" else None
            return ContentResponse(request, file, Transfer(fault.bytes_per_s, hang_up_after))
