"""Remote files: what is at a URL, or in a `data:` URI, as if it had been uploaded."""

import base64
import binascii
import hashlib
import re
from pathlib import Path
from uuid import uuid4

import aiohttp

from reelhook.simulators.cloudinary.errors import CloudinaryError
from reelhook.simulators.cloudinary.form import UploadedFile, copy

PIECE = 256 * 1024
SYNC_MOST = 100_000_000  # assumption: above that a fetch must be `async`


async def fetch(url: str, folder: Path, timeout_s: float, most: int) -> UploadedFile:
    """Really GET *url*, following redirects. Raises CloudinaryError in the vendor's words."""
    if url.startswith("data:"):
        return _inline(url, folder / uuid4().hex)
    if not re.match(r"https?://", url):
        raise CloudinaryError(400, f"Unsupported source URL: {url}")
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            _check(response, url, most)
            path = folder / uuid4().hex
            with path.open("wb") as file:
                name = url.rpartition("/")[2].partition("?")[0]
                return await copy(response.content.iter_chunked(PIECE), name, path, file)
    except (TimeoutError, aiohttp.ClientError) as error:
        raise CloudinaryError(400, f"Error in loading {url} - ERR_{type(error).__name__.upper()} 0") from error


def _check(response: aiohttp.ClientResponse, url: str, most: int) -> None:
    if not response.ok:
        raise CloudinaryError(400, f"Error in loading {url} - {response.status} {response.reason}")
    if response.content_type == "text/html":
        raise CloudinaryError(404, f"Resource not found - Error in loading {url} - HTML response")
    too_large(response.content_length or 0, most)


def too_large(length: int, most: int) -> None:
    """Raises 400 when *length* is more than is allowed."""
    if length > most:
        raise CloudinaryError(400, f"File size too large. Got {length}. Maximum is {most}.")


def _inline(uri: str, path: Path) -> UploadedFile:
    try:
        data = base64.b64decode(uri.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise CloudinaryError(400, "Invalid data URI") from error
    path.write_bytes(data)
    return UploadedFile("file", path, len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())
