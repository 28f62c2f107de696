"""What this process shares with the others of its installation; one that is alone keeps it all in memory."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from reelhook.errors import Unavailable, WrongSetting
from reelhook.jobs.lanes import Lane
from reelhook.jobs.lanes.memory import MemoryLane
from reelhook.kit.bus import Bus, LocalBus
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.limits import Limits
from reelhook.monitoring import Dependency
from reelhook.realtime.cap import MemoryCap, StreamCap
from reelhook.settings import Settings


async def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Cluster:
    """Everything here may be forgotten at any moment: that costs time, never data. The database is the truth."""

    bus: Bus
    lane: Lane
    limits: Limits
    cap: StreamCap
    close: Callable[[], Awaitable[None]] = _nothing
    dependencies: Mapping[str, Dependency] = field(default_factory=dict)

    @classmethod
    def build(cls, config: Settings, clock: Clock, ids: Ids) -> Self:
        """In memory, or through Redis when REDIS_URL is set; *WrongSetting* when its package is missing."""
        if config.redis_url is not None:
            return cls._on_redis(config, config.redis_url.get_secret_value(), clock, ids)
        bus = LocalBus()
        return cls(bus, MemoryLane(), Limits(clock), MemoryCap(bus, clock, config.streams_per_person))

    @classmethod
    def _on_redis(cls, config: Settings, url: str, clock: Clock, ids: Ids) -> Self:
        try:
            # The package is an extra.
            from reelhook.jobs.lanes.redis import RedisLane  # noqa: PLC0415
            from reelhook.kit.redis import RedisBus, RedisClients, RedisLimiter  # noqa: PLC0415
            from reelhook.realtime.redis_cap import RedisCap  # noqa: PLC0415
        except ModuleNotFoundError as error:
            detail = f"REELHOOK_REDIS_URL is set, which needs {error.name}: pip install 'reelhook[redis]'"
            raise WrongSetting(detail) from None
        clients = RedisClients(url)
        bus = RedisBus(clients, clock, ids)

        async def answers() -> None:
            if (trouble := await clients.trouble()) is not None:
                raise Unavailable(f"Redis does not answer, which makes everything slower: {trouble}")

        return cls(
            bus=bus,
            lane=RedisLane(clients),
            limits=Limits(clock, RedisLimiter(clients)),
            cap=RedisCap(clients, bus, clock, config.streams_per_person),
            close=clients.close,
            dependencies={"redis": Dependency(answers, required=False)},
        )
