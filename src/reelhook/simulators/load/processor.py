"""How long processes have kept a processor busy."""

import os
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def worked_s(*pids: int) -> float:
    """Seconds of processor time that these processes and all their children have used, to a hundredth."""
    return sum(map(_worked_s, pids))


def waited_s() -> float:
    """Seconds that the first thread of this process was ready to run, but its core was taken."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def _worked_s(pid: int) -> float:
    with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended: its parent counts it now
        process = Path(f"/proc/{pid}")
        own_and_ended = sum(map(int, (process / "stat").read_text().rpartition(")")[2].split()[11:15])) / TICKS
        children = (
            int(one) for task in (process / "task").iterdir() for one in (task / "children").read_text().split()
        )
        return own_and_ended + sum(map(_worked_s, children))
    return 0.0
