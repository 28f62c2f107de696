"""`POST /v1_1/{cloud}/{resource type}/upload`: whole, in chunks, by URL; at once or in the background."""

import asyncio
import hashlib
import secrets
import string
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from reelhook.simulators.cloudinary.account import Account
from reelhook.simulators.cloudinary.assets import AssetKey
from reelhook.simulators.cloudinary.auth import check_form
from reelhook.simulators.cloudinary.chunks import Range, content_range
from reelhook.simulators.cloudinary.eager import Eager
from reelhook.simulators.cloudinary.errors import CloudinaryError
from reelhook.simulators.cloudinary.faults import answer_after, misbehave
from reelhook.simulators.cloudinary.fetching import SYNC_MOST, fetch, too_large
from reelhook.simulators.cloudinary.form import Form, UploadedFile, read_form
from reelhook.simulators.control import json
from reelhook.simulators.faults import Fault

VIDEO_MARKS = {4: b"ftyp", 0: b"\x1aE\xdf\xa3"}  # MP4 and its kin; WebM and Matroska
ID_LENGTH = 20


class Uploads:
    """The upload route of one cloud."""

    def __init__(self, account: Account, eager: Eager) -> None:
        self._account, self._eager = account, eager

    async def upload(self, request: Request) -> Response:
        account, declared = self._account, int(request.headers.get("content-length", "0"))
        if declared > account.settings.body_max_bytes:
            raise CloudinaryError(413, f"Request body of {declared} bytes is too large")
        form = await read_form(request, account.folder)
        try:
            return await self._upload(request, form)
        except CloudinaryError:
            _discard(form)
            raise

    async def _upload(self, request: Request, form: Form) -> Response:
        account = self._account
        check_form(account, request, form)
        key = _key(request, form)
        header = request.headers.get("content-range", "")
        fault = account.faults.take("upload", f"{key[2]} {header}".rstrip())
        if (trouble := await misbehave(fault)) is not None:
            _discard(form)
            return trouble
        if header:
            upload_id, at = request.headers.get("x-unique-upload-id", ""), content_range(header)
            async with account.chunks.turn(upload_id):
                return await self._chunk(form, key, upload_id, at, fault)
        if form.flag("async"):
            return self._later(form, key)
        return answer_after(fault, await self._store(form, key, await self._source(form), fault))

    async def _chunk(self, form: Form, key: AssetKey, upload_id: str, at: Range, fault: Fault | None) -> Response:
        chunks = self._account.chunks
        if form.file is None or not upload_id:
            raise CloudinaryError(400, "A chunk needs a file and an X-Unique-Upload-Id")
        too_large(at.total, self._account.settings.video_max_bytes)
        if (done := chunks.finished(upload_id, at)) is not None:
            asset = self._account.assets.get((*key[:2], done))
            if asset is not None:
                _discard(form)
                return answer_after(fault, self._account.answer(asset, form))
        partial = chunks.partial(upload_id, at, key[2], form.file)
        await asyncio.to_thread(partial.add, form.file, at)
        if not at.last:
            told = {"done": False, "bytes": partial.received, "kind": "upload", "resource_type": key[0]}
            return answer_after(fault, {**told, "public_id": partial.public_id})
        key = (*key[:2], partial.public_id)
        whole = await asyncio.to_thread(partial.complete)
        stored = await self._store(form, key, whole, fault)
        chunks.finish(upload_id, at, key[2])
        return answer_after(fault, {**stored, "done": True})

    def _later(self, form: Form, key: AssetKey) -> Response:
        batch_id = form.text("batch_id") or secrets.token_hex(32)
        told = {"resource_type": key[0], "type": key[1], "public_id": key[2], "batch_id": batch_id}
        self._account.tasks.start(self._in_background(form, key, told))
        return json({"status": "pending", **told})

    async def _in_background(self, form: Form, key: AssetKey, told: dict[str, Any]) -> None:
        await asyncio.sleep(self._account.settings.processing_s)
        notifications, url = self._account.notifications, form.text("notification_url")
        try:
            await self._store(form, key, await self._source(form), None, told)
        except CloudinaryError as error:
            # Assumption: what is told of a failed background upload is not documented.
            notifications.notify(url, "error", {**told, "status": "failed", "error": {"message": error.message}})

    async def _source(self, form: Form) -> UploadedFile:
        """The file in the form, or what its `file` text leads to."""
        settings = self._account.settings
        if form.file is not None:
            too_large(form.file.bytes, settings.video_max_bytes)
            return form.file
        if not form.text("file"):
            raise CloudinaryError(400, "Missing required parameter - file")
        most = settings.video_max_bytes if form.flag("async") else min(settings.video_max_bytes, SYNC_MOST)
        file = await fetch(form.text("file"), self._account.folder, settings.fetch_timeout_s, most)
        too_large(file.bytes, most)
        return file

    async def _store(
        self, form: Form, key: AssetKey, file: UploadedFile, fault: Fault | None, told: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Put *file* under *key* (unless it must not be replaced); returns the answer, and notifies."""
        account, old = self._account, self._account.assets.get(key)
        if old is not None and not form.flag("overwrite", default=True):
            file.path.unlink()
            return {**account.answer(old, form), "existing": True}
        _check_format(key[0], file)
        if fault is not None and fault.kind == "truncated":
            file = await asyncio.to_thread(_shortened, file, fault.bytes)
        asset = account.assets.store(key, form, file)
        answer = {**account.answer(asset, form), **({"overwritten": True} if old is not None else {})}
        account.notifications.notify(form.text("notification_url"), "upload", {**answer, **(told or {})})
        answer |= self._eager.of(asset, form)
        return answer


def _key(request: Request, form: Form) -> AssetKey:
    random = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(ID_LENGTH))
    kind = request.path_params.get("kind", "image")
    return "image" if kind == "auto" else kind, form.text("type", "upload"), form.text("public_id") or random


def _discard(form: Form) -> None:
    """Nobody needs the uploaded file any more."""
    if form.file is not None:
        form.file.path.unlink(missing_ok=True)


def _check_format(kind: str, file: UploadedFile) -> None:
    with file.path.open("rb") as stored:
        front = stored.read(16)
    if kind == "video" and not any(front[at:].startswith(mark) for at, mark in VIDEO_MARKS.items()):
        file.path.unlink()
        raise CloudinaryError(400, "Unsupported video format or file")


def _shortened(file: UploadedFile, missing: int) -> UploadedFile:
    """*file* without its last bytes."""
    length = max(0, file.bytes - missing)
    with file.path.open("r+b") as stored:
        stored.truncate(length)
        stored.seek(0)
        md5 = hashlib.file_digest(stored, "md5").hexdigest()
    return replace(file, bytes=length, md5=md5)
