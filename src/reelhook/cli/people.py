"""`reelhook people`: who may sign in."""

import sys
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from reelhook.cli.local_api import Api, call, run
from reelhook.cli.output import AsJson, document, table
from reelhook.errors import NotFound

people = typer.Typer(no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="Their e-mail address.")]
Role = Annotated[str, typer.Option(help="viewer, operator or admin.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read their password from stdin.")]
HandOver = Annotated[bool, typer.Option("--link", help="Print the link, also where it could be mailed.")]


def register(app: typer.Typer) -> None:
    app.add_typer(people, name="people")


@people.command()
def create(email: Email, role: Role = "viewer", password_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Add a person. Without a password they sign in the first time with `people link`."""
    body: dict[str, Any] = {"email": email, "role": role, "invite": False}
    if password_stdin:
        body["password"] = _password()
    made = call("POST", "/api/v1/people", body)
    if as_json:
        document(made)
    else:
        print(made["id"])


@people.command()
def invite(email: Email, role: Role = "viewer", hand_over: HandOver = False, as_json: AsJson = False) -> None:
    """Add a person who chooses a password with a link, within 7 days: mailed, or printed where none is mailed."""
    made = call("POST", "/api/v1/people", {"email": email, "role": role, "invite": True, "hand_over": hand_over})
    if as_json:
        document(made)
    elif made["invitation"]["mailed"]:
        print(f"The invitation is mailed to {made['email']}.")
    else:
        print(_address(made["invitation"]["link"]))


@people.command("list")
def list_people(as_json: AsJson = False) -> None:
    """Show everybody, newest first."""
    found = run(_everybody)
    if as_json:
        document(found)
    else:
        rows = [person | {"state": _state(person)} for person in found]
        table(("id", "email", "role", "state", "invited_until", "last_seen_at"), rows)


@people.command()
def link(person_id: str, as_json: AsJson = False) -> None:
    """Make a link that signs this person in, once, within 15 minutes."""
    made = call("POST", f"/api/v1/people/{person_id}/sign-in-link")
    if as_json:
        document(made)
    else:
        print(_address(made))


@people.command("reset-password")
def reset_password(email: Email, password_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Print a link by which they choose a new password, once, within 30 minutes; or give them one."""
    password = _password() if password_stdin else None
    made = run(lambda api: _reset(api, email, password))
    if as_json:
        document(made)
    elif password is None:
        print(_address(made))
    else:
        print(f"{email} has a new password, and is signed out everywhere.")


@people.command()
def disable(person_id: str) -> None:
    """End all sessions of a person and let them in no more."""
    call("DELETE", f"/api/v1/people/{person_id}")


@people.command()
def export(person_id: str) -> None:
    """Print everything that is known about a person, as one JSON document."""
    document(call("GET", f"/api/v1/people/{person_id}/export"))


@people.command()
def erase(
    person_id: str,
    email: Annotated[str, typer.Option(help="Their e-mail address again: what is erased does not come back.")],
    videos: Annotated[str, typer.Option(help="What becomes of their videos: keep (without an owner) or delete.")],
) -> None:
    """Erase a person, for ever."""
    call("POST", f"/api/v1/people/{person_id}/erase", {"email": email, "videos": videos})


async def _everybody(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    which: dict[str, Any] = {"limit": 200}
    while True:
        page = await api.call("GET", f"/api/v1/people?{urlencode(which)}")
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        which["cursor"] = page["next_cursor"]


async def _reset(api: Api, email: str, password: str | None) -> dict[str, Any]:
    found = (await api.call("GET", f"/api/v1/people?{urlencode({'email': email})}"))["data"]
    if not found:
        raise NotFound(f"nobody has the address {email}; `reelhook people list` shows everybody")
    person_id: str = found[0]["id"]
    if password is not None:
        await api.call("PUT", f"/api/v1/people/{person_id}/password", {"password": password})
        return {"id": person_id, "email": found[0]["email"]}
    made: dict[str, Any] = await api.call("POST", f"/api/v1/people/{person_id}/reset-link")
    return made


def _password() -> str:
    return sys.stdin.readline().rstrip("\n")


def _address(made: dict[str, Any]) -> str:
    return made.get("url") or f"/sign-in#link={made['token']}"


def _state(person: dict[str, Any]) -> str:
    if person["disabled_at"] is not None:
        return "disabled"
    if person["invited_until"] is not None:
        return "invited"
    return "active" if person["has_password"] or person["last_seen_at"] else "no password"
