"""The room beside a push service: people, their browsers, and what is to be said to them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from reelhook.auth import Audit, Principal
from reelhook.auth.roles import scopes_of
from reelhook.db import Database, Tx
from reelhook.db.tables import audit, people, push_subscriptions
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.notify.channel import Notice, Recipient
from reelhook.notify.channels.push import Push
from reelhook.settings import Settings
from tests.notify.push.service import PushService, Subscriber

REMOTE = "192.0.2.7"


@dataclass
class Scene:
    """*room*: what the service has of it."""

    db: Database
    clock: Clock
    ids: Ids
    service: PushService
    sealer: Sealer

    def __post_init__(self) -> None:
        self.room = self.another_room()
        self.browsers = self.room.browsers(Audit(self.db, self.clock))

    def another_room(self, sealer: Sealer | None = None) -> Push:
        """As another process has it."""
        config = Settings(fetch_allow=self.service.address)
        return Push.build(config, self.db, self.clock, self.ids, sealer or self.sealer)

    async def person(self, name: str) -> Principal:
        id = self.ids.new()
        row = {"id": id, "email": f"{name}@example.com", "role": "viewer", "created_at": self.clock.now()}
        await self.write(lambda tx: tx.execute(insert(people), row))
        return Principal("person", id, name, "viewer", scopes_of("viewer"), subject=id)

    async def browser(self, person: Principal, device: str = "Firefox on Linux") -> Subscriber:
        """A new browser of somebody, which takes push messages."""
        one = self.service.subscriber()
        await self.add(person, one, device)
        return one

    async def add(self, person: Principal, one: Subscriber, device: str = "Firefox on Linux") -> dict[str, Any]:
        return await self.browsers.add(person, one.endpoint, one.p256dh, one.auth, device, REMOTE)

    def notice(self, severity: str = "info") -> Notice:
        return Notice(
            id=self.ids.new(),
            kind="ready",
            severity=severity,
            title="“Tour” is ready",
            body="It is stored for good.",
            url="/videos/v1",
            created_at=self.clock.now(),
            unseen=2,
        )

    async def rows(self) -> list[Any]:
        query = select(push_subscriptions).order_by(push_subscriptions.c.id)
        return await self.db.read(lambda conn: list(conn.execute(query).all()))

    async def audited(self) -> list[tuple[str, str, str | None]]:
        query = select(audit.c.action, audit.c.actor, audit.c.target).order_by(audit.c.id)
        return await self.db.read(lambda conn: [(row.action, row.actor, row.target) for row in conn.execute(query)])

    async def write(self, work: Any) -> Any:
        def run(tx: Tx) -> Any:
            return work(tx)

        return await self.db.write(run)


def recipient(person: Principal) -> Recipient:
    return Recipient(person.id, f"{person.name}@example.com")
