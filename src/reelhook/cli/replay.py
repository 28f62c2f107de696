"""`reelhook replay`: apply stored events again."""

from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from reelhook.cli.local_api import Api, run
from reelhook.cli.output import AsJson, document

EVENTS = "/api/v1/events"


def register(app: typer.Typer) -> None:
    app.command()(replay)


def replay(
    event_ids: Annotated[list[str] | None, typer.Argument(metavar="[EVENT_ID]...", help="These events.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only of this type, e.g. avatar_video.success.")] = None,
    state: Annotated[str | None, typer.Option(help="Only pending, applied or ignored ones.")] = None,
    video: Annotated[str | None, typer.Option(help="Only those of the video with this id of ours.")] = None,
    source: Annotated[str | None, typer.Option(help="Only those from webhook, callback or reconcile.")] = None,
    since: Annotated[str | None, typer.Option(help="From this time on, with its zone: 2026-11-22T09:30:00Z.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this time, with its zone.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    as_json: AsJson = False,
) -> None:
    options = {"type": type_, "state": state, "video_id": video, "source": source, "since": since, "until": until}
    given = {name: value for name, value in options.items() if value is not None}
    if bool(event_ids) == bool(given):
        raise typer.BadParameter("name either events by their ids, or at least one filter")
    number = run(lambda api: _by_id(api, event_ids, dry_run) if event_ids else _by_filter(api, given, dry_run))
    if as_json:
        document({"events": number, "dry_run": dry_run})
    else:
        print(f"{number} {'event' if number == 1 else 'events'} {'would' if dry_run else 'will'} be replayed")


async def _by_id(api: Api, event_ids: list[str], dry_run: bool) -> int:
    for event_id in event_ids:
        path = f"{EVENTS}/{quote(event_id, safe='')}"
        await (api.call("GET", path) if dry_run else api.call("POST", f"{path}/replay"))
    return len(event_ids)


async def _by_filter(api: Api, given: dict[str, Any], dry_run: bool) -> int:
    if dry_run:
        answer = await api.call("GET", f"{EVENTS}/count?{urlencode(given)}")
    else:
        answer = await api.call("POST", f"{EVENTS}/replay", given)
    return int(answer["events"])
