"""Everything under `/v1_1` and `/v2` beside uploads: explicit, destroy, rename, resources, usage, polling."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelhook.simulators.cloudinary.account import Account
from reelhook.simulators.cloudinary.assets import Asset, AssetKey
from reelhook.simulators.cloudinary.auth import check_basic, check_form
from reelhook.simulators.cloudinary.eager import Eager
from reelhook.simulators.cloudinary.errors import CloudinaryError
from reelhook.simulators.cloudinary.faults import RATE_LIMIT, misbehave, rate_headers
from reelhook.simulators.cloudinary.form import Form, read_form
from reelhook.simulators.control import Endpoint, json, json_body

RESOURCES_MOST = 500
IMAGE_MOST = 20_971_520  # assumption
GIBIBYTE, CREDITS = 2**30, 25  # a credit is a gibibyte kept; a free plan has so many


class Admin:
    """The routes that manage what is stored."""

    def __init__(self, account: Account, eager: Eager) -> None:
        self._account, self._eager = account, eager
        self._remaining = RATE_LIMIT

    def routes(self) -> list[Route]:
        base = "/v1_1/{cloud}"
        resources = base + "/resources/{kind}/{type}"
        return [
            Route(f"{base}/{{kind}}/explicit", self._faulty(self.explicit), methods=["POST"]),
            Route(f"{base}/{{kind}}/destroy", self._faulty(self.destroy), methods=["POST"]),
            Route(f"{base}/{{kind}}/rename", self._faulty(self.rename), methods=["POST"]),
            Route(f"{base}/ping", self._counted(self.ping)),
            Route(f"{base}/usage", self._counted(self.usage)),
            Route(f"{base}/resources/{{asset_id}}", self._counted(self.resource_by_id)),
            Route(f"{resources}/{{public_id:path}}", self._counted(self.resource)),
            Route(resources, self._counted(self.resources)),
            Route(resources, self._counted(self.delete_resources), methods=["DELETE"]),
            Route("/v2/notifications/{cloud}/messages", self._counted(self.messages)),
            Route("/v2/notifications/{cloud}/messages/ack", self._counted(self.acknowledge), methods=["POST"]),
        ]

    def _faulty(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            fault = self._account.faults.take("admin", f"{request.method} {request.url.path}")
            return await misbehave(fault) or await endpoint(request)

        return answer

    def _counted(self, endpoint: Endpoint) -> Endpoint:
        """*endpoint* of the Admin API: key and secret as Basic, and a quota."""

        async def answer(request: Request) -> Response:
            check_basic(self._account, request)
            self._remaining = max(0, self._remaining - 1)
            response = await endpoint(request)
            response.headers.update(rate_headers(self._remaining))
            return response

        return self._faulty(answer)

    async def _form(self, request: Request) -> Form:
        form = await read_form(request, self._account.folder)
        check_form(self._account, request, form)
        return form

    async def explicit(self, request: Request) -> Response:
        form = await self._form(request)
        asset = self._find(request, form.text("public_id"), form.text("type", "upload"))
        return json({**self._account.answer(asset, form), **self._eager.of(asset, form)})

    async def destroy(self, request: Request) -> Response:
        form = await self._form(request)
        key = (request.path_params["kind"], form.text("type", "upload"), form.text("public_id"))
        return json({"result": "ok" if self._account.assets.remove(key) else "not found"})

    async def rename(self, request: Request) -> Response:
        form = await self._form(request)
        asset = self._find(request, form.text("from_public_id"), form.text("type", "upload"))
        to: AssetKey = (asset.key[0], asset.key[1], form.text("to_public_id"))
        if self._account.assets.get(to) is not None and not form.flag("overwrite"):
            raise CloudinaryError(400, f"Resource already exists - {to[2]}")
        self._account.assets.remove(to)
        return json(self._account.answer(self._account.assets.rename(asset.key, to), form))

    async def ping(self, _: Request) -> Response:
        return json({"status": "ok"})

    async def usage(self, _: Request) -> Response:
        limits = {"image_max_size_bytes": IMAGE_MOST, "video_max_size_bytes": self._account.settings.video_max_bytes}
        assets = self._account.assets.all()
        used = sum(asset.length for asset in assets)
        credits = used / GIBIBYTE
        told = {"usage": credits, "limit": CREDITS, "used_percent": round(100 * credits / CREDITS, 2)}
        storage = {"usage": used, "credits_usage": credits}
        whole = {"resources": len(assets), "storage": storage, "credits": told, "media_limits": limits}
        return json({"plan": "Simulated", **whole})

    async def resource(self, request: Request) -> Response:
        asset = self._find(request, request.path_params["public_id"], request.path_params["type"])
        return json(self._told(asset))

    async def resource_by_id(self, request: Request) -> Response:
        asset_id = request.path_params["asset_id"]
        for asset in self._account.assets.all():
            if asset.asset_id == asset_id:
                return json(self._told(asset))
        raise CloudinaryError(404, f"Resource not found - {asset_id}")

    async def resources(self, request: Request) -> Response:
        """Sorted by public id (assumption); `next_cursor` stands in the answer while there are more."""
        query = request.query_params
        prefix, cursor, most = (
            query.get("prefix", ""),
            query.get("next_cursor", ""),
            int(query.get("max_results", "10")),
        )
        kind = (request.path_params["kind"], request.path_params["type"])
        assets = [each for each in self._account.assets.all() if each.key[:2] == kind]
        named = sorted(each.public_id for each in assets if each.public_id.startswith(prefix))
        rest = [name for name in named if name > cursor]
        told = [self._told(self._find(request, name, kind[1])) for name in rest[: min(most, RESOURCES_MOST)]]
        more = {"next_cursor": told[-1]["public_id"]} if len(told) < len(rest) else {}
        return json({"resources": told, **more})

    async def delete_resources(self, request: Request) -> Response:
        kind, delivery = request.path_params["kind"], request.path_params["type"]
        body = await json_body(request)
        asked = request.query_params.getlist("public_ids[]") or body.get("public_ids", [])
        removed = {each: self._account.assets.remove((kind, delivery, each)) for each in asked}
        deleted = {each: "deleted" if there else "not_found" for each, there in removed.items()}
        return json({"deleted": deleted, "partial": False})

    async def messages(self, request: Request) -> Response:
        query = request.query_params
        found = await self._account.notifications.claim(
            query.get("channel", ""), query.get("batch_id", ""), int(query.get("max_messages", "10")),
            float(query.get("wait_seconds", "20")), float(query.get("visibility_timeout", "30")),
        )  # fmt: skip
        return json({"messages": found} if found else {})

    async def acknowledge(self, request: Request) -> Response:
        handles = (await json_body(request)).get("receipt_handles", [])
        return json({"results": self._account.notifications.acknowledge(handles)})

    def _find(self, request: Request, public_id: str, delivery: str) -> Asset:
        asset = self._account.assets.get((request.path_params["kind"], delivery, public_id))
        if asset is None:
            raise CloudinaryError(404, f"Resource not found - {public_id}")
        return asset

    def _told(self, asset: Asset) -> dict[str, Any]:
        return asset.told(self._account.base_url, self._account.cloud)
