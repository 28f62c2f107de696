"""The bus over Redis Pub/Sub: one subscription for each process."""

import asyncio
from collections.abc import Callable

from redis.asyncio.client import PubSub

from reelhook.kit.bus import Listener, Listeners
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.redis.clients import AWAY, RedisClients

MOST_WAITING = 10_000
QUIET_S = 1.0  # after so long without a message the server is asked whether it still hears us
AGAIN_S = 0.2
SEPARATOR = "\n"


class RedisBus:
    """Listeners of this process are told at once, without Redis; the others through it.

    What cannot be sent is dropped: whoever missed it is told of a gap as soon as it is subscribed again.
    """

    def __init__(self, clients: RedisClients, clock: Clock, ids: Ids) -> None:
        self._clients, self._clock, self._channel = clients, clock, clients.name("bus")
        self._me = ids.token(9)
        self._listeners = Listeners()
        self._waiting: dict[str, None] = {}  # in order, and each message once
        self._to_send = asyncio.Event()

    def publish(self, topic: str, message: str = "") -> None:
        self._listeners.tell(topic, message)
        if len(self._waiting) < MOST_WAITING:
            self._waiting[SEPARATOR.join((self._me, topic, message))] = None
        self._to_send.set()

    def listen(self, topic: str, listener: Listener) -> None:
        self._listeners.add(topic, listener)

    def after_gap(self, listener: Callable[[], None]) -> None:
        self._listeners.add_after_gap(listener)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send(), name="bus-send")
            tasks.create_task(self._hear(), name="bus-hear")

    async def _send(self) -> None:
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            batch, self._waiting = list(self._waiting), {}
            try:
                async with self._clients.quick.pipeline(transaction=False) as pipe:
                    for line in batch:
                        pipe.publish(self._channel, line)
                    await pipe.execute()
            except AWAY:
                await self._clock.sleep(AGAIN_S)

    async def _hear(self) -> None:
        while True:
            pubsub = self._clients.patient.pubsub(ignore_subscribe_messages=True)
            try:
                await pubsub.subscribe(self._channel)
                self._listeners.tell_of_gap()
                await self._follow(pubsub)
            except AWAY:
                await self._clock.sleep(AGAIN_S)
            finally:
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _follow(self, pubsub: PubSub) -> None:
        """Hand out messages until the server is gone: it closed the line, or answers no more."""
        asked = False
        while True:
            message = await pubsub.get_message(timeout=QUIET_S)
            if message is None:
                if asked:
                    raise TimeoutError("the server does not answer")
                await pubsub.ping()
            elif message["type"] == "message":
                self._take(message["data"].decode())
            asked = message is None

    def _take(self, line: str) -> None:
        sender, topic, message = line.split(SEPARATOR, 2)
        if sender != self._me:
            self._listeners.tell(topic, message)
