"""`reelhook reconcile`: ask HeyGen what was missed, and the stores what they hold, now."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from reelhook.cli.local_api import call
from reelhook.cli.output import AsJson, document, table

LIMIT_S = 900.0  # a run of each kind may take four minutes
COLUMNS = ("kind", "asked", "found", "error")


class What(StrEnum):
    VIDEOS = "videos"
    HISTORY = "history"
    STORES = "stores"


def register(app: typer.Typer) -> None:
    app.command()(reconcile)


def reconcile(
    kind: Annotated[list[What] | None, typer.Option(help="What to look at; all that can be, by default.")] = None,
    mend: Annotated[
        bool, typer.Option("--mend", help="Fetch again what the stores have lost, delete what is nobody's.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    wanted = {"kinds": [str(one) for one in kind] if kind else None, "mend": mend}
    runs = call("POST", "/api/v1/reconcile", wanted, limit_s=LIMIT_S)["runs"]
    missed = call("GET", "/api/v1/reconcile")["missed"]
    if as_json:
        document({"runs": runs, "missed": missed})
    else:
        _tell(runs, missed)
    raise SystemExit(1 if any(run["error"] for run in runs) else 0)


def _tell(runs: list[dict[str, Any]], missed: dict[str, Any]) -> None:
    table(COLUMNS, [run | {"error": (run["error"] or {}).get("message")} for run in runs])
    for run in runs:
        for sort, named in (run["report"] or {}).items():
            for one in named if isinstance(named, list) else [named]:
                print(f"{run['kind']} {sort}:", " ".join(f"{name}={value}" for name, value in one.items()))
    print(f"missed in {missed['days']} days: {missed['missed']} of {missed['received'] + missed['missed']} events")
