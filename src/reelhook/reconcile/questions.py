"""Every question that this room asks HeyGen, in one place."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from reelhook.heygen import Endpoint, HeyGen, HeyGenError, HistoryPage, RemoteStatus, RemoteVideo
from reelhook.jobs import Destinations

T = TypeVar("T")


class Questions:
    """Each is one call, and nothing is tried again here. Raises a *HeyGenError*, or *Postpone* while HeyGen is down."""

    def __init__(self, heygen: HeyGen, destinations: Destinations) -> None:
        self._heygen, self._destinations = heygen, destinations

    async def statuses(self, heygen_ids: Sequence[str], kind: str) -> dict[str, RemoteStatus]:
        """How up to 100 videos of one kind stand."""
        return await self._ask(lambda: self._heygen.statuses(heygen_ids, kind))

    async def video(self, kind: str, heygen_id: str) -> RemoteVideo:
        """How one video stands."""
        return await self._ask(lambda: self._heygen.get_video(kind, heygen_id))

    async def history(self, token: str | None) -> HistoryPage:
        """A page of what HeyGen delivered."""
        return await self._ask(lambda: self._heygen.history(token))

    async def endpoints(self) -> Sequence[Endpoint]:
        """Where HeyGen delivers."""
        return await self._ask(self._heygen.list_endpoints)

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T:
        async with self._destinations.reach("heygen", HeyGenError):
            return await question()
