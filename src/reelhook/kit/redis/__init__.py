"""Redis as the processes of one installation use it: it may be flushed, restarted or away at any moment.

Offers `RedisClients` (one that waits, one that is quick), `AWAY` (how either fails), `RedisBus` and `RedisLimiter`.
"""

from reelhook.kit.redis.bus import RedisBus
from reelhook.kit.redis.clients import AWAY, RedisClients
from reelhook.kit.redis.limiter import RedisLimiter

__all__ = ["AWAY", "RedisBus", "RedisClients", "RedisLimiter"]
