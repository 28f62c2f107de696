"""What people and programs do about endpoints: each change is committed together with its entry in the audit log."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, insert, select, update

from reelhook.auth import Audit, Principal
from reelhook.db import Database, Tx
from reelhook.db.tables import outgoing_attempts, outgoing_deliveries, outgoing_messages, subscription_endpoints
from reelhook.errors import Conflict, NotFound
from reelhook.jobs import Destinations, Queue
from reelhook.jobs.kinds import SendDeliveries
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.notify.channels.webhook import queries
from reelhook.notify.channels.webhook.handler import destination, meant, send_again
from reelhook.notify.channels.webhook.outbox import Outbox
from reelhook.notify.channels.webhook.records import attempt, lock
from reelhook.notify.channels.webhook.secrets import Secrets, alive
from reelhook.notify.channels.webhook.sender import Answer, Sender
from reelhook.notify.channels.webhook.turns import Turns
from reelhook.notify.channels.webhook.types import TEST
from reelhook.notify.channels.webhook.urls import checked_url

# Each is a row for every change of every video.
MOST_ENDPOINTS = 50
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and from where."""

    principal: Principal
    remote: str | None


class Subscriptions:
    """The endpoints, and what is done about them."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        queue: Queue,
        audit: Audit,
        outbox: Outbox,
        secrets: Secrets,
        sender: Sender,
        destinations: Destinations,
        turns: Turns,
        allowed: Collection[str],
    ) -> None:
        self._db, self._clock, self._ids, self._queue, self._audit = db, clock, ids, queue, audit
        self._outbox, self._secrets, self._sender = outbox, secrets, sender
        self._destinations, self._turns, self._allowed = destinations, turns, allowed

    async def create(self, by: Caller, url: str, **values: Any) -> tuple[Json, str]:
        """A new endpoint, and its secret, which nobody is told again. Raises *WrongInput*, *Conflict*."""
        endpoint_id = self._ids.new()
        row = {
            "id": endpoint_id,
            "url": checked_url(url, self._allowed),
            "state": "enabled",
            "created_at": self._clock.now(),
            "created_by": by.principal.actor,
        }

        def work(tx: Tx) -> tuple[Json, str]:
            number = tx.execute(select(func.count()).select_from(subscription_endpoints)).scalar_one()
            if number >= MOST_ENDPOINTS:
                raise Conflict(f"there are {number} subscription endpoints already; delete one that nobody needs")
            tx.execute(insert(subscription_endpoints), row | values)
            secret = self._secrets.add(tx, endpoint_id)
            self._record(tx, by, "create", endpoint_id, **_told({"url": url} | values))
            return queries.endpoint(tx.conn, endpoint_id), secret

        return await self._db.write(work)

    async def change(self, by: Caller, endpoint_id: str, asked: Mapping[str, Any]) -> Json:
        """Change an endpoint. `paused: false` lets one go on that was paused or disabled. Raises *NotFound*."""
        values = dict(asked)
        paused = values.pop("paused", None)
        if "url" in values:
            values |= {"url": checked_url(values["url"], self._allowed), "failing_since": None}

        def work(tx: Tx) -> Json:
            before = self._locked(tx, endpoint_id)
            if paused is not None:
                values.update(state="paused" if paused else "enabled", reason=None, failing_since=None)
            if values:
                mine = subscription_endpoints.c.id == endpoint_id
                tx.execute(update(subscription_endpoints).where(mine).values(**values))
                self._record(tx, by, "change", endpoint_id, **_told(asked))
            if paused is False and before.state != "enabled":
                self._queue.add(tx, SendDeliveries(endpoint_id=endpoint_id))
            return queries.endpoint(tx.conn, endpoint_id)

        return await self._db.write(work)

    async def delete(self, by: Caller, endpoint_id: str) -> None:
        """Delete an endpoint and the story of its deliveries. Raises *NotFound*."""

        def work(tx: Tx) -> None:
            row = self._locked(tx, endpoint_id)
            tx.execute(delete(subscription_endpoints).where(subscription_endpoints.c.id == endpoint_id))
            self._record(tx, by, "delete", endpoint_id, host=urlsplit(row.url).hostname)

        await self._db.write(work)
        self._destinations.forget(destination(endpoint_id))
        self._turns.forget(endpoint_id)

    async def rotate(self, by: Caller, endpoint_id: str, overlap: timedelta) -> tuple[Json, str]:
        """A new secret; the one before signs along for *overlap*. Raises *NotFound*, *Conflict*."""

        def work(tx: Tx) -> tuple[Json, str]:
            self._locked(tx, endpoint_id)
            secret = self._secrets.rotate(tx, endpoint_id, overlap)
            self._record(tx, by, "rotate_secret", endpoint_id, overlap_h=overlap / timedelta(hours=1))
            return queries.endpoint(tx.conn, endpoint_id), secret

        return await self._db.write(work)

    async def test(self, by: Caller, endpoint_id: str) -> Json:
        """Send a message of its own type now, in whatever state the endpoint is; the delivery, with the answer."""
        row, secrets = await self._db.read(
            lambda conn: (queries.find(conn, endpoint_id), alive(conn, endpoint_id, self._clock.now()))
        )
        message = self._outbox.message(TEST, {"endpoint_id": endpoint_id}, None)
        answer = await self._sender.send(row.url, message["id"], message["payload"], self._secrets.opened(secrets))
        sent = self._outbox.delivery(message["id"], endpoint_id) | _ended(answer)

        def work(tx: Tx) -> Json:
            self._locked(tx, endpoint_id)
            tx.execute(insert(outgoing_messages), message)
            tx.execute(insert(outgoing_deliveries), sent)
            tx.execute(insert(outgoing_attempts), attempt(sent["id"], answer))
            self._record(tx, by, "test", endpoint_id, status=answer.status)
            return queries.delivery(tx.conn, endpoint_id, sent["id"])

        return await self._db.write(work)

    async def replay(self, by: Caller, endpoint_id: str, delivery_id: str) -> Json:
        """Send one message again, with its id. Raises *NotFound*, and *Conflict* while the endpoint takes nothing."""

        def work(tx: Tx) -> Json:
            self._taking(tx, endpoint_id)
            send_again(tx, self._queue, queries.find_delivery(tx.conn, endpoint_id, delivery_id))
            self._record(tx, by, "replay", endpoint_id, delivery=delivery_id)
            return queries.delivery(tx.conn, endpoint_id, delivery_id)

        return await self._db.write(work)

    async def replay_many(
        self, by: Caller, endpoint_id: str, states: tuple[str, ...], since: datetime | None, until: datetime | None
    ) -> int:
        """Send again what is in one of *states* and was made in that time; how many that is now. Raises as `replay`."""

        def ask(tx: Tx) -> int:
            self._taking(tx, endpoint_id)
            work = SendDeliveries(endpoint_id=endpoint_id, states=states, since=since, until=until)
            now = meant(work).order_by(None).subquery()
            counted = select(func.count().label("number"), func.max(now.c.id).label("newest")).select_from(now)
            found = tx.execute(counted).one()
            if found.number:
                self._queue.add(tx, work.model_copy(update={"up_to": found.newest}))
            times = {name: at.isoformat() for name, at in (("since", since), ("until", until)) if at}
            self._record(tx, by, "replay_many", endpoint_id, states=list(states), deliveries=found.number, **times)
            return int(found.number)

        return await self._db.write(ask)

    def _taking(self, tx: Tx, endpoint_id: str) -> None:
        state = self._locked(tx, endpoint_id).state
        if state != "enabled":
            raise Conflict(f"the endpoint is {state}; let it go on first: PATCH it with paused false")

    def _locked(self, tx: Tx, endpoint_id: str) -> Any:
        row = lock(tx, endpoint_id)
        if row is None:
            raise NotFound(f"there is no subscription endpoint {endpoint_id}")
        return row

    def _record(self, tx: Tx, by: Caller, verb: str, endpoint_id: str, **data: Any) -> None:
        self._audit.record(tx, by.principal, f"subscription_endpoint.{verb}", endpoint_id, by.remote, **data)


def _told(values: Mapping[str, Any]) -> Json:
    """What the audit log says of a change. Paths may hold tokens, subjects and descriptions names of persons."""
    told: Json = {"fields": sorted(values)} | {name: values[name] for name in ("types", "paused") if name in values}
    return told | ({"host": urlsplit(values["url"]).hostname} if "url" in values else {})


def _ended(answer: Answer) -> Json:
    """A delivery that had one attempt, and has no other."""
    state = "delivered" if answer.error is None else "failed"
    shown = {"last_status": answer.status, "last_error": answer.why}
    return {"state": state, "attempts": 1, "settled_at": answer.at, **shown}
