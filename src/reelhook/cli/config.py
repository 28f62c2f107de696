"""`reelhook config`: the settings in force."""

from typing import Any

import typer

from reelhook import settings
from reelhook.cli.output import AsJson, document


def register(app: typer.Typer) -> None:
    app.command()(config)


def config(as_json: AsJson = False) -> None:
    shown = settings.masked(settings.load())
    if as_json:
        document(shown)
        return
    for name, value in shown.items():
        print(f"{name}={_written(value)}")


def _written(value: Any) -> str:
    """As it would be set."""
    if isinstance(value, dict):
        value = [f"{part}={rest}" for part, rest in value.items()]
    return ",".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
