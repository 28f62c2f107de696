"""`reelhook keys`: API keys for programs."""

from typing import Annotated

import typer

from reelhook.cli.local_api import call
from reelhook.cli.output import AsJson, document, table

keys = typer.Typer(help="API keys for programs.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    role: Annotated[str, typer.Option(help="viewer, operator or admin.")] = "operator",
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown this once and never again."""
    made = call("POST", "/api/v1/keys", {"name": name, "role": role})
    if as_json:
        document(made)
    else:
        print(made["key"])


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show all keys, newest first; never their secrets."""
    found = call("GET", "/api/v1/keys?limit=200")["data"]
    if as_json:
        document(found)
    else:
        table(("id", "name", "prefix", "role", "created_at", "last_used_at", "revoked_at"), found)


@keys.command()
def revoke(key_id: str) -> None:
    """Revoke a key at once, for good."""
    call("DELETE", f"/api/v1/keys/{key_id}")
