"""Times on the wire: RFC 3339, always UTC, always with milliseconds and a Z."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainSerializer


def rfc3339(moment: datetime) -> str:
    """For example `2026-11-22T09:30:00.250Z`: one width, so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# A field of a response model: a datetime within, RFC 3339 outside.
Time = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
