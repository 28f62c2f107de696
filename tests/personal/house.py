"""The rooms that know of people, and what they know of Eve."""

from typing import Any

import httpx2
from argon2 import PasswordHasher
from sqlalchemy import insert, select

from reelhook.api import create_api
from reelhook.auth import Access, local_admin
from reelhook.auth.endpoints import routers as auth_routers
from reelhook.auth.passwords import Passwords
from reelhook.db import Database, Tx
from reelhook.db.tables import (
    assets,
    metadata,
    muted_videos,
    notification_deliveries,
    notification_preferences,
    notifications,
    push_subscriptions,
    seen,
)
from reelhook.jobs import Queue
from reelhook.kit.bus import LocalBus
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from reelhook.notify.shown import publish
from reelhook.personal import ReleaseHandler, router
from reelhook.settings import Settings
from reelhook.videos import Lifecycle, State
from tests.conftest import StillClock

EMAIL, PASSWORD, ADDRESS = "eve@example.com", "correct horse battery", "198.51.100.9"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class House:
    """The rooms that know of people, behind the gate, and Eve, who is signed in."""

    def __init__(self, db: Database, clock: StillClock, ids: Ids) -> None:
        self.db, self.clock, self.ids = db, clock, ids
        quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.access = Access.build(Settings(), db, LocalBus(), clock, ids, Sealer(["key"]), quick)
        queue = Queue(clock, ids)
        self.lifecycle = Lifecycle(clock, ids, queue)
        self.release = ReleaseHandler(db, self.lifecycle)
        self.gate = self.access.gate(create_api(router(db, clock, queue, self.access), *auth_routers(self.access)))
        self.clients: list[httpx2.AsyncClient] = []

    def client(self, **headers: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.gate, client=(ADDRESS, 5000))
        base = "http://127.0.0.1/api/v1"
        self.clients.append(httpx2.AsyncClient(transport=transport, base_url=base, headers=headers))
        return self.clients[-1]

    async def admin(self) -> httpx2.AsyncClient:
        key = await self.access.keys.create(local_admin(), "admin", "admin")
        return self.client(authorization=f"Bearer {key.key}")

    async def sign_in(self, email: str = EMAIL) -> httpx2.AsyncClient:
        browser = self.client(**{"x-reelhook": "1", "user-agent": AGENT})
        assert (await browser.post("/session", json={"email": email, "password": PASSWORD})).status_code == 200
        return browser

    async def video(self, subject: str) -> str:
        def work(tx: Tx) -> str:
            made = {"kind": "avatar_video", "store": "local", "message": "Made", "state": State.READY}
            video_id = self.lifecycle.create(tx, **made, subject=subject, title=f"Film of {subject}")
            tx.execute(insert(seen).values(video_id=video_id, browser="browser-1", at=self.clock.now()))
            row = {"id": self.ids.new(), "video_id": video_id, "role": "video", "state": "stored", "store": "local"}
            secret = {"location": f"secret/{video_id}", "source_url": "https://heygen.example/secret"}
            tx.execute(insert(assets).values(**row, **secret, created_at=self.clock.now()))
            return video_id

        return await self.db.write(work)

    async def told(self, person_id: str, video_id: str) -> None:
        """Somebody was told of a video twice, muted it, and takes push messages."""
        now = self.clock.now()
        theirs = {"person_id": person_id}

        def work(tx: Tx) -> None:
            for number in ("one", "two"):
                row = theirs | {"id": self.ids.new(), "key": number, "kind": "ready", "severity": "info"}
                row |= {"title": f"Ready {number}", "body": "", "url": "/", "channels": [], "created_at": now}
                tx.execute(insert(notifications).values(**row))
                way = {
                    "id": self.ids.new(),
                    "notification_id": row["id"],
                    "channel": "email",
                    "state": "sent",
                    "at": now,
                }
                tx.execute(insert(notification_deliveries).values(**way, target=EMAIL))
                publish(tx, row | {"video_id": None, "incident_id": None, "seen_at": None, "quiet_until": None}, now)
            chosen = {"mine": {}, "whose": "mine", "digest": True, "volume": 70}
            tx.execute(insert(notification_preferences).values(**theirs, **chosen))
            tx.execute(insert(muted_videos).values(**theirs, video_id=video_id, created_at=now))
            known = {
                "endpoint": "https://push.example/secret",
                "p256dh": "secret",
                "auth": "secret",
                "device": "A phone",
            }
            tx.execute(insert(push_subscriptions).values(**theirs, id=self.ids.new(), **known, created_at=now))

        await self.db.write(work)

    async def rows(self, statement: Any) -> list[Any]:
        return await self.db.read(lambda conn: list(conn.execute(statement).all()))

    async def everything(self) -> str:
        """All rows of all tables, as text."""
        return str([await self.rows(select(table)) for table in metadata.sorted_tables])
