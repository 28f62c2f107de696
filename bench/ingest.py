"""How many deliveries a second the front door takes: `python -m bench.ingest`.

100 connections send signed deliveries as fast as they are answered, each of another video that failed, so that a
worker has nothing to fetch. Ours are answered after event and work are on the disk. They are compared with a bare
uvicorn app that answers after the HMAC, and with our own endpoint before a store that returns at once. `with worker`
applies what came in the same process, as `reelhook serve` usually does. Each round begins each server anew.
"""

from contextlib import ExitStack
from pathlib import Path

from bench.kit import Given, Reach, Report, given, take_turns
from bench.kit.loading import load
from bench.kit.rounds import Figures, Way
from bench.kit.servers import folder, postgres, reelhook, uvicorn
from reelhook.simulators.load import Plan

BARE, UNSTORED = "bare uvicorn", "ours, nothing stored"
SQLITE, SQLITE_WORKER, POSTGRES = "ours, SQLite", "ours, SQLite, with worker", "ours, Postgres"


def ways(plan: Plan) -> dict[str, Way]:
    return {
        BARE: lambda: _bare(plan),
        UNSTORED: lambda: _ours(plan, program=("bench.peers.unstored",)),
        SQLITE: lambda: _ours(plan, "--no-worker"),
        SQLITE_WORKER: lambda: _ours(plan),
        POSTGRES: lambda: _on_postgres(plan),
    }


REACHES = (
    Reach(SQLITE, "per_s", BARE, at_least=0.5),
    Reach(SQLITE, "p99_ms", BARE, at_most=3),
    Reach(POSTGRES, "per_s", BARE, at_least=0.5),
    Reach(SQLITE, "per_s", UNSTORED, at_least=0.65),
    Reach(SQLITE_WORKER, "per_s", BARE),
)


def main() -> None:
    settings = given(__doc__)
    report(settings).write(settings)


def report(given: Given) -> Report:
    rounds = take_turns(ways(Plan(port=0, event_type="avatar_video.fail", seconds=given.seconds)), given.rounds)
    return Report("ingest", "Deliveries from 100 connections", rounds, REACHES, "per_s", "a second")


def _bare(plan: Plan) -> Figures:
    with uvicorn("bench.peers.bare:app") as server:
        return load(server, plan)


def _ours(plan: Plan, *words: str, program: tuple[str, ...] = ("reelhook", "serve")) -> Figures:
    with folder() as at, reelhook(Path(at), *words, program=program) as server:
        return load(server, plan)


def _on_postgres(plan: Plan) -> Figures:
    with ExitStack() as running:
        at = Path(running.enter_context(folder()))
        database = running.enter_context(postgres(at))
        server = running.enter_context(reelhook(at, "--no-worker", database_url=database.create()))
        return load(server, plan, database.pid)


if __name__ == "__main__":
    main()
