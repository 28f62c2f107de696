"""`reelhook people`: who may sign in."""

import sys
from typing import Annotated

import typer

from reelhook.cli.local_api import call
from reelhook.cli.output import AsJson, document, table

people = typer.Typer(help="Who may sign in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(people, name="people")


@people.command()
def create(
    email: Annotated[str, typer.Argument(help="Their e-mail address.")],
    role: Annotated[str, typer.Option(help="viewer, operator or admin.")] = "viewer",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read their password from stdin.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a person. Without a password they sign in the first time with `people link`."""
    body = {"email": email, "role": role}
    if password_stdin:
        body["password"] = sys.stdin.readline().rstrip("\n")
    made = call("POST", "/api/v1/people", body)
    if as_json:
        document(made)
    else:
        print(made["id"])


@people.command("list")
def list_people(as_json: AsJson = False) -> None:
    """Show everybody, newest first."""
    found = call("GET", "/api/v1/people?limit=200")["data"]
    if as_json:
        document(found)
    else:
        table(("id", "email", "role", "created_at", "disabled_at"), found)


@people.command()
def link(person_id: str, as_json: AsJson = False) -> None:
    """Make a link that signs this person in, once, within 15 minutes."""
    made = call("POST", f"/api/v1/people/{person_id}/sign-in-link")
    if as_json:
        document(made)
    else:
        print(made.get("url") or f"/sign-in#link={made['token']}")


@people.command()
def disable(person_id: str) -> None:
    """End all sessions of a person and let them in no more."""
    call("DELETE", f"/api/v1/people/{person_id}")
