"""One process of the installation, started again by whoever watches over it when it dies."""

import asyncio
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.e2e.kill.scene import ROOT, Broken

READY_LIMIT_S = 60.0
STOP_LIMIT_S = 40.0
LOOK_S = 0.05
SHOWN_LINES = 15


@dataclass
class Member:
    """*words* is its command. Everything it says goes to *log*."""

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.returncode is None

    @property
    def said(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-SHOWN_LINES:])

    async def start(self) -> None:
        """It runs, and may not be ready yet."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.words, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    async def kill(self) -> None:
        """SIGKILL, if it is alive."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await asyncio.wait_for(self.process.wait(), STOP_LIMIT_S)

    def terminate(self) -> None:
        """SIGTERM; it may take its time."""
        assert self.process is not None
        self.process.terminate()

    async def ended(self) -> None:
        """Wait for the end that `terminate` began. Raises *Broken* when it is not in good order."""
        assert self.process is not None
        code = await asyncio.wait_for(self.process.wait(), STOP_LIMIT_S)
        if code not in (0, -signal.SIGTERM, 128 + signal.SIGTERM):
            raise Broken(f"{self.name} did not stop in good order, but with {code}:\n{self.said}")

    def check(self) -> None:
        """Raises *Broken* when it is not running."""
        if not self.runs:
            raise Broken(f"{self.name} ended by itself with {self.process and self.process.returncode}:\n{self.said}")


@dataclass(kw_only=True)
class Web(Member):
    """A web process, which can also be asked directly."""

    port: int

    async def ready(self, session: aiohttp.ClientSession) -> None:
        """Wait until it is ready to serve. Raises *Broken* when that takes too long, or it ends."""
        until = time.monotonic() + READY_LIMIT_S
        url, limit = f"http://127.0.0.1:{self.port}/readyz", aiohttp.ClientTimeout(total=2)
        while time.monotonic() < until:
            self.check()
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(url, timeout=limit) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(LOOK_S)
        raise Broken(f"{self.name} is not ready after {READY_LIMIT_S:g} s:\n{self.said}")
