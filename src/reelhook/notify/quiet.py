"""Quiet hours: a time of day, in somebody's own time zone, on some days of the week or on all."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = timedelta(days=1)


def zone(name: str) -> ZoneInfo:
    """The time zone of this *name*. Raises *ValueError*."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name[:60]!r} is no time zone that this machine knows; use a name like Europe/Berlin"
        ) from None


def quiet_until(hours: Mapping[str, Any] | None, now: datetime) -> datetime | None:
    """When the quiet hours end in which *now* lies; None outside of them.

    They begin on the named days (Monday is 0), and may last over midnight; from and to alike are a whole day. Where
    clocks are put forward they last an hour less by the sun, where clocks are put back an hour more.
    """
    if hours is None:
        return None
    try:
        here = zone(hours["time_zone"])
    except ValueError:  # it was known when it was chosen, perhaps on another machine
        return None
    begins, ends = time.fromisoformat(hours["from"]), time.fromisoformat(hours["to"])
    today = now.astimezone(here).date()
    for day in (today - DAY, today):
        if hours["days"] is not None and day.weekday() not in hours["days"]:
            continue
        until = _at(day if ends > begins else day + DAY, ends, here, fold=1)
        if _at(day, begins, here, fold=0) <= now < until:
            return until
    return None


def _at(day: date, at: time, here: ZoneInfo, fold: int) -> datetime:
    """The moment at which clocks show this; of two, the first (*fold* 0) or the second."""
    return datetime.combine(day, at.replace(fold=fold), here).astimezone(UTC)
