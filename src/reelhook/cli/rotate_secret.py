"""`reelhook rotate-secret`: a new secret for a webhook endpoint, without losing a delivery."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from reelhook.cli.local_api import call
from reelhook.cli.output import AsJson, document
from reelhook.errors import WrongInput

LIMIT_S = 180.0  # HeyGen may be asked four times, and has 30 s each time


def register(app: typer.Typer) -> None:
    app.command(name="rotate-secret")(rotate_secret)


def rotate_secret(
    endpoint_id: Annotated[
        str | None, typer.Argument(help="HeyGen's id of the endpoint; needed if several are ours.")
    ] = None,
    overlap_h: Annotated[
        float | None, typer.Option(min=0, help="Hours for which the old secret is still taken; 24 by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    path = f"/api/v1/webhook-endpoints/{quote(endpoint_id or _only_one(), safe='')}/rotate-secret"
    done = call("POST", path, {"overlap_h": overlap_h}, limit_s=LIMIT_S)
    if as_json:
        document(done)
        return
    print(f"endpoint {done['endpoint_id']} has a new secret, with the fingerprint {done['fingerprint']}")
    for old in done["replaced"]:
        print(f"the old one, {old}, is taken until {done['retires_at']}")
    if done["undecided"]:
        names = ", ".join(done["undecided"])
        print(f"REELHOOK_HEYGEN_WEBHOOK_SECRETS names {names}: if one was this endpoint's, remove it after a day")


def _only_one() -> str:
    ours: list[dict[str, Any]] = [one for one in call("GET", "/api/v1/webhook-endpoints")["data"] if one["ours"]]
    if not ours:
        raise WrongInput("no endpoint at HeyGen leads to this service; make one with `reelhook register`")
    if len(ours) > 1:
        listed = "\n".join(f"  {one['id']}  {one['url']}" for one in ours)
        raise WrongInput(f"several endpoints lead to this service; say which:\n{listed}")
    return str(ours[0]["id"])
