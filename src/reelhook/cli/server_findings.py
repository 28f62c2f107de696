"""What `doctor` has to say of the servers that several processes share: Postgres and Redis."""

from contextlib import closing
from typing import Any

from sqlalchemy import Connection, text

from reelhook.db import Database
from reelhook.db.connections import READERS, WRITERS
from reelhook.errors import Unavailable, WrongSetting
from reelhook.settings import Settings

OLDEST_POSTGRES, NEWEST_POSTGRES, TESTED_POSTGRES = 15, 18, (15, 18)
OLDEST_REDIS = (6, 2)
# Each of them is one without which a commit that was acknowledged may be gone after a crash.
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


class Concern(str):
    """Something to do that keeps nothing from working."""

    __slots__ = ()


async def postgres(config: Settings) -> str:
    """Raises *WrongSetting* when it may lose what it has committed, and *DatabaseUnavailable*."""
    with closing(Database(config.database_url)) as db:
        shown = await db.read(_shown)
    if off := [name for name in DURABLE if shown[name] == "off"]:
        raise WrongSetting(_not_durable(off))
    version = int(shown["server_version_num"]) // 10_000
    found = f"{shown['server_version']}, {shown['max_connections']} connections; each process takes up to "
    found += f"{READERS + WRITERS}"
    if not OLDEST_POSTGRES <= version <= NEWEST_POSTGRES:
        return Concern(f"{found}. Version {version} is not supported: use {OLDEST_POSTGRES} to {NEWEST_POSTGRES}")
    return found if version in TESTED_POSTGRES else f"{found}. Tested are {' and '.join(map(str, TESTED_POSTGRES))}"


def _shown(conn: Connection) -> dict[str, str]:
    names = (*DURABLE, "server_version", "server_version_num", "max_connections")
    return {name: str(conn.execute(text(f"SHOW {name}")).scalar_one()) for name in names}


def _not_durable(off: list[str]) -> str:
    said = f"{' and '.join(off)} is off, so that Postgres may lose in a crash what it has committed; turn it on"
    if off == ["synchronous_commit"]:
        said += (
            " for this role and database (ALTER ROLE … RESET synchronous_commit). Reelhook turns it on in each of its "
            "own transactions, but not in those of other tools"
        )
    return said


async def redis(url: str) -> str:
    """Raises *WrongSetting* when it is too old, and *Unavailable* when it is not reached."""
    try:
        # The package is an extra.
        from reelhook.kit.redis import AWAY, RedisClients  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise WrongSetting(f"it needs {error.name}: pip install 'reelhook[redis]'") from None
    clients = RedisClients(url)
    try:
        info: dict[str, Any] = await clients.quick.info()
    except AWAY as error:
        detail = f"not reached: {error}. Nothing is lost, but processes hear of each other late"
        raise Unavailable(detail) from None
    finally:
        await clients.close()
    return _judged(info)


def _judged(info: dict[str, Any]) -> str:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info["redis_version"])
    if tuple(map(int, version.split(".")[:2])) < OLDEST_REDIS:
        raise WrongSetting(f"{name} {version} is too old: 6.2 or newer is needed")
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return Concern(
            f"{name} {version}, which forgets keys when it is full (maxmemory-policy {policy}): that costs time, never "
            "data; set noeviction, and give it no other use"
        )
    return f"{name} {version}"
