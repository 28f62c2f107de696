"""How long a start takes: `python -m bench.start`.

`reelhook serve` on a prepared SQLite file until /readyz answers 200, beside a FastAPI app of one route under uvicorn
until it answers; and `reelhook --help` beside the help of a typer app of one command.
"""

import subprocess
import sys
import time
from pathlib import Path

from bench.kit import Process, Reach, Report, given, take_turns
from bench.kit.rounds import Figures
from bench.kit.servers import ROOT, clean, folder, reelhook, uvicorn

FASTAPI, SERVE = "bare FastAPI, ready", "reelhook serve, ready"
TYPER, HELP = "bare typer --help", "reelhook --help"


def main() -> None:
    settings = given(__doc__)
    ways = {
        FASTAPI: lambda: _ready(uvicorn("bench.peers.hello:app")),
        SERVE: _serve,
        TYPER: lambda: _help("bench.peers.command"),
        HELP: lambda: _help("reelhook"),
    }
    rounds = take_turns(ways, settings.rounds)
    reaches = [Reach(SERVE, "s", FASTAPI, at_most=3), Reach(HELP, "s", TYPER, at_most=2)]
    Report("start", "From the start to the first answer", rounds, reaches, "s", "seconds").write(settings)


def _ready(process: Process) -> Figures:
    begun = time.perf_counter()
    with process:
        return {"s": time.perf_counter() - begun}


def _serve() -> Figures:
    with folder() as at:
        return _ready(reelhook(Path(at)))


def _help(module: str) -> Figures:
    begun = time.perf_counter()
    command = [sys.executable, "-m", module, "--help"]
    subprocess.run(command, cwd=ROOT, env=clean(), capture_output=True, check=True)  # noqa: S603
    return {"s": time.perf_counter() - begun}


if __name__ == "__main__":
    main()
