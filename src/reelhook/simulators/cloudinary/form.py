"""Multipart forms (RFC 7578), read as they come: files go to disk and are hashed on the way, never held in memory."""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.requests import Request

FIELD_MOST = 64 * 1024 * 1024  # the longest value of a plain field: a data URI


class FormError(ValueError):
    """A body that is no form."""


@dataclass(frozen=True)
class UploadedFile:
    """A file part, already on disk."""

    filename: str
    path: Path
    bytes: int
    md5: str


@dataclass
class Form:
    """The fields of a request; `name[]` fields are lists."""

    fields: dict[str, str | list[str]] = field(default_factory=dict)
    file: UploadedFile | None = None

    def text(self, name: str, default: str = "") -> str:
        """A plain field."""
        value = self.fields.get(name, default)
        return value if isinstance(value, str) else ",".join(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean field, as Cloudinary spells them."""
        value = self.text(name)
        return value in ("1", "true") if value else default

    def add(self, name: str, value: str) -> None:
        """Take in one more field."""
        if not name.endswith("[]"):
            self.fields[name] = value
            return
        values = self.fields.setdefault(name.removesuffix("[]"), [])
        if isinstance(values, list):
            values.append(value)


class _Window:
    """A look at a stream of bytes, from mark to mark."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._seen = bytearray(b"\r\n")  # so that the first boundary begins like all others

    async def until(self, mark: bytes) -> AsyncIterator[bytes]:
        """What comes before *mark*; then the mark is behind us."""
        while (at := self._seen.find(mark)) < 0:
            safe = len(self._seen) - len(mark) + 1
            if safe > 0:
                yield bytes(self._seen[:safe])
                del self._seen[:safe]
            await self._more()
        yield bytes(self._seen[:at])
        del self._seen[: at + len(mark)]

    async def text_until(self, mark: bytes) -> str:
        """The same in one piece, as text."""
        text = bytearray()
        async for piece in self.until(mark):
            text += piece
            if len(text) > FIELD_MOST:
                raise FormError("a field is too long")
        return text.decode("utf-8", "replace")

    async def take(self, count: int) -> bytes:
        """The next *count* bytes."""
        while len(self._seen) < count:
            await self._more()
        taken = bytes(self._seen[:count])
        del self._seen[:count]
        return taken

    async def _more(self) -> None:
        try:
            self._seen += await anext(self._stream)
        except StopAsyncIteration:
            raise FormError("the body ends before its last boundary") from None


async def read_form(request: Request, folder: Path) -> Form:
    """The form in *request*; its file, if any, is put into *folder*. Raises FormError."""
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/x-www-form-urlencoded"):
        form = Form()
        for name, value in parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True):
            form.add(name, value)
        return form
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if boundary is None:
        raise FormError("the request is no form")
    return await _read_multipart(_Window(request.stream()), b"\r\n--" + boundary[1].encode(), folder)


async def _read_multipart(window: _Window, mark: bytes, folder: Path) -> Form:
    form = Form()
    await window.text_until(mark)
    while await window.take(2) != b"--":
        headers = await window.text_until(b"\r\n\r\n")
        name = re.search(r'[; ]name="([^"]*)"', headers)
        filename = re.search(r'filename\*?="?([^";\r\n]*)', headers)
        if name is None:
            raise FormError("a part has no name")
        if filename is None:
            form.add(name[1], await window.text_until(mark))
        else:
            form.file = await _save(window.until(mark), filename[1], folder / uuid4().hex)
    return form


async def _save(pieces: AsyncIterator[bytes], filename: str, path: Path) -> UploadedFile:
    with path.open("wb") as file:
        return await copy(pieces, filename, path, file)


async def copy(pieces: AsyncIterator[bytes], filename: str, path: Path, file: BinaryIO) -> UploadedFile:
    """Write *pieces* to *file*, which is open at *path*, and measure them."""
    md5, length = hashlib.md5(usedforsecurity=False), 0
    async for piece in pieces:
        md5.update(piece)
        length += len(piece)
        file.write(piece)
    return UploadedFile(filename, path, length, md5.hexdigest())
