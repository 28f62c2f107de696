"""What a way to a person outside of the open dashboard has to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom it is for."""

    id: str
    email: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be said. *url* is a path in the dashboard; *items* of a digest: titles with their paths."""

    id: str
    kind: str
    severity: str
    title: str
    body: str
    url: str
    created_at: datetime
    unseen: int = 0
    items: Sequence[tuple[str, str]] = ()
    video_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """It was taken. *target*: where it went, as it may be shown; *said*: what came back."""

    target: str
    said: str


class Channel(Protocol):
    """One way out.

    *certain*: sending the same notice twice cannot be noticed, so an attempt whose end nobody knows is made again.
    *missing* says why somebody cannot be reached by it, and what to do.
    """

    @property
    def name(self) -> str: ...

    @property
    def certain(self) -> bool: ...

    @property
    def missing(self) -> str: ...

    def reachable(self) -> ColumnElement[bool]:
        """Whether a row of `people` can be reached by it, as part of a query."""
        ...

    async def send(self, notice: Notice, person: Recipient) -> Sent:
        """Hand it over.

        Raises *OutcomeUnknown* when it may have arrived, and any other *ReelhookError* when it surely did not.
        """
        ...
