"""The processes: simulated HeyGen and Cloudinary, which live, and a server, which dies and is started again."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.e2e.kill.cut import Disk
from tests.e2e.kill.on_sqlite import OnSqlite
from tests.e2e.kill.scene import RENDER_S, ROOT, Broken
from tests.processes import simulators

READY_LIMIT_S = 40.0
STOP_LIMIT_S = 40.0
LOOK_S = 0.01
MEMORY, ENOUGH = Path("/dev/shm"), 1024**3  # containers often have very little of it


@dataclass(kw_only=True)
class World(OnSqlite):
    """One process with its database and its files, and everything outside it."""

    disk: Disk | None
    process: asyncio.subprocess.Process | None = None
    started_at: float = 0.0

    @property
    def live(self) -> Path:
        return self.folder / "live"

    @property
    def database(self) -> Path:
        return self.live / "data" / "reelhook.db"

    @property
    def media(self) -> Path:
        return self.live / "data" / "media"

    @property
    def with_cuts(self) -> bool:
        return self.disk is not None and self.disk.shadow is not None

    @property
    def log(self) -> str:
        written = self.folder / "serve.log"
        return "\n".join(written.read_text(errors="replace").splitlines()[-15:]) if written.exists() else ""

    async def start(self, *, point: str | None = None, nth: int = 1, weaker: str = "", works: bool = True) -> None:
        """Start the process; it is not ready yet."""
        wishes = {"KILL_POINT": f"{point}:{nth}" if point else "", "KILL_SYNCHRONOUS": weaker}
        words = [sys.executable, "-m", "tests.e2e.kill.server", str(self.port), *(() if works else ("--no-worker",))]
        with (self.folder / "serve.log").open("ab") as log:
            self.started_at = time.monotonic()
            self.process = await asyncio.create_subprocess_exec(
                *words, cwd=ROOT, env=self._environment() | wishes, stdout=log, stderr=log, start_new_session=True
            )

    async def ready(self) -> float | None:
        """Seconds from its start to the first 200, or None when it died before, as it should."""
        until = time.monotonic() + READY_LIMIT_S
        while time.monotonic() < until:
            if self.dead():
                return None
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self.session.get(f"{self.base}/readyz", timeout=aiohttp.ClientTimeout(total=2)) as response:
                    if response.status == 200:
                        return time.monotonic() - self.started_at
            await asyncio.sleep(LOOK_S)
        raise Broken(f"the server is not ready after {READY_LIMIT_S:g} s:\n{self.log}")

    def dead(self) -> bool:
        """Whether it was killed. Raises *Broken* when it ended in any other way."""
        assert self.process is not None
        if self.process.returncode not in (None, -signal.SIGKILL):
            raise Broken(f"the server ended by itself with {self.process.returncode}:\n{self.log}")
        return self.process.returncode is not None

    async def dies(self, within_s: float) -> bool:
        """Whether it dies by itself in that time."""
        assert self.process is not None
        with suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), within_s)
        return self.dead()

    async def kill(self) -> None:
        """SIGKILL, if it is alive."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await asyncio.wait_for(self.process.wait(), STOP_LIMIT_S)

    async def stop(self) -> None:
        """SIGTERM, and an end in good order."""
        assert self.process is not None
        self.process.terminate()
        code = await asyncio.wait_for(self.process.wait(), STOP_LIMIT_S)
        if code not in (0, -signal.SIGTERM):
            raise Broken(f"the server did not stop in good order, but with {code}:\n{self.log}")

    async def cut(self) -> None:
        """The power goes and comes back; the server must be dead."""
        assert self.disk is not None
        await asyncio.to_thread(self.disk.cut)

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    async def hurry(self) -> None:
        self.signal(signal.SIGUSR1)

    def _environment(self) -> dict[str, str]:
        own = self.settings(database_url=f"sqlite:///{self.database}", drain_s=0)
        return own | (self.disk.environment() if self.disk else {})


@asynccontextmanager
async def world(library: Path | None, *, with_cuts: bool) -> AsyncIterator[World]:
    """A world in which HeyGen knows us and we know its secret, and no server has ever run. Nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="reelhook-kill-"))
    shadow = Path(tempfile.mkdtemp(prefix="reelhook-kill-", dir=_fast()))
    (folder / "live").mkdir(mode=0o700)
    disk = Disk(folder / "live", library, shadow / "kept" if with_cuts else None) if library else None
    timeout = aiohttp.ClientTimeout(total=30)
    try:
        # Clients that die in the middle of a request make them complain, at length.
        with (folder / "simulators.log").open("wb") as log, simulators(RENDER_S, complaints=log) as outside:
            async with aiohttp.ClientSession(timeout=timeout) as session:
                made = World(folder=folder, outside=outside, session=session, disk=disk)
                try:
                    await _set_up(made)
                    yield made
                except Broken as broken:
                    ended = made.process and made.process.returncode
                    broken.add_note(f"the server's exit code: {ended}; the end of its log:\n{made.log}")
                    raise
                finally:
                    await made.kill()
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(shadow)


def _fast() -> Path | None:
    """Where copies cost little; None: wherever temporary files go."""
    room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    return MEMORY if room else None


async def _set_up(made: World) -> None:
    await made.introduce()
    if made.disk and made.with_cuts:
        made.disk.settle()
