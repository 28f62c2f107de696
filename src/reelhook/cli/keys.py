"""`reelhook keys`: API keys for programs."""

from typing import Annotated, Any

import typer

from reelhook.cli.local_api import call
from reelhook.cli.output import AsJson, document, table

keys = typer.Typer(no_args_is_help=True)


COLUMNS = (
    "id",
    "name",
    "prefix",
    "role",
    "created_at",
    "last_used_at",
    "expires_at",
    "previous_until",
    "previous_used_at",
    "revoked_at",
)


def register(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    role: Annotated[str, typer.Option(help="viewer, operator or admin.")] = "operator",
    scopes: Annotated[
        list[str] | None, typer.Option("--scope", help="Only this scope of the role; repeatable.")
    ] = None,
    expires_days: Annotated[int | None, typer.Option(help="It ends after so many days.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown this once and never again."""
    body = {"name": name, "role": role, "scopes": scopes or None, "ttl_days": expires_days}
    _show_once(call("POST", "/api/v1/keys", body), as_json)


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show all keys, newest first; never their secrets."""
    found = call("GET", "/api/v1/keys?limit=200")["data"]
    if as_json:
        document(found)
    else:
        table(COLUMNS, found)


@keys.command()
def rotate(
    key_id: str,
    overlap_hours: Annotated[int, typer.Option(help="Hours for which the old secret still works.")] = 24,
    as_json: AsJson = False,
) -> None:
    """Make a new secret for the same key. It is shown this once and never again."""
    _show_once(call("POST", f"/api/v1/keys/{key_id}/rotate", {"overlap_h": overlap_hours}), as_json)


@keys.command()
def revoke(key_id: str) -> None:
    """Revoke a key at once, for good."""
    call("DELETE", f"/api/v1/keys/{key_id}")


def _show_once(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        document(made)
    else:
        print(made["key"])
