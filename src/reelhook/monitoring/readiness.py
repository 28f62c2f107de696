"""Whether this process should get requests, and how everything is that it leans on."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reelhook import logs
from reelhook.errors import ReelhookError
from reelhook.kit.clock import Clock
from reelhook.kit.remembered import Remembered
from reelhook.kit.times import rfc3339
from reelhook.logs import mask

log = logs.get("monitoring")

# Raises a *ReelhookError* when the dependency cannot be used.
Check = Callable[[], Awaitable[None]]
CHECK_LIMIT_S = 3.0
GOOD_FOR_S = 1.0  # anybody may ask; whoever asks sooner gets the same answer


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something the process leans on. One that is not *required* costs time while it is away, and nothing else.

    *good_for_s*: how long one check counts, where checking costs something.
    """

    check: Check
    required: bool = True
    limit_s: float = CHECK_LIMIT_S
    good_for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Lack:
    """A dependency that is not well, and since which look."""

    name: str
    required: bool
    since: datetime
    reason: str


class Readiness:
    """Looks at each of *dependencies*, at most once a second however many ask. While *draining*, others should serve.

    A check that does not come to its end is not begun a second time, so that probes cannot pile up behind it.
    """

    def __init__(
        self, clock: Clock, dependencies: Mapping[str, Dependency], draining: Callable[[], bool] = lambda: False
    ) -> None:
        self._clock, self._dependencies, self._draining = clock, dependencies, draining
        self._troubles = {
            name: Remembered(clock, lambda check=one.check: _trouble(check), one.good_for_s)  # type: ignore[misc]
            for name, one in dependencies.items()
        }
        self._lacks: dict[str, Lack] = {}
        self._look = Remembered(clock, self._look_at_all, GOOD_FOR_S)

    async def lacks(self) -> tuple[Lack, ...]:
        """What is not well right now."""
        await self._look()
        return tuple(self._lacks.values())

    async def told(self) -> tuple[bool, dict[str, Any]]:
        """Whether requests should come, and the state of each dependency, as probes are told it."""
        await self._look()
        needed = any(lack.required for lack in self._lacks.values())
        status = "draining" if self._draining() else "unavailable" if needed else "ok"
        states = {name: self._shown(name, one) for name, one in self._dependencies.items()}
        return status == "ok", {"status": status, "dependencies": states}

    def look_again(self) -> None:
        """Something has changed, so that who asks next should not get what was seen before."""
        self._look.forget()

    async def _look_at_all(self) -> None:
        reasons = await asyncio.gather(*(self._ask(name, one) for name, one in self._dependencies.items()))
        now, before = self._clock.now(), self._lacks
        self._lacks = {
            name: Lack(name, one.required, before[name].since if name in before else now, reason)
            for (name, one), reason in zip(self._dependencies.items(), reasons, strict=True)
            if reason is not None
        }

    async def _ask(self, name: str, one: Dependency) -> str | None:
        try:
            async with asyncio.timeout(one.limit_s):
                return await self._troubles[name]()
        except TimeoutError:
            return f"no answer within {one.limit_s:g} s"

    def _shown(self, name: str, one: Dependency) -> dict[str, Any]:
        lack = self._lacks.get(name)
        if lack is None:
            return {"ok": True, "required": one.required}
        return {"ok": False, "required": one.required, "since": rfc3339(lack.since), "reason": lack.reason}


async def _trouble(check: Check) -> str | None:
    try:
        await check()
    except ReelhookError as error:
        return mask(error.message)
    except Exception as error:  # a fault of ours in a check must not end what it looks at
        log.error("check.failed", exc_info=error)
        return f"it could not be looked at: {type(error).__name__}"
    return None
