"""Holds each room to its branch coverage: `python scripts/coverage_gate.py` after a run with `--cov`.

The rooms on the way of the data must be covered whole, the others to 95 %.
"""

import sys
from collections import defaultdict
from pathlib import Path

from coverage import Coverage

WHOLE = {"ingest", "inbox", "jobs", "videos", "archive", "realtime"}
OTHERS = 95.0


def main() -> int:
    data = Coverage()
    data.load()
    covered: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    gaps: dict[str, list[str]] = defaultdict(list)
    for name in sorted(data.get_data().measured_files()):
        room = _room(Path(name))
        analysis = data._analyze(name)  # what its own reports are made of; the public ones print, and say it in words
        numbers = analysis.numbers
        total = numbers.n_statements + numbers.n_branches
        reached = numbers.n_executed + numbers.n_executed_branches
        covered[room][0] += reached
        covered[room][1] += total
        if reached < total:
            gaps[room].append(f"{Path(name).name}:{analysis.missing_formatted(branches=True)}")
    failed = False
    for room, (reached, total) in sorted(covered.items()):
        percent = 100.0 * reached / total if total else 100.0
        least = 100.0 if room in WHOLE else OTHERS
        mark = "ok  " if percent >= least else "FAIL"
        failed |= percent < least
        print(f"{mark} {room:<12} {percent:6.2f} % (at least {least:g})")
        if percent < least:
            print("     " + "\n     ".join(gaps[room]))
    return 1 if failed else 0


def _room(path: Path) -> str:
    parts = path.parts[path.parts.index("reelhook") + 1 :]
    return parts[0] if len(parts) > 1 else "root"


if __name__ == "__main__":
    sys.exit(main())
