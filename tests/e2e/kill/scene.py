"""The service as its users reach it, and the simulated HeyGen and Cloudinary around it, which live."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from reelhook.events import sign
from tests.processes import Simulators, clean_environment, free_port

ROOT = Path(__file__).parents[3]
RENDER_S = 0.8
# A HeyGen in a hurry: its real retries take a day, ours must be through before the run ends.
IN_A_HURRY = {
    "retry_first_s": 0.2,
    "retry_factor": 1.3,
    "retry_most_s": 1.0,
    "answer_timeout_s": 5,
    "concurrency": 1000,
}
T = TypeVar("T")


class Broken(AssertionError):
    """Something died that nobody killed, or does not come up: the run says nothing."""


@dataclass(kw_only=True)
class Scene:
    """One service under one address, its files in *folder*, and everything outside it."""

    folder: Path
    outside: Simulators
    session: aiohttp.ClientSession
    port: int = field(default_factory=free_port)
    secret: str = ""
    key: str = ""

    @property
    def media(self) -> Path:
        """Where the local store keeps its files."""
        raise NotImplementedError

    async def look(self, question: Callable[[Any], T]) -> T:
        """What *question* finds on a connection to the database that only reads; the service may be running."""
        raise NotImplementedError

    async def hurry(self) -> None:
        """Let retries that wait for hours be due."""
        raise NotImplementedError

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def authorised(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def signed(self, body: bytes) -> dict[str, str]:
        return {"signature": sign(body, self.secret), "content-type": "application/json"}

    async def control(self, whom: str, method: str, path: str, body: Any = None) -> Any:
        """Steer a simulator: `heygen` or `cloudinary`."""
        base = self.outside.heygen if whom == "heygen" else self.outside.cloudinary
        # A connection of its own: one that was kept may be closed by the other side in the moment it is used again.
        once = {"Connection": "close"}
        async with self.session.request(method, f"{base}/_control{path}", json=body, headers=once) as response:
            if response.status != 200:
                raise Broken(f"{method} {path} at {whom}: {await response.text()}")
            return await response.json()

    async def introduce(self) -> None:
        """HeyGen learns our address, and we its secret."""
        await self.control("heygen", "PATCH", "/settings", IN_A_HURRY)
        self.secret = self.outside.register(f"{self.base}/webhooks/heygen")

    def settings(self, **own: object) -> dict[str, str]:
        """The environment of a process of the service."""
        made = clean_environment(
            **self.outside.settings(),
            stores=f"local:{self.media},cloudinary",
            heygen_webhook_secrets=self.secret,
            log_format="json",
            **own,
        )
        # Whoever is killed cannot write down what was covered.
        return {name: value for name, value in made.items() if not name.startswith("COVERAGE")}
