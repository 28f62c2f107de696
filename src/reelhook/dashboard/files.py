"""The web app's files in memory, each as it is and, once somebody asks for it, in fewer bytes."""

import asyncio
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from reelhook.kit import encodings, etags

# What browsers insist on, whatever this machine's own table of types says or leaves out.
MEDIA_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
# By the folder a file is in. In `assets/`, a build tool has put a digest of the content into each name; the SDK keeps
# its name, and the pages that load it are not ours.
CACHING = {"assets": "public, max-age=31536000, immutable", "sdk": "public, max-age=600"}


@dataclass(frozen=True, slots=True)
class Variant:
    """A file in one encoding (None: as it is), with a tag of its own."""

    content: bytes
    encoding: str | None
    etag: str


class StaticFile:
    """One file. It is compressed once for each encoding, as small as it gets, beside the event loop."""

    def __init__(self, content: bytes, media_type: str, caching: str) -> None:
        """*caching*: its Cache-Control."""
        self.media_type, self.caching = media_type, caching
        self.compressible = encodings.worth_it(content, media_type)
        self._plain = Variant(content, None, etags.strong(content))
        self._compressed: dict[str, asyncio.Task[Variant]] = {}

    async def variant(self, accept_encoding: str) -> Variant:
        """What a client with this Accept-Encoding gets."""
        encoding = encodings.chosen(accept_encoding, encodings.SMALL) if self.compressible else None
        if encoding is None:
            return self._plain
        if encoding not in self._compressed:
            work = asyncio.to_thread(self._compress, encoding)
            self._compressed[encoding] = asyncio.create_task(work, name="compress")
        # Shielded: a browser that hangs up does not end it for the others.
        return await asyncio.shield(self._compressed[encoding])

    def _compress(self, encoding: str) -> Variant:
        content = encodings.SMALL[encoding](self._plain.content)
        return Variant(content, encoding, etags.strong(content))


def read_all(root: Path) -> dict[str, StaticFile]:
    """Every file below *root* by its address."""
    found = (file for file in root.rglob("*") if file.is_file() and not file.name.startswith("."))
    return {f"/{file.relative_to(root).as_posix()}": _read(file, file.relative_to(root).parts[0]) for file in found}


def _read(file: Path, folder: str) -> StaticFile:
    guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    media_type = MEDIA_TYPES.get(file.suffix, guessed)
    if media_type.startswith("text/") or media_type.endswith("javascript"):
        media_type += "; charset=utf-8"
    return StaticFile(file.read_bytes(), media_type, CACHING.get(folder, "no-cache"))
