"""Snapshots in which one thing stands out."""

from datetime import timedelta
from typing import Any

from reelhook.db.outages import Outage
from reelhook.jobs.destinations import Destination
from reelhook.monitoring.readiness import Lack
from reelhook.monitoring.snapshot import NOON, Around, Disk, OpenError, Snapshot, StoreLimit, UsedSecret, made_up


def ago(minutes: float) -> Any:
    return NOON - timedelta(minutes=minutes)


def down(name: str, minutes: float, code: str = "store_unavailable") -> Snapshot:
    return Snapshot(around=Around(destinations=(Destination(name, "open", ago(minutes), NOON, "no answer", code),)))


def up(name: str) -> Snapshot:
    return Snapshot(around=Around(destinations=(Destination(name, "closed", None, None, None),)))


def seen(*all_: dict[str, Any]) -> Snapshot:
    """Processes, as they say it of themselves."""
    return Snapshot(processes=tuple(made_up(**said) for said in all_))


def without_redis(minutes: float) -> dict[str, Any]:
    return {"lacks": (Lack("redis", False, ago(minutes), "no answer"),)}


def away(minutes: float, ended: float) -> dict[str, Any]:
    """Could not commit for *minutes*, until *ended* minutes ago."""
    return {"outage": Outage(ago(minutes + ended), ago(ended), 9, "disk full")}


def reached(name: str, since: float | None, heard: float, code: str = "store_unavailable") -> dict[str, Any]:
    """What one process says of *name*: down for *since* minutes or up, when it was heard of last."""
    state: Any = "closed" if since is None else "open"
    down_since = None if since is None else ago(since)
    return {"destinations": (Destination(name, state, down_since, None, "no answer", code, ago(heard)),)}


def disk(percent: float) -> Snapshot:
    return Snapshot(around=Around(disks=(Disk("/data", percent),)))


def used_up(percent: float) -> Snapshot:
    return Snapshot(store_limits=(StoreLimit("cloudinary", "credits", percent),))


def signed(*refused: bool) -> Snapshot:
    return Snapshot(used_secrets=tuple(UsedSecret(f"s{at}", one) for at, one in enumerate(refused)))


def failing(*new_minutes_ago: float) -> Snapshot:
    errors = (OpenError(f"e{at}", "KeyError", "a:b", 3, ago(new)) for at, new in enumerate(new_minutes_ago))
    return Snapshot(open_errors=tuple(errors))
