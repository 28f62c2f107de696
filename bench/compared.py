"""Reelhook beside what people use or write instead: `python -m bench.compared`.

The same signed deliveries from 100 connections go to each in turns. All check the signature; none of the others knows
repeats, keeps headers, or has the work to be done in the same commit. Debian's `webhook` starts `true` for each
delivery and answers before that has ended; the handlers with FastAPI and Express insert one row into SQLite and commit
it. What is not installed is left out: `scripts/ensure_debian webhook`, and npm's packages come from their lock file.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from hatch_build import install, node_home

from bench.kit import Process, Reach, Report, free_port, given, take_turns
from bench.kit.loading import load
from bench.kit.rounds import Figures
from bench.kit.servers import ROOT, SECRET, folder, reelhook, uvicorn
from reelhook.simulators.load import Plan

OURS, WEBHOOK, FASTAPI, EXPRESS = "Reelhook", "Debian's webhook", "FastAPI handler", "Express handler"
EXPRESS_FOLDER = ROOT / "bench" / "peers" / "express"


def main() -> None:
    settings = given(__doc__)
    plan = Plan(port=0, event_type="avatar_video.fail", seconds=settings.seconds)
    servers = {OURS: lambda at: reelhook(at, "--no-worker"), FASTAPI: _fastapi, **_others()}
    rounds = take_turns({name: _way(make, plan) for name, make in servers.items()}, settings.rounds)
    reaches = [Reach(OURS, "per_s", other, at_least=1) for other in servers if other != OURS]
    Report("compared", "Deliveries from 100 connections", rounds, reaches, "per_s", "a second").write(settings)


def _way(make: Callable[[Path], AbstractContextManager[Process]], plan: Plan) -> Callable[[], Figures]:
    def once() -> Figures:
        with folder() as at, make(Path(at)) as server:
            return load(server, replace(plan, path="/hooks/heygen" if make is _webhook else plan.path))

    return once


def _others() -> dict[str, Callable[[Path], Process]]:
    """Those that can be had here."""
    found: dict[str, Callable[[Path], Process]] = {}
    if shutil.which("webhook"):
        found[WEBHOOK] = _webhook
    else:
        print("No webhook here, so it is left out: scripts/ensure_debian webhook", file=sys.stderr)
    try:
        install(EXPRESS_FOLDER)
        found[EXPRESS] = _express
    except RuntimeError as error:
        print(f"Express is left out: {error}", file=sys.stderr)
    return found


def _fastapi(at: Path) -> Process:
    return uvicorn("bench.peers.handler:app", DATABASE=str(at / "events.db"))


def _express(at: Path) -> Process:
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "SECRET": SECRET, "DATABASE": str(at / "events.db")}
    return Process([node_home() / "bin" / "node", EXPRESS_FOLDER / "server.js"], port, environment=environment)


def _webhook(at: Path) -> Process:
    port, header = free_port(), {"source": "header", "name": "Signature"}
    signed = {"match": {"type": "payload-hmac-sha256", "secret": SECRET, "parameter": header}}
    hook = {"id": "heygen", "execute-command": "/bin/true", "trigger-rule": signed}
    (at / "hooks.json").write_text(json.dumps([hook]))
    return Process(["webhook", "-hooks", at / "hooks.json", "-ip", "127.0.0.1", "-port", str(port)], port)


if __name__ == "__main__":
    main()
