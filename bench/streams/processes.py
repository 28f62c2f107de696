"""What the operating system says of processes."""

from pathlib import Path


def family(pid: int) -> list[int]:
    """The process *pid* and all that came of it."""
    children = [int(word) for file in Path(f"/proc/{pid}/task").glob("*/children") for word in file.read_text().split()]
    return [pid, *(one for child in children for one in family(child))]


def memory(pid: int) -> int:
    """Bytes of memory that the process and its children take, what they share counted once."""
    return sum(_proportional(one) for one in family(pid)) * 1024


def own_memory(pid: int) -> int:
    """Bytes of memory that the process takes now; from now on `most_memory` looks."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5): the peak becomes what it is now
    return _status(pid, "VmRSS:")


def most_memory(pid: int) -> int:
    """The most bytes of memory that it took since `own_memory`, however short."""
    return _status(pid, "VmHWM:")


def cpu_s(pid: int) -> float:
    """Seconds of a core that the process and its children have used, as far as their threads live."""
    files = (file for one in family(pid) for file in Path(f"/proc/{one}/task").glob("*/schedstat"))
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def own_s() -> float:
    """Seconds for which this process has worked, or waited for its core to be free."""
    worked, waited, _ = Path("/proc/self/schedstat").read_text().split()
    return (int(worked) + int(waited)) / 1e9


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


def _proportional(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
