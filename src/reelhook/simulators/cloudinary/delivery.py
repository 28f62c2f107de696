"""`GET /{cloud}/{resource type}/{type}/[transformation/]v{n}/{public id}.{extension}`: what viewers' browsers load."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelhook.simulators.clips import poster_of
from reelhook.simulators.cloudinary.account import Account
from reelhook.simulators.cloudinary.assets import Asset
from reelhook.simulators.cloudinary.errors import CloudinaryError
from reelhook.simulators.cloudinary.faults import misbehave
from reelhook.simulators.cloudinary.streams import CONTENT_TYPE, QUALITIES, playlist, quality
from reelhook.simulators.serving import Content, ContentResponse, Transfer

ANYWHERE = {"access-control-allow-origin": "*"}  # assumption: what is public may be read by every site
VERSIONED = re.compile(r"(?:(?P<transformation>.+)/)?v\d+/(?P<name>.+)")


class Delivery:
    """The delivery host of one cloud. `.jpg` of a video is its poster, `.m3u8` its stream; nothing else changes."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        return [Route("/{cloud}/{kind}/{type}/{rest:path}", self.deliver)]

    async def deliver(self, request: Request) -> Response:
        fault = self._account.faults.take("delivery", request.url.path)
        if (trouble := await misbehave(fault)) is not None:
            return trouble
        asset, extension, transformation = self._find(request)
        if asset.key[0] == "video" and extension == "jpg":
            return Response(poster_of(asset.file.path), media_type="image/jpeg")
        if extension == "m3u8":
            text = playlist(asset, transformation, self._account.cloud)
            return Response(text, media_type=CONTENT_TYPE, headers=ANYWHERE)
        if extension == "mpd":
            raise CloudinaryError(404, "DASH is not simulated")
        content: Content = quality(asset, transformation) if transformation in QUALITIES else asset
        transfer = Transfer()
        if fault is not None:
            transfer = Transfer(fault.bytes_per_s, fault.bytes if fault.kind == "drop_midway" else None)
        response = ContentResponse(request, content, transfer)
        response.headers.update(ANYWHERE)
        if "fl_attachment" in transformation:
            response.headers["content-disposition"] = (
                f'attachment; filename="{asset.public_id.rpartition("/")[2]}.{extension}"'
            )
        return response

    def _find(self, request: Request) -> tuple[Asset, str, str]:
        """The asset, the extension and the transformation of a delivery URL; any version will do."""
        match = VERSIONED.fullmatch(request.path_params["rest"])
        if match is None:
            raise CloudinaryError(404, "Resource not found")
        name, kind, delivery = match["name"], request.path_params["kind"], request.path_params["type"]
        stem, _, extension = name.rpartition(".")
        for public_id in (stem, name):
            asset = self._account.assets.get((kind, delivery, public_id))
            if asset is not None:
                return asset, extension, match["transformation"] or ""
        raise CloudinaryError(404, f"Resource not found - {stem or name}")
