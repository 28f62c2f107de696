"""What the service is made of: every object that lives as long as the process, made once and given to who needs it."""

from collections.abc import Callable
from typing import Any

from reelhook import logs, settings
from reelhook.archive.stores.choice import open_stores
from reelhook.auth import Access
from reelhook.auth.invitations import MailedPurpose
from reelhook.backup import Backups
from reelhook.cluster import Cluster
from reelhook.db import Database, Tx
from reelhook.db.outages import Outages
from reelhook.db.secret_key import key_file, secret_keys
from reelhook.errors import WrongSetting
from reelhook.heygen import HeyGen
from reelhook.inbox import Inbox, Rejections
from reelhook.ingest import SecretBook, Senders
from reelhook.jobs import Destinations, Queue
from reelhook.jobs.kinds import MailLink
from reelhook.jobs.queue import SIGNAL
from reelhook.kit.clock import Clock
from reelhook.kit.http import guarded_session
from reelhook.kit.ids import Ids
from reelhook.kit.points import At
from reelhook.kit.sealing import Sealer
from reelhook.monitoring import Alerts, Errors
from reelhook.notify.channels.push import Push
from reelhook.notify.channels.webhook import Outbox, Webhooks
from reelhook.notify.room import Telling, channels, teller
from reelhook.realtime import Hub
from reelhook.reconcile import Core, Reconciliation
from reelhook.settings import Settings
from reelhook.videos import Lifecycle, Signals
from reelhook.videos.account import Account

log = logs.get("app")


class Parts:
    """Make it inside a running event loop; `close` at the end, when nothing works with it any more."""

    def __init__(self, config: Settings, clock: Clock, ids: Ids, at: At) -> None:
        self.config, self.clock, self.ids, self.at = config, clock, ids, at
        self.db = Database(config.database_url, at)
        self.outages = Outages(clock)
        self.db.on_outcome(self.outages.heard)
        self.cluster = Cluster.build(config, clock, ids)
        self.db.on_commit(SIGNAL, self.cluster.lane.send)
        self.sealer = sealer = Sealer(secret_keys(config, ids))
        self.queue = Queue(clock, ids)
        self.destinations = Destinations(clock, ids)
        self.outbox = Outbox(clock, ids, self.queue)
        self.push = Push.build(config, self.db, clock, ids, sealer)
        self.ways = (*channels(config, clock, sealer), self.push.channel)
        self.teller = teller(clock, ids, self.queue, self.outbox, self.ways)
        self.lifecycle = Lifecycle(clock, ids, self.queue, self._video_changed)
        cluster = self.cluster
        self.http = guarded_session(config.fetch_allow)
        post = self._post if config.sends_mail else None
        self.access = Access.build(
            config, self.db, cluster.bus, clock, ids, sealer, limits=cluster.limits, post=post, http=self.http
        )
        audit, site = self.access.audit, self.access.site
        self.webhooks = Webhooks.build(
            config, self.db, clock, ids, self.queue, self.outbox, audit, site, sealer, self.destinations
        )
        self.alerts = Alerts.build(config, self.db, clock, ids, audit, self.destinations, self.teller.incident)
        self.errors = Errors.build(self.db, clock, ids, audit)
        self.telling = Telling.build(
            config, self.db, clock, ids, self.queue, audit, sealer, cluster.limits, self.teller, self.ways
        )
        self.backups = Backups(self.db, self.access.audit, clock, key_file(config))
        self.hub = Hub(self.db, self.cluster.bus, self.cluster.cap, self.access.standing, clock, ids)
        self.inbox = Inbox(self.db, ids, self.queue)
        self.secrets = SecretBook(self.db, sealer, clock, ids, _webhook_secrets(config))
        self.rejections = Rejections(self.db, clock, ids, self.secrets.everything)
        self.senders = Senders(self.db, clock)
        self.heygen = self._heygen()
        self.account = Account(self.db, self.heygen, clock)
        self.stores = open_stores(config, clock)
        self.told = Signals(self.lifecycle, self.queue, next(iter(self.stores)))
        core = Core(self.db, clock, ids, self.queue, self.lifecycle)
        self.reconciliation = Reconciliation.build(
            config, core, self.inbox, self.heygen, self.destinations, self.stores, lambda: bool(self.secrets.known.live)
        )

    async def close(self) -> None:
        """Let go of everything, in the order in which it depends on each other."""
        await self.access.close()
        await self.backups.close()
        for store in self.stores.values():
            store.close()
        await self.account.close()
        await self.http.close()
        await self.webhooks.close()
        self.telling.close()
        await self.push.close()
        await self.cluster.close()
        self.db.close()

    def callback_url(self, video_id: str, has_event: bool) -> str | None:
        """Where HeyGen may call back about one video, when no registered endpoint will hear of it."""
        if self.config.public_url is None or (has_event and self.secrets.known.live):
            return None
        return f"{self.config.public_url}/webhooks/heygen/callback/{self.access.callback_tokens.issue(video_id)}"

    def _video_changed(self, tx: Tx, what: str, video: dict[str, Any]) -> None:
        self.outbox.video(tx, what, video)
        self.teller.video(tx, what, video)

    def _post(self, tx: Tx, person_id: str, purpose: MailedPurpose) -> None:
        self.queue.add(tx, MailLink(person_id=person_id, purpose=purpose))

    def _heygen(self) -> HeyGen | None:
        key = self.config.heygen_api_key
        if key is None:
            return None
        return HeyGen(self.http, self.config.heygen_base_url, key.get_secret_value(), self.clock)


def _webhook_secrets(config: Settings) -> Callable[[], list[str]]:
    """Reads the secrets anew each time: a file behind the setting may have changed. A bad edit keeps the old ones."""
    at_start = [secret.get_secret_value() for secret in config.heygen_webhook_secrets]

    def read() -> list[str]:
        try:
            now = settings.load().heygen_webhook_secrets
        except WrongSetting as error:
            log.error("secrets.not_read", error=error.message)
            return at_start
        return [secret.get_secret_value() for secret in now] or at_start

    return read
