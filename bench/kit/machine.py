"""Where a measurement was made."""

import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

from reelhook.simulators.load import fsync_us

SPINS = 1_000_000


def facts() -> dict[str, Any]:
    """Processor, kernel, versions; how busy others keep it (`load`), and how fast it is just now (`spin_ms`)."""
    with tempfile.TemporaryDirectory(prefix="reelhook-bench-") as folder:
        disk = fsync_us(Path(folder))
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "fdatasync_us": round(disk, 1),
        "load": round(os.getloadavg()[0], 1),
        "spin_ms": round(_spin_ms(), 1),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _spin_ms() -> float:
    begun = time.perf_counter()
    for _ in range(SPINS):
        pass
    return (time.perf_counter() - begun) * 1000
