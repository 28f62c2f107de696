"""`reelhook simulate`: HeyGen and Cloudinary on this machine, to develop and test against."""

import sys

import typer

from reelhook.simulators.process import main as run_simulators


def register(app: typer.Typer) -> None:
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)(
        simulate
    )


def simulate(context: typer.Context) -> None:
    sys.exit(run_simulators(context.args, prog="reelhook simulate"))
