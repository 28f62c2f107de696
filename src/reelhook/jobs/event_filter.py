"""Which stored events are meant, as a job can carry it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class EventFilter(BaseModel):
    """Which events: all that is given holds. One that came at *since* is meant, one that came at *until* is not."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: str | None = None
    state: str | None = None
    video_id: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
