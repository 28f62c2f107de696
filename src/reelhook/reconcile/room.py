"""The room wired: which runs there are, as which jobs they come round, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from fastapi import APIRouter

from reelhook.auth import Audit
from reelhook.db import Tx
from reelhook.heygen import HeyGen
from reelhook.inbox import Inbox
from reelhook.jobs import POLICIES, Destinations, Every, Handler
from reelhook.jobs.kinds import EndVideos, ReconcileHistory, ReconcileStores, ReconcileVideos, Work
from reelhook.reconcile.asking import Asking
from reelhook.reconcile.core import Core
from reelhook.reconcile.endings import EndHandler
from reelhook.reconcile.endpoints import router
from reelhook.reconcile.history import HistoryLook
from reelhook.reconcile.questions import Questions
from reelhook.reconcile.reconciler import RUN_LIMIT_S, Reconciler
from reelhook.reconcile.run import Kind, Looking
from reelhook.reconcile.scope import Listens, Scope
from reelhook.reconcile.stores import Place, StoresLook
from reelhook.reconcile.turns import Turns
from reelhook.reconcile.videos import VideosLook
from reelhook.settings import Settings

FRONT_DOOR = "/webhooks/heygen"
JOB_LIMIT_S = RUN_LIMIT_S + 30  # a run ends itself; this is a net
VIDEOS_EVERY_S, ENDS_EVERY_S, HISTORY_EVERY_S, STORES_EVERY_S = 60, 300, 3600, 86_400
AS_JOBS: Mapping[Kind, type[Work]] = {
    Kind.VIDEOS: ReconcileVideos,
    Kind.HISTORY: ReconcileHistory,
    Kind.STORES: ReconcileStores,
}


@dataclass(frozen=True)
class Reconciliation:
    """What the service needs of this room. Without HeyGen's API key only the stores can be looked at."""

    core: Core
    reconciler: Reconciler
    ends: EndHandler

    @classmethod
    def build(
        cls,
        config: Settings,
        core: Core,
        inbox: Inbox,
        heygen: HeyGen | None,
        destinations: Destinations,
        stores: Mapping[str, Place],
        listens: Listens,
    ) -> Self:
        looks: dict[Kind, Looking] = {}
        asking = None
        if heygen is not None:
            questions = Questions(heygen, destinations)
            asking = Asking(core, inbox, questions)
            scope = Scope(core.db, questions, config.public_url and config.public_url + FRONT_DOOR, listens)
            looks[Kind.VIDEOS] = VideosLook(core.db, core.clock, asking)
            looks[Kind.HISTORY] = HistoryLook(core.db, core.clock, inbox, questions, scope)
        looks[Kind.STORES] = StoresLook(core, stores)
        turns = Turns(core.db, core.clock, owner=core.ids.token(8))
        ends = EndHandler(core, asking, timedelta(hours=config.give_up_h))
        return cls(core, Reconciler(core.db, core.clock, turns, looks), ends)

    def handlers(self) -> Mapping[type[Work], Handler[Any]]:
        """How each of its jobs is done."""
        runs = {AS_JOBS[kind]: self._run(kind) for kind in self.reconciler.kinds} | {EndVideos: self.ends}
        return {kind: Handler(run, POLICIES[kind], limit_s=JOB_LIMIT_S) for kind, run in runs.items()}

    def schedule(self) -> Sequence[Every]:
        """When each of them comes round."""
        every = {Kind.VIDEOS: VIDEOS_EVERY_S, Kind.HISTORY: HISTORY_EVERY_S, Kind.STORES: STORES_EVERY_S}
        runs = [Every(every[kind], AS_JOBS[kind]()) for kind in self.reconciler.kinds]
        return [*runs, Every(ENDS_EVERY_S, EndVideos())]

    def at_start(self, tx: Tx) -> None:
        """Whatever came while nobody listened is looked for at once. The stores keep their day: they have a quota."""
        self.core.queue.add(tx, EndVideos())
        for kind in self.reconciler.kinds:
            if kind is not Kind.STORES:
                self.core.queue.add(tx, AS_JOBS[kind]())

    def router(self, audit: Audit) -> APIRouter:
        return router(self.core.db, self.core.clock, self.reconciler, audit)

    def _run(self, kind: Kind) -> Any:
        async def run(work: Work) -> None:
            await self.reconciler.scheduled(kind)

        return run
