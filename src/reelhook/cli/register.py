"""`reelhook register`: tell HeyGen where to call."""

import sys
from typing import Annotated

import typer

from reelhook.cli.local_api import call
from reelhook.cli.output import AsJson, document

LIMIT_S = 180.0  # HeyGen may be asked four times, and has 30 s each time


def register(app: typer.Typer) -> None:
    app.command(name="register")(register_endpoint)


def register_endpoint(
    url: Annotated[
        str | None, typer.Option(help="What HeyGen is to call; PUBLIC_URL/webhooks/heygen by default.")
    ] = None,
    events: Annotated[str | None, typer.Option(help="Event types, separated by commas; all by default.")] = None,
    as_json: AsJson = False,
) -> None:
    wanted = None if events is None else [name.strip() for name in events.split(",") if name.strip()]
    done = call("POST", "/api/v1/webhook-endpoints", {"url": url, "events": wanted}, limit_s=LIMIT_S)
    endpoint, test = done["endpoint"], done["test"]
    if as_json:
        document(done)
    else:
        types = "all events" if endpoint["events"] is None else ", ".join(endpoint["events"])
        print(f"{'registered' if done['new'] else 'registered already'}: {endpoint['url']} for {types}")
        print(f"endpoint {endpoint['id']}; its secret is kept here, with the fingerprint {done['fingerprint']}")
        print(test["said"], file=sys.stdout if test["arrived"] else sys.stderr)
    raise SystemExit(0 if test["arrived"] else 1)
