"""Eager transformations: nothing is transcoded, but everything is answered and notified as if it were."""

import asyncio
from typing import Any

from reelhook.simulators.cloudinary.account import Account
from reelhook.simulators.cloudinary.assets import Asset
from reelhook.simulators.cloudinary.form import Form


class Eager:
    """The `eager` parameter of uploads and of `explicit`."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def of(self, asset: Asset, form: Form) -> dict[str, Any]:
        """What *form* asks for: in the answer at once, or, with `eager_async`, in a notification later."""
        wanted = [each for each in form.text("eager").split("|") if each]
        if not wanted:
            return {}
        if not form.flag("eager_async"):
            return {"eager": [self._derived(asset, each) for each in wanted]}
        url = form.text("eager_notification_url") or form.text("notification_url")
        self._account.tasks.start(self._later(asset, wanted, url, form.text("batch_id")))
        return {}

    async def _later(self, asset: Asset, wanted: list[str], url: str, batch_id: str) -> None:
        await asyncio.sleep(self._account.settings.processing_s)
        derived = [self._derived(asset, each) for each in wanted]
        self._account.notifications.notify(
            url, "eager", {"eager": derived, "public_id": asset.public_id, "batch_id": batch_id}
        )

    def _derived(self, asset: Asset, transformation: str) -> dict[str, Any]:
        path, _, extension = transformation.rpartition("/")
        account, (kind, delivery, public_id) = self._account, asset.key
        base = f"{account.base_url}/{account.cloud}/{kind}/{delivery}"
        url = f"{base}/{path}/v{asset.version}/{public_id}.{extension}"
        return {
            "transformation": transformation,
            "format": extension,
            "bytes": asset.length,
            "url": url,
            "secure_url": url,
        }
