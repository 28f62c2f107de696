"""The bus over Redis Pub/Sub: one subscription for each process."""

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from redis.asyncio.client import PubSub

from reelhook.kit.backoff import full_jitter
from reelhook.kit.bus import Listener, Listeners
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.redis.clients import AWAY, RedisClients

MOST_WAITING = 10_000
MOST_AT_ONCE = 500
SEND_S = 2.0  # for so many
QUIET_S = 1.0  # after so long without a message the server is asked whether it still hears us
ANSWER_S = 2.0  # within which it does what needs no waiting
AGAIN_S, AGAIN_AT_MOST_S = 0.2, 2.0
SEPARATOR = "\n"
GAP = "gap"  # the topic by which a sender says that something of its own was lost


class RedisBus:
    """Listeners of this process are told at once, without Redis; the others through it.

    What cannot be sent is dropped. The others are told of a gap in its place as soon as sending works again, for the
    server may have been away for this process alone.
    """

    def __init__(self, clients: RedisClients, clock: Clock, ids: Ids) -> None:
        self.me = ids.token(9)
        self._clients, self._clock, self._ids, self._channel = clients, clock, ids, clients.name("bus")
        self._listeners = Listeners()
        self._waiting: dict[str, None] = {}  # in order, and each message once
        self._to_send = asyncio.Event()
        self._lost = 0  # how often something was dropped of which the others were not told yet

    def publish(self, topic: str, message: str = "") -> None:
        self._listeners.tell(topic, message)
        if len(self._waiting) < MOST_WAITING:
            self._waiting[self._line(topic, message)] = None
        else:
            self._lost += 1
        self._to_send.set()

    def listen(self, topic: str, listener: Listener) -> None:
        self._listeners.add(topic, listener)

    def after_gap(self, listener: Callable[[], None]) -> None:
        self._listeners.add_after_gap(listener)

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send(), name="bus-send")
                tasks.create_task(self._hear(), name="bus-hear")
        finally:
            await self._send_waiting()  # a command ends as soon as it has done its work

    async def present(self, names: Collection[str]) -> set[str]:
        """Which of the processes that call themselves *names* (`me`) are connected now. Raises what is in *AWAY*."""
        counted = await self._clients.quick.pubsub_numsub(*(self._own_channel(name) for name in names))
        return {name for name, (_, many) in zip(names, counted, strict=True) if many}

    async def _send(self) -> None:
        failures = 0
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            if await self._send_waiting():
                failures = 0
                continue
            failures += 1
            self._to_send.set()
            await self._pause(failures)

    async def _send_waiting(self) -> bool:
        """Send all that waits, or lose it: False."""
        while self._waiting or self._lost:
            # Taken out before they are sent: what is published again meanwhile must be sent again.
            lines, lost = list(self._waiting)[:MOST_AT_ONCE], self._lost
            for line in lines:
                del self._waiting[line]
            try:
                async with asyncio.timeout(SEND_S):
                    await self._publish([self._line(GAP), *lines] if lost else lines)
            except AWAY:
                self._lost, self._waiting = self._lost + 1, {}
                return False
            except asyncio.CancelledError:
                self._waiting = dict.fromkeys(lines) | self._waiting
                raise
            self._lost -= lost
        return True

    async def _publish(self, lines: Collection[str]) -> None:
        async with self._clients.quick.pipeline(transaction=False) as pipe:
            for line in lines:
                pipe.publish(self._channel, line)
            await pipe.execute()

    async def _hear(self) -> None:
        failures = 0
        while True:
            pubsub = self._clients.patient.pubsub()
            try:
                async with asyncio.timeout(ANSWER_S):
                    await pubsub.subscribe(self._channel, self._own_channel(self.me))
                    await self._subscribed(pubsub)
                failures = 0
                self._listeners.tell_of_gap()
                await self._follow(pubsub)
            except AWAY:
                failures += 1
                await self._pause(failures)
            finally:
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _subscribed(self, pubsub: PubSub) -> None:
        """Wait until the server has said so for both channels: what comes before that may be missed."""
        missing = 2
        while missing:
            message = await pubsub.get_message(timeout=ANSWER_S)
            missing -= message is not None and message["type"] == "subscribe"

    async def _follow(self, pubsub: PubSub) -> None:
        """Hand out messages until the server is gone: it closed the line, or answers no more."""
        asked = False
        while True:
            async with asyncio.timeout(QUIET_S + ANSWER_S):
                message = await pubsub.get_message(timeout=QUIET_S)
                if message is None and not asked:
                    await pubsub.ping()
            if message is None and asked:
                raise TimeoutError("the server does not answer")
            asked = message is None
            if message is not None:
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":  # the client has connected again by itself
            self._listeners.tell_of_gap()
        elif message["type"] == "message":
            sender, topic, content = _read(message["data"])
            if sender == self.me:
                return
            if topic == GAP:
                self._listeners.tell_of_gap()
            else:
                self._listeners.tell(topic, content)

    async def _pause(self, failures: int) -> None:
        """Jittered, so that the processes that lost one server do not all come back to it in one moment."""
        fraction = self._ids.fraction()
        await self._clock.sleep(full_jitter(failures, fraction, base_s=AGAIN_S, cap_s=AGAIN_AT_MOST_S))

    def _line(self, topic: str, message: str = "") -> str:
        return SEPARATOR.join((self.me, topic, message))

    def _own_channel(self, name: str) -> str:
        return f"{self._channel}:{name}"


def _read(data: bytes) -> tuple[str, str, str]:
    """Sender, topic and message; a line that is not one of ours has a topic nobody listens to."""
    sender, _, rest = data.decode(errors="replace").partition(SEPARATOR)
    topic, _, content = rest.partition(SEPARATOR)
    return sender, topic, content
