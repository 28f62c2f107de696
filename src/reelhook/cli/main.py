"""The table of commands."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from reelhook import __version__
from reelhook.errors import ReelhookError
from reelhook.kit.kept import kept

# Each command and its help, which stands here alone: so a list of them loads none of their files.
COMMANDS = {
    "demo": "Watch Reelhook work, with HeyGen and Cloudinary simulated beside it.",
    "serve": "Run the service. An empty database is prepared; an old schema stops the start and names `migrate`.",
    "worker": "Run jobs only. Needs Postgres: a SQLite file belongs to one process, and `serve` runs its jobs itself.",
    "migrate": "Bring the database to this version's schema. Safe to run again.",
    "doctor": "Check every setting against the real service it is for. Exits with 1 when one does not work.",
    "register": (
        "Register this service at HeyGen, keep the endpoint's secret, and send a signed test the way HeyGen's calls "
        "come.\n\n"
        "Safe to repeat: what is registered already is only tested again. Exits with 1 when the test did not arrive."
    ),
    "rotate-secret": (
        "Have HeyGen make a new secret and keep it here. Nobody needs to see it.\n\n"
        "When it is interrupted, run it again: within a day the same secret comes."
    ),
    "reseal": (
        "Seal every stored secret with the newest key of REELHOOK_SECRET_KEY. Safe to interrupt and to run again."
    ),
    "trigger": "Send one signed webhook and show the answer.",
    "jobs": "The work, and the dead letters among it.",
    "alerts": "What is wrong, and the rules that notice it.",
    "reconcile": "Find what HeyGen told us in vain, and compare the stores with the database.",
    "backup": "Copy the database to a new folder, while the server runs or without one. Media are listed, not copied.",
    "restore": "Put a backup in the place of the database. The server must be stopped.",
    "replay": "Apply stored events again: some by id, or all that match. Harmless for what was applied before.",
    "listen": "Show what comes in, as it comes in, until it is interrupted; and pass it on to a program of your own.",
    "people": "Who may sign in.",
    "keys": "API keys for programs.",
    "simulate": "Run simulators of HeyGen and Cloudinary that can also misbehave.",
    "bench": "Measure how many webhooks a second this machine takes, with a Reelhook and a SQLite file of its own.",
    "config": "Print every setting, secrets masked.",
}
PLAIN: dict[str, Any] = {"pretty_exceptions_enable": False, "add_completion": False, "rich_markup_mode": None}


class _Commands(TyperGroup):
    """Knows names and help of the commands, and loads the file of the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _, following = super().resolve_command(ctx, args)
        return name, name and _loaded(name), following


def main() -> None:
    """Run the command named on the command line; only its file is loaded."""
    app = typer.Typer(
        name="reelhook",
        cls=_Commands,
        help="Catches HeyGen's webhooks, keeps the videos, and tells everyone who is waiting.",
        no_args_is_help=True,
        **PLAIN,
    )
    app.callback()(_options)
    for name, told in COMMANDS.items():
        app.command(name, help=told)(_not_loaded)
    try:
        app()
    except ReelhookError as error:
        # Its patterns take longer to compile than the help to print.
        from reelhook.masking import mask  # noqa: PLC0415

        print(f"reelhook: {mask(error.message)}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _loaded(name: str) -> Any:
    """The command itself, with its options."""
    alone = typer.Typer(**PLAIN)
    with kept():
        import_module(f"reelhook.cli.{name.replace('-', '_')}").register(alone)
    command = get_group(alone).commands[name]
    command.help = COMMANDS[name]
    return command


def _not_loaded() -> None:
    """Stands in the list for a command."""


def _version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    return None
