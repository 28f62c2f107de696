"""`reelhook alerts`: what is wrong, what is looked at, and a fire drill for a rule."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import typer

from reelhook.cli.local_api import Api, call, run
from reelhook.cli.output import AsJson, document, table
from reelhook.errors import NotFound

ROOT = "/api/v1/incidents"
RULES = "/api/v1/rules"
COLUMNS = ("id", "severity", "rule", "since", "says")
alerts = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(alerts, name="alerts")


@alerts.command("list")
def list_incidents(
    state: Annotated[Literal["open", "resolved"], typer.Option(help="Those that are open, or over.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=200, help="Most incidents shown.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show incidents, newest first."""
    found = call("GET", f"{ROOT}?{urlencode({'state': state, 'limit': limit})}")["data"]
    if as_json:
        document(found)
    elif found:
        table(COLUMNS, [_row(one) for one in found])
    else:
        print("nothing is wrong" if state == "open" else "nothing was wrong")


@alerts.command()
def rules(as_json: AsJson = False) -> None:
    """Show every rule: its value when it looked last, and from which on it speaks."""
    found = call("GET", RULES)["data"]
    if as_json:
        document(found)
    else:
        table(("name", "state", "value", "threshold", "unit", "says"), found)


@alerts.command()
def drill(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule's name, for example dead_letters.")],
    resolve: Annotated[bool, typer.Option("--resolve", help="End the drill that is under way.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let a rule go off for real, on a made-up cause.

    It opens an incident that is marked as a drill and takes the same way as any other. It ends with --resolve, or by
    itself after ten minutes.
    """
    incident = run(lambda api: _end(api, rule)) if resolve else call("POST", f"{RULES}/{quote(rule, safe='')}/drill")
    if as_json:
        document(incident)
    else:
        print(f"{incident['id']} DRILL {incident['state']}: {incident['title']}: {incident['says']}")


async def _end(api: Api, rule: str) -> Any:
    which = urlencode({"state": "open", "drill": "true", "rule": rule})
    found = (await api.call("GET", f"{ROOT}?{which}"))["data"]
    if not found:
        raise NotFound(f"no drill of {rule} is under way")
    return await api.call("POST", f"{ROOT}/{found[0]['id']}/resolve")


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "rule": f"{one['rule']} (drill)" if one["drill"] else one["rule"], "since": one["opened_at"]}
