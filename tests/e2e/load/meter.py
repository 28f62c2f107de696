"""What the processes of an installation take: memory now and at most, and time on a processor all together."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from reelhook.simulators.load.processor import worked_s
from tests.e2e.cluster.member import Member
from tests.e2e.load.installation import Installation

EVERY_S = 1.0


@dataclass
class Meter:
    """Looks once a second. A process that was replaced counts as two."""

    here: Installation
    most_bytes: dict[str, int] = field(default_factory=dict)
    """By name of process."""
    _worked: dict[int, float] = field(default_factory=dict)
    _before: float | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(EVERY_S)

    def look(self) -> None:
        for member in (*self.here.webs, *self.here.workers):
            with suppress(FileNotFoundError, ProcessLookupError):
                self._look_at(member)
        if self._before is None:
            self._before = self._sum()

    @property
    def cpu_s(self) -> float:
        """Since the first look."""
        return self._sum() - (self._before or 0.0)

    def _sum(self) -> float:
        return sum(self._worked.values())

    def _look_at(self, member: Member) -> None:
        if member.process is None or member.process.returncode is not None:
            return
        pid = member.process.pid
        self.most_bytes[member.name] = max(self.most_bytes.get(member.name, 0), _resident(pid))
        self._worked[pid] = max(self._worked.get(pid, 0.0), worked_s(pid))


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)
