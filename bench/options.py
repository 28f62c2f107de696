"""Whether the front door answers HeyGen's probe while the database is gone: `python -m bench.options`.

Postgres is stopped under a running service; then 100 `OPTIONS` a second come on time, from 10 connections. Beside it
the same comes to an nginx that answers 200 to everything.
"""

from contextlib import ExitStack
from pathlib import Path

from bench.kit import Reach, Report, given, take_turns
from bench.kit.loading import load
from bench.kit.servers import folder, nginx, postgres, reelhook
from reelhook.simulators.load import Plan

NGINX, OURS = "nginx, return 200", "ours, database stopped"


def main() -> None:
    settings = given(__doc__)
    plan = Plan(port=0, method="OPTIONS", seconds=settings.seconds, connections=10, rate=100)
    with ExitStack() as running:
        at = Path(running.enter_context(folder()))
        other = running.enter_context(nginx(at))
        database = running.enter_context(postgres(at))
        server = running.enter_context(reelhook(at, database_url=database.create()))
        database.stop()
        rounds = take_turns({NGINX: lambda: load(other, plan), OURS: lambda: load(server, plan)}, settings.rounds)
    reaches = [Reach(OURS, "p99_ms", at_most=20), Reach(OURS, "p99_ms", NGINX)]
    Report("options", "OPTIONS while the database is stopped", rounds, reaches, "p99_ms", "p99 in ms").write(settings)


if __name__ == "__main__":
    main()
