"""The command: where the server is, what is wanted of it, and going on when it was away."""

import asyncio
import os
import sys
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

import aiohttp
import typer

from reelhook import settings
from reelhook.cli.listen import lines
from reelhook.cli.listen.follow import EVENTS, REJECTIONS, Follower, Json, ages, in_order
from reelhook.cli.listen.forward import Answer, forward
from reelhook.cli.local_api import Api, client, connected, quiet, remote
from reelhook.db.ownership import socket_path
from reelhook.errors import Unavailable

EVERY_S = 0.5
AGAIN_S = 1.0
KEY = "REELHOOK_KEY"


@dataclass(frozen=True)
class Wanted:
    """What the words on the command line say."""

    url: str | None
    key: str | None
    lists: tuple[Follower, ...]
    to: str | None
    as_json: bool


def register(app: typer.Typer) -> None:
    app.command()(listen)


def listen(
    url: Annotated[str | None, typer.Option(help="A server elsewhere; without it, the one on this machine.")] = None,
    key: Annotated[str | None, typer.Option(help=f"An API key with events:read, for --url; or {KEY}.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only events of this type.")] = None,
    video: Annotated[str | None, typer.Option(help="Only events of the video with this id of ours.")] = None,
    rejections: Annotated[bool, typer.Option("--rejections", help="What is refused too.")] = False,
    since: Annotated[str | None, typer.Option(help="Begin so long ago: 90s, 15m, 2h or 3d.")] = None,
    to: Annotated[
        str | None, typer.Option("--forward", metavar="URL", help="Pass each event on to this address, as it came.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on each line.")] = False,
) -> None:
    which = {name: value for name, value in (("type", type_), ("video_id", video)) if value is not None}
    begin = _begin(since)
    followers = [Follower(EVENTS, "received_at", which, begin)]
    if rejections:
        followers.append(Follower(REJECTIONS, "at", {}, begin))
    key = key or os.environ.get(KEY)
    if url is not None and key is None:
        raise typer.BadParameter(f"--url needs --key, or {KEY} in the environment")
    for name, address in (("--url", url), ("--forward", to)):
        if address is not None and urlsplit(address).scheme not in ("http", "https"):
            raise typer.BadParameter(f"{name} must begin with http:// or https://")
    quiet()
    asyncio.run(_listen(Wanted(url, key, tuple(followers), to, as_json)))


def _begin(since: str | None) -> datetime | None:
    if since is None:
        return None
    try:
        return datetime.now(UTC) - ages(since)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"--since {error}") from None


async def _listen(wanted: Wanted) -> None:
    """The first connection must come about; one that breaks later is waited for, and nothing is shown twice."""
    async with _server(wanted) as api:
        for follower in wanted.lists:
            await follower.begin(api)
    _say("Listening. Ctrl-C ends it.")
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with _server(wanted) as api:
                    while True:
                        await _show_news(wanted, api, session)
                        await asyncio.sleep(EVERY_S)
            except Unavailable as error:
                _say(f"{error.message}. Waiting for it.")
                await asyncio.sleep(AGAIN_S)


async def _show_news(wanted: Wanted, api: Api, session: aiohttp.ClientSession) -> None:
    for entry in in_order(*[await follower.news(api) for follower in wanted.lists]):
        answer = await _passed_on(wanted.to, entry, api, session)
        print((lines.as_json if wanted.as_json else lines.line)(entry, answer), flush=True)


async def _passed_on(to: str | None, entry: Json, api: Api, session: aiohttp.ClientSession) -> Answer | None:
    if to is None or "reason" in entry:
        return None
    return await forward(session, to, await api.call("GET", f"{EVENTS}/{entry['id']}"))


def _server(wanted: Wanted) -> AbstractAsyncContextManager[Api]:
    """A SQLite file has one owner, who must be running: nothing else could come in."""
    if wanted.url is not None and wanted.key is not None:
        return remote(wanted.url, wanted.key)
    config = settings.load()
    return connected(config) if config.sqlite_path is None else client(socket_path(config.sqlite_path))


def _say(words: str) -> None:
    print(f"reelhook: {words}", file=sys.stderr, flush=True)
