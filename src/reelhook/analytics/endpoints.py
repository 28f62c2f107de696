"""`/api/v1/analytics`: what happened, in numbers."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from reelhook.analytics import answers
from reelhook.analytics.answers import Reader
from reelhook.analytics.sources import SOURCES
from reelhook.analytics.spans import Cut, Span, Step, zone
from reelhook.auth import requires
from reelhook.auth.audit_export import MEDIA_TYPES, lines
from reelhook.db import Database
from reelhook.errors import WrongInput
from reelhook.kit.clock import Clock
from reelhook.kit.times import GivenTime, Time, rfc3339
from reelhook.videos.counting import Counts

MOST_METRICS = 6
Format = Literal["json", "csv"]
From = Annotated[GivenTime | None, Query(alias="from", description="Its whole hour counts. Usual: a week before `to`.")]
To = Annotated[GivenTime | None, Query(description="Its whole hour counts, unless it begins with it. Usual: now.")]
Metric = Annotated[str, Query(max_length=40, description=f"One of {', '.join(SOURCES)}.")]
Metrics = Annotated[list[str], Query(alias="metric", min_length=1, max_length=MOST_METRICS)]
Zone = Annotated[str, Query(max_length=60, description="Whose days: a name like Europe/Berlin.")]
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


class Point(BaseModel):
    """One line of a series as a file."""

    metric: str
    at: Time
    count: int
    p50_ms: int | None = None
    p95_ms: int | None = None
    bytes: int | None = None
    seconds: int | None = None


class Part(BaseModel):
    """One line of a breakdown as a file."""

    name: str
    detail: str
    count: int
    p50_ms: int | None = None
    p95_ms: int | None = None
    bytes: int | None = None
    seconds: int | None = None


class User(BaseModel):
    """One line of the usage as a file."""

    actor: str
    name: str | None
    videos: int


def router(db: Database, clock: Clock) -> APIRouter:
    """The routes, all of which only read."""
    routes = APIRouter(
        prefix="/api/v1/analytics", tags=["operations"], dependencies=[Depends(requires("analytics:read"))]
    )

    count_videos = Counts(db, clock)

    def asked(start: From = None, to: To = None) -> Span:
        return Span.parse(start, to, clock.now())

    Asked = Annotated[Span, Depends(asked)]  # noqa: N806

    @routes.get("/summary")
    async def summary(span: Asked) -> dict[str, Any]:
        """Every number of a time, and of the time of the same length before."""

        def work(reader: Reader) -> dict[str, Any]:
            return _about(span, reader) | answers.summary(reader, span)

        return await db.read(lambda conn: work(Reader.at(conn, clock.now())))

    @routes.get("/series", response_model=None, responses=CSV)
    async def series(
        span: Asked, metrics: Metrics, step: Step = "day", time_zone: Zone = "UTC", format: Format = "json"
    ) -> dict[str, Any] | Response:
        """Numbers over time: a point for each hour, or for each day or week of a time zone."""
        for metric in metrics:
            _known(metric)
        cut = Cut(span, step, zone(time_zone))

        def work(reader: Reader) -> dict[str, Any]:
            found = answers.series(reader, span, metrics, cut)
            return _about(span, reader) | {"step": step, "time_zone": time_zone, "data": found}

        found = await db.read(lambda conn: work(Reader.at(conn, clock.now())))
        if format == "csv":
            return await _file("series", Point, _flat(found["data"]))
        for one in found["data"]:
            one["points"] = [point | {"at": rfc3339(point["at"])} for point in one["points"]]
        return found

    @routes.get("/breakdown", response_model=None, responses=CSV)
    async def breakdown(span: Asked, metric: Metric, format: Format = "json") -> dict[str, Any] | Response:
        """One number by its parts: reasons, kinds, stores; the largest hundred."""
        _known(metric)

        def work(reader: Reader) -> dict[str, Any]:
            return _about(span, reader) | {"metric": metric, "data": answers.breakdown(reader, span, metric)}

        found = await db.read(lambda conn: work(Reader.at(conn, clock.now())))
        return found if format == "json" else await _file(metric, Part, found["data"])

    @routes.get("/usage", response_model=None, responses=CSV)
    async def usage(span: Asked, format: Format = "json") -> dict[str, Any] | Response:
        """Which people and keys asked for how many videos; the busiest fifty."""
        found = await db.read(lambda conn: answers.usage(conn, span))
        return {"data": found} if format == "json" else await _file("usage", User, found)

    @routes.get("/live")
    async def live() -> dict[str, Any]:
        """How things stand at this moment: videos and jobs by state, and what came in since the full hour.

        A number of videos above 10,000 may be a minute old.
        """
        now = clock.now()
        _, numbers = await count_videos()
        of_videos = {state: number for state, number in numbers.items() if number}
        return {"at": rfc3339(now), "videos": of_videos, **await db.read(lambda conn: answers.live(conn, now))}

    return routes


def _about(span: Span, reader: Reader) -> dict[str, Any]:
    return {"from": rfc3339(span.start), "to": rfc3339(span.end), "counted_until": rfc3339(reader.until)}


def _known(metric: str) -> None:
    if metric not in SOURCES:
        raise WrongInput(f"metric must be one of {', '.join(SOURCES)}, not {metric[:40]!r}")


def _flat(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"metric": one["metric"], **point} for one in found for point in one["points"]]


async def _file(name: str, model: type[BaseModel], rows: Sequence[dict[str, Any]]) -> Response:
    """*rows* as CSV that no spreadsheet takes for formulas."""

    async def pages() -> AsyncIterator[Sequence[BaseModel]]:
        yield [model(**row) for row in rows]

    text = "".join([part async for part in lines(pages(), model, "csv")])
    headers = {"content-disposition": f'attachment; filename="reelhook-{name}.csv"'}
    return Response(text, media_type=MEDIA_TYPES["csv"], headers=headers)
