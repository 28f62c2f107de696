"""Multipart bodies, however they are cut into pieces on the way."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from reelhook.simulators.cloudinary.form import Form, FormError, read_form

FILM = b"\r\n--almost\r\n--edge" + bytes(range(256)) + b"\r\n"
BODY = (
    b'--edge\r\nContent-Disposition: form-data; name="public_id"\r\n\r\nv/1\r\n'
    b'--edge\r\nContent-Disposition: form-data; name="ids[]"\r\n\r\na\r\n'
    b'--edge\r\nContent-Disposition: form-data; name="ids[]"\r\n\r\n\xc3\xa4\r\n'
    b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    + FILM.replace(b"--edge", b"--egde")
    + b"\r\n--edge--\r\n"
)


def request(pieces: Iterator[bytes]) -> Request:
    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    headers = [(b"content-type", b"multipart/form-data; boundary=edge")]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
async def test_a_form_is_the_same_however_it_arrives(tmp_path: Path, size: int) -> None:
    form = await read_form(request(BODY[at : at + size] for at in range(0, len(BODY), size)), tmp_path)
    assert form.fields == {"public_id": "v/1", "ids": ["a", "ä"]}
    assert form.file is not None
    film = FILM.replace(b"--edge", b"--egde")
    assert form.file.path.read_bytes() == film
    assert (form.file.filename, form.file.bytes, form.file.md5) == ("a.mp4", len(film), hashlib.md5(film).hexdigest())


@pytest.mark.parametrize("body", [b"", b"--edge", BODY[:-5], b"no form at all", b"--edge\r\nX: y\r\n\r\nz\r\n--edge--"])
async def test_a_broken_form_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(FormError):
        await read_form(request(iter([body])), tmp_path)


async def test_a_urlencoded_form_will_do_too(tmp_path: Path) -> None:
    bare = request(iter([b"a=1&b%5B%5D=2"]))
    bare.scope["headers"] = [(b"content-type", b"application/x-www-form-urlencoded")]
    assert (await read_form(Request(bare.scope, bare.receive), tmp_path)) == Form({"a": "1", "b": ["2"]})
