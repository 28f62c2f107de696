"""The rate limiter that all processes share: the formula of `kit/ratelimit.py`, computed inside Redis."""

import asyncio
import hashlib
from collections.abc import Sequence

from redis.exceptions import NoScriptError

from reelhook.kit.ratelimit import LimiterAway, Verdict, Wanted
from reelhook.kit.redis.clients import AWAY, QUICK_S, RedisClients

MOST_AT_ONCE = 8  # more connections make it no faster, and the pool, which others use too, has a bound

# The server's own time: the machines' clocks need not agree.
SERVER_TIME = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
"""
# For each key three arguments (interval, burst, cost), and two numbers in the answer (how long to wait, how long until
# all is free).
GCRA = """
local answer = {}
for i, key in ipairs(KEYS) do
  local interval, burst, cost = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local room = interval * burst
  local free_at = tonumber(redis.call('GET', key) or now)
  free_at = math.min(math.max(free_at, now), now + room)
  local after = free_at + interval * cost
  local wait = math.max(0, after - room - now)
  if wait == 0 then
    free_at = after
    redis.call('SET', key, free_at, 'PX', math.ceil((free_at - now) / 1000))
  end
  answer[2 * i - 1], answer[2 * i] = wait, free_at - now
  if wait > 0 then break end
end
return answer
"""


class RedisLimiter:
    """One round trip, whatever is wanted. What Redis forgets is free again."""

    def __init__(self, clients: RedisClients, script: str = SERVER_TIME + GCRA) -> None:
        self._clients, self._script = clients, script
        self._digest = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._at_once = asyncio.Semaphore(MOST_AT_ONCE)

    async def take(self, *wanted: Wanted) -> Sequence[Verdict]:
        """A verdict for each, in this order, up to the first that refuses.

        Raises *LimiterAway* within half a second.
        """
        keys = [self._clients.name("limit", one.limit.name, one.key) for one in wanted]
        numbers = [n for one in wanted for n in (one.limit.interval_us, one.limit.burst, one.cost)]
        try:
            async with asyncio.timeout(QUICK_S), self._at_once:
                told = await self._run(len(keys), *keys, *numbers)
        except AWAY as error:
            raise LimiterAway(f"{type(error).__name__}: {error}") from error
        pairs = zip(wanted, told[::2], told[1::2], strict=False)  # none follow the first that refuses
        return [Verdict.of(one.limit, wait, busy) for one, wait, busy in pairs]

    async def _run(self, count: int, *arguments: int | str) -> list[int]:
        quick = self._clients.quick
        try:
            found: list[int] = await quick.evalsha(self._digest, count, *arguments)
        except NoScriptError:  # a new server, or it was made to forget; this teaches it
            found = await quick.eval(self._script, count, *arguments)
        return found
