"""The control API of the Cloudinary simulator, under `/_control`."""

import asyncio
import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelhook.simulators.cloudinary.account import Account
from reelhook.simulators.cloudinary.assets import Asset
from reelhook.simulators.control import json, json_body
from reelhook.simulators.faults import Fault
from reelhook.simulators.records import changed, record


class Control:
    """The routes by which a test or the demo steers the simulator."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        return [
            Route("/settings", self.settings, methods=["GET", "PATCH"]),
            Route("/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/assets", self.assets),
            Route("/notifications", self.notifications),
            Route("/idle", self.idle),
            Route("/reset", self.reset, methods=["POST"]),
        ]

    async def settings(self, request: Request) -> Response:
        """GET: as they are. PATCH: change those that are named."""
        if request.method == "PATCH":
            changed(self._account.settings, await json_body(request))
        return json(self._account.settings)

    async def faults(self, request: Request) -> Response:
        """POST one Fault: it is armed; DELETE disarms all; both and GET list what is armed."""
        faults = self._account.faults
        if request.method == "DELETE":
            faults.clear()
        if request.method == "POST":
            faults.add(record(Fault, await json_body(request)))
        return json({"faults": faults.armed})

    async def assets(self, _: Request) -> Response:
        """The truth: every stored asset with its length and digests, read from disk."""
        assets = self._account.assets.all()
        return json({"assets": await asyncio.to_thread(lambda: [_truth(asset) for asset in assets])})

    async def notifications(self, _: Request) -> Response:
        """Every notification that was posted, with what was answered, and those that wait to be polled."""
        kept = self._account.notifications
        return json({name: [_told(each.url, each.body, each.statuses) for each in messages]
                     for name, messages in (("sent", kept.sent), ("waiting", kept.waiting))})  # fmt: skip

    async def idle(self, _: Request) -> Response:
        """Whether no background work and no notification is under way."""
        return json({"idle": self._account.tasks.idle})

    async def reset(self, _: Request) -> Response:
        """Forget everything: assets, uploads under way, faults, settings."""
        await self._account.reset()
        return json({})


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
