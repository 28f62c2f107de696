"""Whether the load generator can be believed: `python -m bench.generator`. Needs wrk: `scripts/ensure_debian wrk`.

It and wrk, which is written in C, load the same bare uvicorn app in turns. At nginx the generator meets its own limit,
which is the most that it can measure; runs near that are not believed elsewhere.
"""

import re
import shutil
import subprocess
from pathlib import Path

from bench.kit import CLIENT_CORES, Process, Reach, Report, given, take_turns
from bench.kit.loading import load
from bench.kit.rounds import Figures, Unreliable
from bench.kit.servers import folder, nginx, uvicorn
from reelhook.simulators.load import Plan, generate

WRK, OURS, MOST = "wrk, bare uvicorn", "ours, bare uvicorn", "ours, nginx"
UNIT_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def main() -> None:
    settings = given(__doc__)
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("wrk is missing: scripts/ensure_debian wrk")
    with folder() as at, nginx(Path(at)) as server, uvicorn("bench.peers.bare:app") as bare:
        plan = Plan(port=0, method="GET", expects=401, seconds=settings.seconds)  # unsigned
        ways = {
            WRK: lambda: _wrk(wrk, bare, settings.seconds),
            OURS: lambda: load(bare, plan),
            MOST: lambda: _most(server, settings.seconds),
        }
        rounds = take_turns(ways, settings.rounds)
    reaches = [Reach(OURS, "per_s", WRK, at_least=0.95, at_most=1.05), Reach(MOST, "per_s", OURS, at_least=1.5)]
    Report("generator", "Load generator with 100 connections", rounds, reaches, "per_s", "a second").write(settings)


def _wrk(program: str, server: Process, seconds: float) -> Figures:
    command = [program, "-t1", "-c100", f"-d{seconds:g}s", "--latency", f"http://127.0.0.1:{server.port}/"]
    pinned = ["taskset", "-c", ",".join(map(str, CLIENT_CORES)), *command]
    told = subprocess.run(pinned, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout  # noqa: S603
    rate, percents = re.search(r"Requests/sec: +([\d.]+)", told), re.findall(r"(\d+)% +([\d.]+)(us|ms|s)", told)
    if rate is None:
        raise Unreliable(f"wrk said {told!r}")
    times = {f"p{percent}_ms": float(value) * UNIT_MS[unit] for percent, value, unit in percents}
    return {"per_s": float(rate[1]), "p50_ms": times["p50_ms"], "p99_ms": times["p99_ms"]}


def _most(server: Process, seconds: float) -> Figures:
    """The one run in which the generator may be the limit."""
    outcome = generate(Plan(port=server.port, method="GET", seconds=seconds, server_pids=(server.pid,)), CLIENT_CORES)
    return outcome.figures()


if __name__ == "__main__":
    main()
