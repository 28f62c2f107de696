"""The process of `tests.realtime.process` as tests hold it: its port, its memory, its end."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class Subject:
    process: asyncio.subprocess.Process
    port: int

    @property
    def resident_bytes(self) -> int:
        """What it holds in memory now."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

    async def end(self, sig: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(sig)
        async with asyncio.timeout(30):
            return await self.process.wait()


@asynccontextmanager
async def subject(url: str) -> AsyncIterator[Subject]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.realtime.process", url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            port = int(await process.stdout.readline())
        yield Subject(process, port)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
