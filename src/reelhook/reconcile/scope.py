"""Which events HeyGen should have sent us: those our endpoint is subscribed to."""

from collections.abc import Callable, Sequence

from reelhook.db import Database
from reelhook.heygen import Endpoint
from reelhook.reconcile.compare import Told
from reelhook.reconcile.counterparts import ours
from reelhook.reconcile.questions import Questions

# Whether there is a secret with which webhooks could be verified: without one, no endpoint of HeyGen's can be ours.
Listens = Callable[[], bool]


class Scope:
    """Narrows what was missed. HeyGen is asked only when there is something to narrow."""

    def __init__(self, db: Database, heygen: Questions, url: str | None, listens: Listens) -> None:
        self._db, self._heygen, self._url, self._listens = db, heygen, url, listens

    async def of(self, lost: Sequence[Told]) -> Sequence[Told]:
        """Those of *lost* that we should have been sent.

        Without an endpoint only callbacks come, so only events about our own videos count. An endpoint that cannot be
        found by our address may still be ours (behind a proxy with another name): then every type counts.
        """
        if not lost:
            return lost
        if not self._listens():
            named = [row.resource_id for row in lost if row.resource_id is not None]
            own = await self._db.read(lambda conn: ours(conn, named, waiting=False))
            return [row for row in lost if row.resource_id in own]
        types = _subscribed(await self._heygen.endpoints(), self._url)
        return lost if types is None else [row for row in lost if row.type in types]


def _subscribed(endpoints: Sequence[Endpoint], url: str | None) -> set[str] | None:
    """The event types that are sent to *url*; None for all of them, or when it cannot be told."""
    here = [endpoint.events for endpoint in endpoints if endpoint.url.rstrip("/") == url]
    if not here or None in here:
        return None
    return {event for events in here if events is not None for event in events}
