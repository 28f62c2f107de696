"""`/metrics`: what the processes of this address counted, and what is in the database."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric

from reelhook import metrics
from reelhook.auth import requires
from reelhook.monitoring.gauges import Gauges


@dataclass(frozen=True, slots=True)
class _Both:
    """Looks like a registry to what writes one down."""

    registry: CollectorRegistry
    gauges: Sequence[Metric]

    def collect(self) -> Iterator[Metric]:
        yield from self.registry.collect()
        yield from self.gauges


def router(gauges: Gauges) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/metrics", dependencies=[Depends(requires("metrics"))])
    async def scrape() -> Response:
        """Everything counted and measured, for Prometheus."""
        found = _Both(metrics.registry(), await gauges.families())
        # In a thread: writing hundreds of lines takes longer than a webhook should wait.
        content = await asyncio.to_thread(generate_latest, found)
        return Response(content, media_type=CONTENT_TYPE_LATEST)

    return routes
