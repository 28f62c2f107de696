"""What one person wants to hear, when, and of whose videos."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, true, update

from reelhook.auth import Principal
from reelhook.db import Database, Tx
from reelhook.db.insert import insert_or_ignore
from reelhook.db.tables import muted_videos, notification_preferences, people
from reelhook.errors import ReelhookError, TooManyRequests, WrongInput
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.ratelimit import Limit, Wanted
from reelhook.limits import Limits, refusal
from reelhook.notify import workspace
from reelhook.notify.channel import Channel, Notice, Recipient
from reelhook.notify.errors import NotReachable, OutcomeUnknown
from reelhook.notify.kinds import IN_APP, KINDS, PERSONAL, TEST
from reelhook.notify.levels import Workspace
from reelhook.notify.news import News
from reelhook.notify.teller import NOTHING_CHOSEN, Teller
from reelhook.videos.queries import find

TEST_TITLE, TEST_BODY = "A test of Reelhook", "You asked for it, and it works."
TESTS_PAGE = "/account/notifications"
# Each is a letter, or a message to a push service: five at once, then one every ten seconds.
TRYING = Limit("notification-test", rate=1 / 10, burst=5)
Json = dict[str, Any]


class Preferences:
    """Reads and changes them, and tries the channels."""

    def __init__(
        self, db: Database, clock: Clock, ids: Ids, teller: Teller, channels: Sequence[Channel], limits: Limits
    ) -> None:
        self._db, self._clock, self._ids, self._teller, self._limits = db, clock, ids, teller, limits
        self._channels = {channel.name: channel for channel in channels}

    async def read(self, me: Principal) -> Json:
        return await self._db.read(lambda conn: self._shown(conn, me.id))

    async def change(self, me: Principal, asked: Mapping[str, Any]) -> Json:
        """Change those that are *asked*, the others stay. Raises *WrongInput*."""
        if asked.get("whose") == "all" and not me.sees_all:
            raise WrongInput("whose may be all for operators and admins: you see your own videos")

        def work(tx: Tx) -> Json:
            mine = notification_preferences.c.person_id == me.id
            insert_or_ignore(tx, notification_preferences, [{"person_id": me.id} | NOTHING_CHOSEN])
            if asked:
                tx.execute(update(notification_preferences).where(mine).values(**asked))
            return self._shown(tx.conn, me.id)

        return await self._db.write(work)

    async def mute(self, me: Principal, video_id: str) -> None:
        """Hear nothing more of one video. Raises *NotFound*."""

        def work(tx: Tx) -> None:
            find(tx.conn, me, video_id)
            row = {"person_id": me.id, "video_id": video_id, "created_at": self._clock.now()}
            insert_or_ignore(tx, muted_videos, [row])

        await self._db.write(work)

    async def unmute(self, me: Principal, video_id: str) -> None:
        """Hear of it again. Raises *NotFound*."""
        mine = muted_videos.c.person_id == me.id, muted_videos.c.video_id == video_id

        def work(tx: Tx) -> None:
            find(tx.conn, me, video_id)
            tx.execute(delete(muted_videos).where(*mine))

        await self._db.write(work)

    async def test(self, me: Principal, channel: str) -> Json:
        """Send something to oneself now, and tell what came back. Raises *NotReachable*, *TooManyRequests*."""
        verdict = await self._limits.take(Wanted(TRYING, me.actor))
        if not verdict.allowed:
            raise refusal(TooManyRequests, "you tried your channels too often", verdict)
        started = self._clock.monotonic()
        if channel in self._channels:
            state, said = await self._try(me, self._channels[channel])
        elif channel in ("push", "email"):
            raise NotReachable(f"{channel} is not set up here")
        else:
            state, said = await self._ring(me, channel)
        return {
            "channel": channel,
            "state": state,
            "said": said,
            "ms": round((self._clock.monotonic() - started) * 1000),
        }

    async def _try(self, me: Principal, channel: Channel) -> tuple[str, str]:
        mine = select(people.c.id, people.c.email, channel.reachable()).where(people.c.id == me.id)
        person_id, email, reached = await self._db.read(lambda conn: conn.execute(mine).one())
        if not reached:
            raise NotReachable(channel.missing)
        notice = Notice(self._ids.new(), TEST, "info", TEST_TITLE, TEST_BODY, TESTS_PAGE, self._clock.now())
        try:
            return "sent", (await channel.send(notice, Recipient(person_id, email))).said
        except ReelhookError as error:
            return "unknown" if isinstance(error, OutcomeUnknown) else "failed", error.message

    async def _ring(self, me: Principal, channel: str) -> tuple[str, str]:
        """What the dashboard does itself: it is told by the stream, as always."""
        key = f"{TEST}:{self._ids.new()}"
        said = News(TEST, key, "info", TEST_TITLE, TEST_BODY, TESTS_PAGE)
        await self._db.write(lambda tx: self._teller.say(tx, me.id, said, sorted({IN_APP, channel})))
        return "sent", "your open dashboards were told"

    def _shown(self, conn: Connection, person_id: str) -> Json:
        chosen = workspace.read(conn)
        mine = _row(conn, person_id)
        kinds = {kind: {way: self._choice(chosen, mine["mine"], kind, way) for way in PERSONAL} for kind in KINDS}
        muted = select(muted_videos.c.video_id).where(muted_videos.c.person_id == person_id)
        return {
            "kinds": kinds,
            **mine,
            "muted_videos": list(conn.execute(muted.order_by(muted_videos.c.created_at)).scalars()),
            "channels": {way: self._available(conn, person_id, way) for way in PERSONAL},
        }

    def _choice(self, chosen: Workspace, mine: Json, kind: str, way: str) -> Json:
        choice = chosen.choice(mine, kind, way)
        return {"on": choice.on, "from": choice.level, "locked": choice.locked}

    def _available(self, conn: Connection, person_id: str, way: str) -> Json:
        channel = self._channels.get(way)
        if channel is None:
            outside = way in ("push", "email")
            return {"available": not outside, "why": f"{way} is not set up here" if outside else None}
        reached = conn.execute(select(channel.reachable()).where(people.c.id == person_id, true())).scalar()
        return {"available": bool(reached), "why": None if reached else channel.missing}


def _row(conn: Connection, person_id: str) -> Json:
    columns = [notification_preferences.c[name] for name in NOTHING_CHOSEN]
    found: Row[Any] | None = conn.execute(
        select(*columns).where(notification_preferences.c.person_id == person_id)
    ).first()
    return dict(NOTHING_CHOSEN) if found is None else dict(found._mapping)
