"""What a file is called where we choose its name ourselves: `a1/ASSET_ID.mp4`."""

import re

from reelhook.archive.errors import StoreRefused
from reelhook.archive.media_types import EXTENSIONS
from reelhook.videos.owner import Owner

ASSET_ID = re.compile(r"[0-9a-z-]{8,36}")
LOCATION = re.compile(r"[0-9a-z-]{2}/([0-9a-z-]{8,36})\.[a-z0-9]{2,4}")


def location_of(asset_id: str, content_type: str) -> str:
    """Spread by the id's end, which is random; its beginning is the time. Raises *StoreRefused* for no id of ours."""
    if not ASSET_ID.fullmatch(asset_id):
        raise StoreRefused(f"{asset_id!r} is not the id of an asset")
    return f"{asset_id[-2:]}/{asset_id}.{EXTENSIONS[content_type]}"


def owner_of(location: str) -> Owner | None:
    """The asset whose name it bears, or None."""
    found = LOCATION.fullmatch(location)
    return Owner(asset_id=found[1]) if found else None
