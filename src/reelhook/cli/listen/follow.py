"""Everything that arrives at a server, once each, the oldest first.

The API is asked again and again for what came lately. A delivery that was on its way to the disk while a later one was
already there has the smaller id: so each question reaches some seconds further back than the newest that is known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from reelhook.cli.local_api import Api
from reelhook.kit.times import moment, rfc3339

Json = dict[str, Any]
EVENTS, REJECTIONS = "/api/v1/events", "/api/v1/rejections"
OVERLAP = timedelta(seconds=20)  # longer than any commit may take
PAGE = 200


@dataclass
class Follower:
    """What was seen of one list. *at* names the field with the time of an entry."""

    path: str
    at: str
    which: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    _seen: dict[str, datetime] = field(default_factory=dict)

    async def begin(self, api: Api) -> None:
        """Take what is there as known; nothing when a time to begin at was given."""
        if self.since is not None:
            return
        newest = (await api.call("GET", f"{self.path}?{urlencode({**self.which, 'limit': 1})}"))["data"]
        if newest:
            self.since = moment(newest[0][self.at]) - OVERLAP
            await self.news(api)

    async def news(self, api: Api) -> list[Json]:
        """What came since, the oldest first."""
        found = [entry for entry in await self._read(api) if entry["id"] not in self._seen]
        self._seen |= {entry["id"]: moment(entry[self.at]) for entry in found}
        if self._seen:
            self._forget(max(self._seen.values()) - OVERLAP)
        return found[::-1]

    def _forget(self, before: datetime) -> None:
        self.since = before if self.since is None else max(self.since, before)
        self._seen = {id: at for id, at in self._seen.items() if at >= self.since}

    async def _read(self, api: Api) -> list[Json]:
        asked = {**self.which, "limit": PAGE} | ({"since": rfc3339(self.since)} if self.since else {})
        page = await api.call("GET", f"{self.path}?{urlencode(asked)}")
        entries: list[Json] = page["data"]
        while page["next_cursor"]:
            page = await api.call("GET", f"{self.path}?{urlencode({**asked, 'cursor': page['next_cursor']})}")
            entries += page["data"]
        return entries


def ages(text: str) -> timedelta:
    """How long ago, as people write it: `90s`, `15m`, `2h`, `3d`. Raises *ValueError*."""
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isdigit():
        raise ValueError("must be a number and s, m, h or d, like 15m")
    try:
        return timedelta(**{units[unit]: int(number)})
    except OverflowError:
        raise ValueError("is longer ago than anything") from None


def in_order(*found: list[Json]) -> Iterator[Json]:
    """Entries of several lists by age: ids sort by it."""
    yield from sorted((entry for entries in found for entry in entries), key=lambda entry: str(entry["id"]))
