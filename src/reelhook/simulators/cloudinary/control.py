"""The control API of the Cloudinary simulator, under `/_control`."""

import asyncio
import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelhook.simulators import control
from reelhook.simulators.cloudinary.account import Account
from reelhook.simulators.cloudinary.assets import Asset
from reelhook.simulators.control import json


class Control(control.Control[Account]):
    """What only this simulator has of it."""

    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route("/assets", self.assets),
            Route("/notifications", self.notifications),
        ]

    async def assets(self, _: Request) -> Response:
        """The truth: every stored asset with its length and digests, read from disk."""
        assets = self._account.assets.all()
        return json({"assets": await asyncio.to_thread(lambda: [_truth(asset) for asset in assets])})

    async def notifications(self, _: Request) -> Response:
        """Every notification that was posted, with what was answered, and those that wait to be polled."""
        kept = self._account.notifications
        return json({name: [_told(each.url, each.body, each.statuses) for each in messages]
                     for name, messages in (("sent", kept.sent), ("waiting", kept.waiting))})  # fmt: skip


def _truth(asset: Asset) -> dict[str, Any]:
    with asset.file.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    kind, delivery, public_id = asset.key
    return {
        "resource_type": kind, "type": delivery, "public_id": public_id, "version": asset.version,
        "asset_id": asset.asset_id, "bytes": asset.length, "md5": asset.etag, "sha256": sha256,
        "times_stored": asset.times_stored,
    }  # fmt: skip


def _told(url: str, body: bytes, statuses: list[int | str]) -> dict[str, Any]:
    return {"url": url, "body": body.decode(), "statuses": statuses}
