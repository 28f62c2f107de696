"""The table of commands."""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from reelhook import __version__
from reelhook.errors import ReelhookError
from reelhook.masking import mask

COMMANDS = (
    "demo",
    "serve",
    "worker",
    "migrate",
    "doctor",
    "register",
    "rotate-secret",
    "reseal",
    "trigger",
    "jobs",
    "alerts",
    "reconcile",
    "backup",
    "restore",
    "replay",
    "listen",
    "people",
    "keys",
    "simulate",
    "bench",
    "config",
)


def main() -> None:
    """Run the command named on the command line; only its file is loaded."""
    wanted = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    app = typer.Typer(
        name="reelhook",
        help="Catches HeyGen's webhooks, keeps the videos, and tells everyone who is waiting.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    for name in _needed(wanted):
        import_module(f"reelhook.cli.{name.replace('-', '_')}").register(app)
    try:
        app()
    except ReelhookError as error:
        print(f"reelhook: {mask(error.message)}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _needed(wanted: str | None) -> Sequence[str]:
    """The commands to load: the one that is meant, none for the version, all to list them or say what was meant."""
    if wanted in COMMANDS:
        return (wanted,)
    return () if wanted is None and "--version" in sys.argv else COMMANDS


def _version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    return None
