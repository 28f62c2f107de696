"""What a Cloudinary cloud holds of ours, from the pages of its Admin API."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from reelhook.archive.stores.store import StoredFile
from reelhook.videos.owner import Owner

PREFIX = "reelhook/"
KINDS: Mapping[str, str] = MappingProxyType(
    {"video": "video", "captioned": "video", "poster": "image", "gif": "image", "captions": "raw"}
)
NAME = re.compile(rf"{PREFIX}([0-9a-f-]{{36}})/({'|'.join(KINDS)})")


def owner_of(location: str) -> Owner | None:
    """The asset whose name it bears, nobody for another file of ours, None for what is no location in Cloudinary."""
    kind, _, public_id = location.partition("/")
    if kind not in KINDS.values() or not public_id:
        return None
    found = NAME.fullmatch(public_id)
    return Owner(video_id=found[1], role=found[2]) if found else Owner()


def files_of(kind: str, answer: Mapping[str, Any]) -> Iterator[StoredFile]:
    """The files of assets on one page. What somebody else named is left out."""
    for one in answer.get("resources") or ():
        name, size, created = one.get("public_id"), one.get("bytes"), one.get("created_at")
        if isinstance(name, str) and NAME.fullmatch(name) and isinstance(size, int) and isinstance(created, str):
            location = f"{kind}/{name}"
            yield StoredFile(location, size, datetime.fromisoformat(created), owner_of(location) or Owner())
