"""What this disk takes to make a few bytes safe."""

import os
import statistics
import time
from pathlib import Path

BLOCK = b"x" * 4096


def fsync_us(folder: Path, times: int = 100, pause_s: float = 0.0) -> float:
    """The median time to append 4 KiB to a file in *folder* and fdatasync it, in microseconds."""
    path = folder / "fsync.probe"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return statistics.median(_once(descriptor, pause_s) for _ in range(times)) / 1000
    finally:
        os.close(descriptor)
        path.unlink()


def _once(descriptor: int, pause_s: float) -> int:
    time.sleep(pause_s)
    begun = time.perf_counter_ns()
    os.write(descriptor, BLOCK)
    os.fdatasync(descriptor)
    return time.perf_counter_ns() - begun
