"""A load balancer of the simplest kind: it looks at `/readyz`, gives connections to who is ready, retries nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import httpx2 as httpx

LOOK_S = 0.1


class Balancer:
    """Takes connections on *port*. *refused* counts those that nobody took or that were reset."""

    def __init__(self, backends: Sequence[int]) -> None:
        self._backends = backends
        self._pipes: set[asyncio.Task[None]] = set()
        self.ready: list[int] = []
        self.port = 0
        self.refused = 0

    async def look(self) -> None:
        """Keep knowing who is ready."""
        async with httpx.AsyncClient(timeout=2) as client:
            while True:
                answers = await asyncio.gather(*(self._is_ready(client, port) for port in self._backends))
                self.ready = [port for port, ready in zip(self._backends, answers, strict=True) if ready]
                await asyncio.sleep(LOOK_S)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", self._next())
        except (OSError, IndexError):
            self.refused += 1
            writer.close()
            return
        for source, target in ((reader, there[1]), (there[0], writer)):
            pipe = asyncio.create_task(self._pipe(source, target))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    async def end(self) -> None:
        pipes = list(self._pipes)
        for pipe in pipes:
            pipe.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)

    def _next(self) -> int:
        self.ready.append(first := self.ready.pop(0))
        return first

    async def _pipe(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        except ConnectionError:
            self.refused += 1
        finally:
            target.close()

    async def _is_ready(self, client: httpx.AsyncClient, port: int) -> bool:
        with suppress(httpx.TransportError):
            return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
        return False


@asynccontextmanager
async def balancing(*backends: int) -> AsyncIterator[Balancer]:
    """Running while the block lasts, in front of services on these ports."""
    one = Balancer(backends)
    server = await asyncio.start_server(one.take, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    looking = asyncio.create_task(one.look())
    try:
        yield one
    finally:
        looking.cancel()
        server.close()
        await one.end()
        await asyncio.gather(looking, return_exceptions=True)
