"""`reelhook config`: the settings in force."""

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
        text = ",".join(map(str, value)) if isinstance(value, list) else "" if value is None else value
        print(f"{name}={text}")
