"""What people, Prometheus and the service itself ask of a database, whatever is in it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Any
from urllib.parse import urlencode

import orjson
from sqlalchemy import select
from starlette.types import ASGIApp, Message

from bench.history.pattern import NOW
from reelhook.app import Service
from reelhook.auth.principal import of_key
from reelhook.db.tables import events, videos
from reelhook.jobs.kinds import EvaluateRules, Prune
from reelhook.kit.times import rfc3339
from reelhook.monitoring.gauges import read as gauges
from reelhook.reconcile.waiting import waiting
from reelhook.retention import PruneHandler, sweeps

# Returns how many things were asked about, where that is not one.
Ask = Callable[[], Awaitable[int | None]]
NOBODYS = "reel-42-of-nobody"


@dataclass(frozen=True)
class Question:
    """*at_most*: how many times as much the answer may cost as from a thousand events. *most_asked*: in one turn."""

    ask: Ask
    at_most: float = 2.0
    most_asked: int = 5


async def questions(service: Service) -> Mapping[str, Question]:
    """Each by its name, with the part of the service that asks it in front."""
    some = await service.parts.db.read(lambda conn: conn.execute(LATEST).one())
    return {
        **{f"board: {name}": Question(_request(service, path)) for name, path in (await _board(service)).items()},
        **{
            f"events: {name}": Question(_request(service, path))
            for name, path in (await _events(service, some)).items()
        },
        **{f"analytics: {name}": Question(_request(service, path)) for name, path in ANALYTICS.items()},
        **{f"operations: {name}": Question(ask, inf) for name, ask in _operations(service).items()},
    }


ANALYTICS = {
    "summary": "analytics/summary",
    "days of a month": "analytics/series?"
    + urlencode({"from": rfc3339(NOW - timedelta(days=30)), "to": rfc3339(NOW), "metric": "accepted"}),
    "parts": "analytics/breakdown?metric=accepted",
    "live": "analytics/live",
}
LATEST = (
    select(events.c.id, events.c.video_id, videos.c.heygen_video_id)
    .join(videos, videos.c.id == events.c.video_id)
    .where(videos.c.state == "ready")
    .order_by(events.c.id.desc())
    .limit(1)
)


async def _board(service: Service) -> Mapping[str, str]:
    """As the web app asks: each filter, each order, the page behind the first, a search, and the numbers."""
    on_its_way = "requested,rendering,rendered,archiving"
    filters: dict[str, dict[str, Any]] = {
        "all": {},
        "on its way": {"state": on_its_way},
        "ready": {"state": "ready"},
        "needs you": {"state": "failed,unarchived"},
        "unarchived": {"state": "unarchived"},
        "late": {"late": "true"},
        "of a subject": {"subject": NOBODYS},
        "by change": {"sort": "changed"},
        "by title": {"sort": "title"},
        "by wait": {"sort": "waiting"},
        "ready, by change": {"sort": "changed", "state": "ready"},
        "ready, by title": {"sort": "title", "state": "ready"},
        "needs you, by change": {"sort": "changed", "state": "failed,unarchived"},
        "on its way, by change": {"sort": "changed", "state": on_its_way},
        "search": {"q": "welcome"},
        "search in vain": {"q": NOBODYS},
    }
    paths = {name: f"videos?{urlencode({'limit': 50} | wanted)}" for name, wanted in filters.items()}
    for name in ("all", "ready", "by change", "by title"):
        cursor = (await _get(service, paths[name]))["next_cursor"]
        paths[f"{name}, next page"] = f"{paths[name]}&cursor={cursor}"
    return paths | {"counts": "videos/counts", "counts of a search": f"videos/counts?q={NOBODYS}"}


async def _events(service: Service, some: Any) -> Mapping[str, str]:
    day = {"since": rfc3339(NOW - timedelta(days=2)), "until": rfc3339(NOW - timedelta(days=1))}
    filters: dict[str, dict[str, Any]] = {
        "all": {},
        "of a type": {"type": "avatar_video.fail"},
        "of a type that never came": {"type": "batch.finished"},
        "pending": {"state": "pending"},
        "ignored": {"state": "ignored"},
        "that we found": {"source": "reconcile"},
        "callbacks": {"source": "callback"},
        "of a video": {"video_id": some.video_id},
        "of a day": day,
        "by our id": {"q": some.id},
        "by HeyGen's id": {"q": some.heygen_video_id},
        "in vain": {"q": NOBODYS},
    }
    paths = {name: f"events?{urlencode(wanted)}" for name, wanted in filters.items()}
    cursor = (await _get(service, paths["all"]))["next_cursor"]
    return paths | {"next page": f"events?cursor={cursor}", "one": f"events/{some.id}"}


def _operations(service: Service) -> Mapping[str, Ask]:
    """What nobody waits for in front of a page; *retention* finds nothing that may go."""
    parts = service.parts
    now = parts.clock.now
    prune = PruneHandler(parts.db, parts.clock, lambda at: sweeps(parts.config, at))

    async def scrape() -> None:
        await parts.db.read(lambda conn: list(gauges(conn, now())))

    async def readyz() -> None:
        service.health.readiness.look_again()
        await service.health.readiness.told()

    async def rules() -> None:
        await parts.alerts.evaluation(EvaluateRules())

    async def retention() -> None:
        await prune(Prune())

    async def choice() -> None:
        await parts.db.read(lambda conn: waiting(conn, now()))

    paths = {"missed webhooks": "reconcile", "what is kept": "keeping", "jobs": "jobs/counts"}
    asked = {name: _request(service, path) for name, path in paths.items()}
    own = {"scrape": scrape, "readyz": readyz, "rules": rules, "retention": retention}
    return {**own, "whom to ask HeyGen about": choice, **asked}


def _request(service: Service, path: str) -> Ask:
    async def ask() -> None:
        await _get(service, path)

    return ask


async def _get(service: Service, path: str) -> Any:
    """Ask the API as an admin, without the network and without the gate: what is left depends on the database."""
    name, _, query = path.partition("?")
    scope = {"type": "http", "method": "GET", "path": f"/api/v1/{name}", "query_string": query.encode(), "headers": []}
    told: list[Message] = []

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def take(message: Message) -> None:
        told.append(message)

    api: ASGIApp = service.doors.api
    await api({**scope, "state": {"principal": of_key("bench", "bench", "admin", None)}}, nothing, take)
    body = b"".join(message.get("body", b"") for message in told)
    assert told[0]["status"] == 200, (path, body)
    return orjson.loads(body)
