"""`reelhook bench`: what this machine and this disk carry, on a service of its own that ends with the command."""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from reelhook.cli.output import AsJson, document, table
from reelhook.errors import Unavailable
from reelhook.settings import PREFIX
from reelhook.simulators.load import CLIENT_CORES, Plan, Process, free_port, fsync_us, generate

PAUSE_S = 0.02
COLUMNS = ("connections", "webhooks_per_s", "p50_ms", "p99_ms", "max_ms", "cores_used")


def register(app: typer.Typer) -> None:
    app.command()(bench)


def bench(
    folder: Annotated[
        Path, typer.Option(help="On the disk that is meant; everything there is removed again.")
    ] = Path(),
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="How long each of the two loads lasts.")] = 5,
    connections: Annotated[int, typer.Option(min=1, max=1000, help="How many send at once.")] = 100,
    as_json: AsJson = False,
) -> None:
    with tempfile.TemporaryDirectory(prefix="reelhook-bench-", dir=folder) as own:
        at = Path(own)
        plan = Plan(
            free_port(),
            event_type="avatar_video.fail",  # nothing is to be fetched
            seconds=seconds,
            warm_s=min(1.0, seconds / 3),
            connections=connections,
        )
        sync_ms = fsync_us(at) / 1000
        try:
            with _service(at, plan) as service:
                alone = replace(plan, connections=1, pause_s=PAUSE_S)
                found = {"one_at_a_time": _measured(service, alone), "as_many_as_it_takes": _measured(service, plan)}
        except RuntimeError as error:
            raise Unavailable(str(error)) from None
    if as_json:
        document({"fdatasync_ms": round(sync_ms, 3), **found})
        return
    print(f"This disk makes 4 KiB safe in {sync_ms:.2f} ms.")
    table(COLUMNS, list(found.values()))
    for load in found.values():
        for why in load["wrong"]:
            print(f"Not to be believed: {why}", file=sys.stderr)


def _service(at: Path, plan: Plan) -> Process:
    """With nothing of the caller's own settings: nothing of theirs is touched."""
    own = {
        "DATABASE_URL": f"sqlite:///{at / 'reelhook.db'}",
        "STORES": f"local:{at / 'media'}",
        "HEYGEN_WEBHOOK_SECRETS": plan.secret,
        "LOG_FORMAT": "json",
        "DRAIN_S": "0",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    command = [sys.executable, "-m", "reelhook", "serve", "--port", str(plan.port)]
    return Process(command, plan.port, ready="/readyz", environment=kept | {PREFIX + k: v for k, v in own.items()})


def _measured(service: Process, plan: Plan) -> dict[str, Any]:
    outcome = generate(replace(plan, server_pids=(service.pid,)), CLIENT_CORES)
    return {
        "connections": plan.connections,
        "webhooks_per_s": round(outcome.per_s, 1),
        **{f"{name}_ms": round(ms, 2) for name, ms in outcome.latency_ms.items() if name in ("p50", "p99", "max")},
        "cores_used": round(outcome.server_cpu, 2),
        "wrong": list(outcome.wrong),
    }
