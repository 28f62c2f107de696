"""sse-starlette under uvicorn, as its README has it: a queue for each stream; `POST /publish` puts into all."""

import asyncio
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

queues: set[asyncio.Queue[str]] = set()


async def listen() -> AsyncIterator[ServerSentEvent]:
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues.add(queue)
    try:
        number = 0
        while True:
            number += 1
            yield ServerSentEvent(await queue.get(), event="video.updated", id=str(number))
    finally:
        queues.remove(queue)


async def stream(_: Request) -> Response:
    return EventSourceResponse(listen())


async def publish(request: Request) -> Response:
    data = (await request.body()).decode()
    for queue in queues:
        queue.put_nowait(data)
    return Response(status_code=204)


app = Starlette(routes=[Route("/stream", stream), Route("/publish", publish, methods=["POST"])])
