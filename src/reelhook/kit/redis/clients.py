"""Two clients of one server: one may wait for ever, the other must not."""

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import ReadOnlyError, RedisError
from redis.exceptions import TimeoutError as NoAnswer

QUICK_S = 0.5
CONNECT_S = 2.0
PROBE_KEPT_S = 60
# All that a call may raise when the server is away, is being replaced, or has lost what it knew.
AWAY = (RedisError, OSError, TimeoutError)


class Cancellable(AbstractConnection):
    """Lets a cancellation through that would be lost otherwise: the task would go on for ever.

    The client sends under `asyncio.wait_for`, which up to Python 3.11 returns its result when both come at once.
    """

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        await super().send_packed_command(command, check_health)
        if task and task.cancelling() > before:
            await self.disconnect(nowait=True)
            raise asyncio.CancelledError


class RedisClients:
    """*url* is `redis://`, `rediss://` or `unix://`, with the number of a database at its end.

    *quick* answers within half a second or fails, and tries nothing again: a request waits for it. *patient* is for
    blocking reads and subscriptions; whoever uses it limits the wait. Neither connects before it is used.
    """

    def __init__(self, url: str) -> None:
        # These close the connection. A server that is read-only is no longer the one that the address leads to.
        never = Retry(NoBackoff(), 0, (NotConnected, NoAnswer, ReadOnlyError))
        self.quick: Redis = Redis.from_url(
            url, socket_timeout=QUICK_S, socket_connect_timeout=QUICK_S, retry=never, protocol=2
        )
        self.patient: Redis = Redis.from_url(
            url, socket_timeout=None, socket_connect_timeout=CONNECT_S, retry=never, protocol=2
        )
        kind = self.quick.connection_pool.connection_class
        self.quick.connection_pool.connection_class = type(kind.__name__, (Cancellable, kind), {})
        database = self.quick.connection_pool.connection_kwargs.get("db") or 0
        # Databases share their channels, so that the number is part of every name.
        self.prefix = f"reelhook:{database}"

    def name(self, *parts: str) -> str:
        """The name of a key or channel of ours."""
        return ":".join((self.prefix, *parts))

    async def trouble(self) -> str | None:
        """What keeps the server from taking a value and giving it back right now; None when it does.

        One that is full, or read-only, still answers a ping.
        """
        try:
            await self.quick.set(self.name("probe"), 1, ex=PROBE_KEPT_S)
            await self.quick.get(self.name("probe"))
        except AWAY as error:
            return str(error) or type(error).__name__
        return None

    async def close(self) -> None:
        await self.quick.aclose()
        await self.patient.aclose()
