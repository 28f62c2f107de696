"""Every measurement, one after the other: `make bench`, or `python -m bench --rounds 1 --seconds 1` for a short look.

They write to `bench/results/`, where README.md then tells of all. Each is begun in a process of its own, and one that
fails does not keep the next.
"""

import subprocess
import sys

MEASUREMENTS = (
    *("generator", "ingest", "idle", "options", "compared", "burst", "start"),
    *("cost", "parts", "logs", "scrape", "relay", "size"),
    *(f"streams.{name}" for name in ("fanout", "sustained", "latency", "storm", "beside", "idle")),
)


def main() -> None:
    failed = [name for name in (*MEASUREMENTS, "summary") if not _run(name)]
    if failed:
        raise SystemExit(f"These failed: {', '.join(failed)}")


def _run(name: str) -> bool:
    print(f"bench.{name}", file=sys.stderr)
    done = subprocess.run([sys.executable, "-m", f"bench.{name}", *sys.argv[1:]], check=False)  # noqa: S603
    return done.returncode == 0


if __name__ == "__main__":
    main()
