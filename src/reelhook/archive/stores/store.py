"""What the archive asks of a place where files are kept for good."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from reelhook.archive.fetch import Download
from reelhook.videos.owner import Owner

Unfinished = Mapping[str, Any]
Remember = Callable[[Unfinished | None], Awaitable[None]]


@dataclass(frozen=True)
class Asset:
    """The file to be kept. *unfinished* is what an earlier attempt gave to *remember*, which commits."""

    id: str
    video_id: str
    role: str
    unfinished: Unfinished | None
    remember: Remember


@dataclass(frozen=True)
class Stored:
    """A file that is kept, and how we know that it is the one: by its digest, or by its length alone.

    *url* is None where we serve it ourselves. *poster_url*: a still that the store makes of a video by itself.
    """

    location: str
    url: str | None
    bytes: int
    sha256: str | None
    md5: str | None
    content_type: str
    verified: Literal["digest", "length"]
    poster_url: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as the store itself lists it."""

    location: str
    bytes: int
    modified_at: datetime
    owner: Owner


@dataclass(frozen=True, slots=True)
class Usage:
    """How full the place is, as far as it tells: *used* is all that anybody keeps there. *plan*: what is paid for.

    *percent* of the plan's nearest limit is used up, and *of* says what that limits, such as `credits`.
    """

    used: int | None = None
    free: int | None = None
    plan: str | None = None
    percent: float | None = None
    of: str | None = None


class Store(Protocol):
    """A place where files are kept. Every method may raise a *ReelhookError*; *retryable* says whether to come back."""

    async def put(self, asset: Asset, download: Download) -> Stored:
        """Keep the file. It is there whole and verified when this returns; a second time does no harm."""
        ...

    async def delete(self, location: str) -> None:
        """Remove it; fine when it is not there."""
        ...

    def owner(self, location: str) -> Owner:
        """Which asset the file at *location* was made for. Raises *StoreRefused* for what is no location of ours."""
        ...

    def files(self) -> AsyncIterator[StoredFile]:
        """Every file of ours in it, also what dead attempts left; nothing that is not of our naming."""
        ...

    async def check(self) -> None:
        """Write, read and delete something small; for `reelhook doctor`."""
        ...

    async def usage(self) -> Usage:
        """How full it is. What was said some minutes ago may be said again."""
        ...

    def close(self) -> None:
        """Let go of threads; those at work end by themselves within a minute."""
        ...
