"""Reelhook beside what people use or write instead: `python -m bench.compared`.

The same signed deliveries from 100 connections go to each in turns. All check the signature; none of the others knows
repeats, keeps headers, or has the work to be done in the same commit. Debian's `webhook` starts `true` for each
delivery and answers before that has ended; the handlers with FastAPI and Express insert one row and commit it, into
SQLite, and with Express (by `pg`) into Postgres too, where it is compared with ours. What is not installed is left out:
`scripts/ensure_debian webhook`, and npm's packages come from their lock file.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

from hatch_build import install, node_home

from bench.kit import Process, Reach, Report, free_port, given, take_turns
from bench.kit.loading import load
from bench.kit.rounds import Figures, Way
from bench.kit.servers import ROOT, SECRET, folder, postgres, reelhook, uvicorn
from reelhook.simulators.load import Plan

OURS, WEBHOOK, FASTAPI, EXPRESS = "Reelhook", "Debian's webhook", "FastAPI handler", "Express handler"
OURS_POSTGRES, EXPRESS_POSTGRES = f"{OURS}, Postgres", f"{EXPRESS}, Postgres"
EXPRESS_FOLDER = ROOT / "bench" / "peers" / "express"


def main() -> None:
    settings = given(__doc__)
    plan = Plan(port=0, event_type="avatar_video.fail", seconds=settings.seconds)
    servers = {OURS: lambda at: reelhook(at, "--no-worker"), FASTAPI: _fastapi, **_others()}
    ways = {name: _way(make, plan) for name, make in servers.items()}
    reaches = [Reach(OURS, "per_s", other, at_least=1) for other in servers if other != OURS]
    if EXPRESS in servers:
        ways |= {OURS_POSTGRES: _on_postgres(_ours, plan), EXPRESS_POSTGRES: _on_postgres(_express, plan)}
        reaches.append(Reach(OURS_POSTGRES, "per_s", EXPRESS_POSTGRES, at_least=1))
        # Its ten connections are ten processes of Postgres, which have the generator's core too.
        reaches.append(Reach(OURS_POSTGRES, "cpu_us", EXPRESS_POSTGRES, at_most=1))
    rounds = take_turns(ways, settings.rounds)
    Report("compared", "Deliveries from 100 connections", rounds, reaches, "per_s", "a second").write(settings)


def _way(make: Callable[[Path], AbstractContextManager[Process]], plan: Plan) -> Way:
    def once() -> Figures:
        with folder() as at, make(Path(at)) as server:
            return load(server, replace(plan, path="/hooks/heygen" if make is _webhook else plan.path))

    return once


def _on_postgres(make: Callable[[Path, str], Process], plan: Plan) -> Way:
    def once() -> Figures:
        with ExitStack() as running:
            at = Path(running.enter_context(folder()))
            database = running.enter_context(postgres(at))
            server = running.enter_context(make(at, database.create()))
            return load(server, plan, database.pid)

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
        found[EXPRESS] = lambda at: _express(at, str(at / "events.db"))
    except RuntimeError as error:
        print(f"Express is left out: {error}", file=sys.stderr)
    return found


def _fastapi(at: Path) -> Process:
    return uvicorn("bench.peers.handler:app", DATABASE=str(at / "events.db"))


def _ours(at: Path, database: str) -> Process:
    return reelhook(at, "--no-worker", database_url=database)


def _express(at: Path, database: str) -> Process:
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "SECRET": SECRET, "DATABASE": database}
    return Process([node_home() / "bin" / "node", EXPRESS_FOLDER / "server.js"], port, environment=environment)


def _webhook(at: Path) -> Process:
    port, header = free_port(), {"source": "header", "name": "Signature"}
    signed = {"match": {"type": "payload-hmac-sha256", "secret": SECRET, "parameter": header}}
    hook = {"id": "heygen", "execute-command": "/bin/true", "trigger-rule": signed}
    (at / "hooks.json").write_text(json.dumps([hook]))
    return Process(["webhook", "-hooks", at / "hooks.json", "-ip", "127.0.0.1", "-port", str(port)], port)


if __name__ == "__main__":
    main()
