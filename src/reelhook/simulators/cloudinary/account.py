"""One cloud: everything the simulator remembers, and the key that opens it."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reelhook.simulators.cloudinary.assets import Asset, Assets, upload_answer
from reelhook.simulators.cloudinary.chunks import Chunks
from reelhook.simulators.cloudinary.faults import KINDS
from reelhook.simulators.cloudinary.form import Form
from reelhook.simulators.cloudinary.notifications import Notifications
from reelhook.simulators.cloudinary.settings import Settings
from reelhook.simulators.faults import Faults
from reelhook.simulators.records import changed
from reelhook.simulators.tasks import Tasks


class Account:
    """The state behind all routes. *base_url* is where it is reached."""

    def __init__(self, base_url: str, cloud: str, api_key: str, secret: str) -> None:
        self.base_url, self.cloud, self.api_key, self.secret = base_url, cloud, api_key, secret
        self._directory = TemporaryDirectory(prefix="reelhook-cloudinary-")
        self.folder = Path(self._directory.name)
        self.settings = Settings()
        self.faults = Faults(KINDS)
        self.tasks = Tasks()
        self.assets = Assets()
        self.chunks = Chunks()
        self.notifications = Notifications(self.settings, self.secret, self.faults, self.tasks)

    @property
    def environment_url(self) -> str:
        """What CLOUDINARY_URL is to be."""
        return f"cloudinary://{self.api_key}:{self.secret}@{self.cloud}?upload_prefix={self.base_url}"

    async def reset(self) -> None:
        """As it was at the start; what is under way ends."""
        await self.tasks.stop()
        changed(self.settings, asdict(Settings()))
        self.faults.clear()
        self.notifications.clear()
        self.chunks.clear()
        for asset in self.assets.all():
            self.assets.remove(asset.key)

    def answer(self, asset: Asset, form: Form) -> dict[str, Any]:
        """The body of a successful upload."""
        return upload_answer(asset, self.base_url, self.cloud, self.api_key, self.secret, form)

    async def close(self) -> None:
        """End what is under way and delete what is stored."""
        await self.tasks.stop()
        await self.notifications.close()
        self._directory.cleanup()
