"""`POST /api/v1/backups`: for the person at the machine, who speaks over the Unix socket."""

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from reelhook.auth import Principal, requires
from reelhook.backup.backups import Backups
from reelhook.backup.manifest import Manifest
from reelhook.errors import Forbidden


def _absolute(text: str) -> str:
    if not text.startswith("/") or not text.isprintable():
        raise ValueError("must be an absolute path of printable characters")
    return text


class Wanted(BaseModel):
    """Where to, and whether the file of the key goes along."""

    model_config = ConfigDict(extra="forbid", strict=True)
    path: Annotated[str, Field(max_length=4096), AfterValidator(_absolute)]
    with_key: bool = False


class Made(Manifest):
    """The manifest, and where it is."""

    path: str


def router(backups: Backups) -> APIRouter:
    """The route, given the service behind it."""
    routes = APIRouter(prefix="/api/v1/backups", tags=["operations"])

    @routes.post("", status_code=201)
    async def create_backup(
        wanted: Wanted, request: Request, by: Annotated[Principal, Depends(requires("settings"))]
    ) -> Made:
        """Copy the embedded database to a new folder on the server's own disk; only over its Unix socket.

        It is answered when the copy is verified and on the disk. Who hangs up before gives it up.
        """
        if by.kind != "local":
            raise Forbidden("backups are made at the machine itself: run `reelhook backup` there")
        listening = asyncio.create_task(_give_up_with(request, backups), name="backup-asker")
        try:
            manifest = await backups.make(by, Path(wanted.path), with_key=wanted.with_key)
        finally:
            listening.cancel()
        return Made(path=wanted.path, **manifest.model_dump())

    return routes


async def _give_up_with(request: Request, backups: Backups) -> None:
    await request.receive()  # its body was read: what comes next is its end
    backups.give_up("whoever asked for it hung up")
