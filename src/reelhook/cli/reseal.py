"""`reelhook reseal`: seal everything with the newest key, so that the older ones can go."""

import typer

from reelhook.cli.local_api import call
from reelhook.cli.output import AsJson, document


def register(app: typer.Typer) -> None:
    app.command()(reseal)


def reseal(as_json: AsJson = False) -> None:
    done = call("POST", "/api/v1/secrets/reseal", limit_s=None)
    if as_json:
        document(done)
        return
    print(f"{done['resealed']} sealed anew with the key {done['key']}, {done['current']} were already")
    if done["unreadable"]:
        print(f"{done['unreadable']} cannot be opened: put their key back into REELHOOK_SECRET_KEY, at the end")
