"""Times on the wire: RFC 3339, always UTC, always with milliseconds and a Z."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer


def rfc3339(moment: datetime) -> str:
    """For example `2026-11-22T09:30:00.250Z`: one width, so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# A field of a response model: a datetime within, RFC 3339 outside.
Time = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]


def moment(text: object) -> datetime:
    """A time as clients write it, in UTC. Raises *ValueError* for one that leaves open which moment it is."""
    try:
        read = datetime.fromisoformat(text) if isinstance(text, str) else None
        if read is not None and read.tzinfo is not None:
            return read.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be a time with its zone, like 2026-11-22T09:30:00Z")


# A field or parameter that takes such a time.
GivenTime = Annotated[datetime, BeforeValidator(moment)]
