"""What is stored: assets, their files, and how the API shows them."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from reelhook.simulators.cloudinary.form import Form, UploadedFile
from reelhook.simulators.cloudinary.signing import digest
from reelhook.simulators.mp4 import probe

FRAME_RATE = 24.0  # assumption: taken for granted, not read from the file
FORMATS = {"image": "jpg", "video": "mp4", "raw": ""}
CONTENT_TYPES = {"image": "image/jpeg", "video": "video/mp4", "raw": "application/octet-stream"}

AssetKey = tuple[str, str, str]
"""Resource type, delivery type, public id."""


@dataclass
class Asset:
    """One stored file."""

    key: AssetKey
    file: UploadedFile
    tags: list[str]
    context: dict[str, str]
    version: int
    asset_id: str = field(default_factory=lambda: uuid4().hex)
    created: float = field(default_factory=time.time)
    times_stored: int = 1
    """How often bytes were put under this name; a repeat that found them there does not count."""

    @property
    def public_id(self) -> str:
        return self.key[2]

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.key[0]]

    @property
    def length(self) -> int:
        return self.file.bytes

    @property
    def etag(self) -> str:
        return self.file.md5

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from *start* up to *stop*."""
        with self.file.path.open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    def told(self, base_url: str, cloud: str) -> dict[str, Any]:
        """What Upload and Admin API share."""
        kind, delivery, public_id = self.key
        base, versioned = f"{base_url}/{cloud}/{kind}/{delivery}", f"v{self.version}/{public_id}"
        extension = f".{FORMATS[kind]}" if FORMATS[kind] else ""
        told: dict[str, Any] = {
            "asset_id": self.asset_id, "public_id": public_id, "version": self.version, "format": FORMATS[kind],
            "resource_type": kind, "type": delivery, "bytes": self.length, "etag": self.etag, "tags": self.tags,
            "created_at": datetime.fromtimestamp(self.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "pages": 0,
            "placeholder": False, "url": f"{base}/{versioned}{extension}",
            "secure_url": f"{base}/{versioned}{extension}",
            "asset_folder": public_id.rpartition("/")[0], "display_name": public_id.rpartition("/")[2],
        }  # fmt: skip
        if self.context:
            told["context"] = {"custom": self.context}
        if kind == "video":
            told |= self._of_video() | {"playback_url": f"{base}/sp_auto/{versioned}.m3u8"}
        return told

    def _of_video(self) -> dict[str, Any]:
        with self.file.path.open("rb") as file:
            mp4 = probe(file)
        bit_rate = int(self.length * 8 / mp4.duration) if mp4.duration else 0
        return {
            "width": mp4.width, "height": mp4.height, "duration": round(mp4.duration, 6), "bit_rate": bit_rate,
            "frame_rate": FRAME_RATE, "nb_frames": round(mp4.duration * FRAME_RATE), "rotation": 0, "is_audio": False,
            "audio": {"codec": "aac", "bit_rate": "40000", "frequency": 48000, "channels": 1, "channel_layout": "mono"},
            "video": {
                "pix_format": "yuv420p", "codec": "h264", "level": 30, "profile": "High", "bit_rate": str(bit_rate),
            },
        }  # fmt: skip


class Assets:
    """All assets of one cloud, by key."""

    def __init__(self) -> None:
        self._by_key: dict[AssetKey, Asset] = {}
        self._versions = int(time.time())

    def get(self, key: AssetKey) -> Asset | None:
        return self._by_key.get(key)

    def all(self) -> list[Asset]:
        return [*self._by_key.values()]

    def store(self, key: AssetKey, form: Form, file: UploadedFile) -> Asset:
        """Put *file* under *key*; what was there is replaced, but keeps its asset id."""
        self._versions = max(self._versions + 1, int(time.time()))
        asset = Asset(key, file, _tags(form), _context(form), self._versions)
        old = self._by_key.get(key)
        if old is not None:
            asset.asset_id, asset.created = old.asset_id, old.created
            asset.times_stored += old.times_stored
            old.file.path.unlink(missing_ok=True)
        self._by_key[key] = asset
        return asset

    def remove(self, key: AssetKey) -> bool:
        """Whether there was one."""
        asset = self._by_key.pop(key, None)
        if asset is not None:
            asset.file.path.unlink(missing_ok=True)
        return asset is not None

    def rename(self, key: AssetKey, to: AssetKey) -> Asset:
        """Give the asset at *key* another name."""
        asset = self._by_key.pop(key)
        asset.key = to
        self._by_key[to] = asset
        return asset


def upload_answer(asset: Asset, account_url: str, cloud: str, api_key: str, secret: str, form: Form) -> dict[str, Any]:
    """The body of a successful upload, signed (always in the first version, sha1)."""
    filename = form.file.filename if form.file else asset.public_id
    return {
        **asset.told(account_url, cloud),
        "version_id": secrets.token_hex(16),
        "signature": digest(f"public_id={asset.public_id}&version={asset.version}", secret),
        "original_filename": Path(filename).stem,
        "api_key": api_key,
    }


def _tags(form: Form) -> list[str]:
    return [tag for tag in form.text("tags").split(",") if tag]


def _context(form: Form) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in form.text("context").split("|") if "=" in pair)
    return {name: value for name, _, value in pairs}
