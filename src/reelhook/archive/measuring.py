"""How near each store is to the limit of its plan: asked now and then, and kept for whoever looks."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, or_

from reelhook import logs
from reelhook.archive.stores import Store, Usage
from reelhook.db import Tx
from reelhook.db.tables import store_limits
from reelhook.errors import ReelhookError
from reelhook.jobs import Effect
from reelhook.jobs.kinds import MeasureStores
from reelhook.kit.clock import Clock

log = logs.get("archive")


class MeasureHandler:
    """Asks every store. Of one that does not answer what it said last stays."""

    def __init__(self, clock: Clock, stores: Mapping[str, Store]) -> None:
        self._clock, self._stores = clock, stores

    async def __call__(self, work: MeasureStores) -> Effect:
        told: dict[str, Usage] = {}
        for name, store in self._stores.items():
            try:
                told[name] = await store.usage()
            except ReelhookError as error:
                log.warning("store.not_measured", store=name, code=error.code, error=error.message)
        return lambda tx: self._keep(tx, told)

    def _keep(self, tx: Tx, told: Mapping[str, Usage]) -> None:
        now, name = self._clock.now(), store_limits.c.store
        tx.execute(delete(store_limits).where(or_(name.in_(told), name.not_in(self._stores))))
        rows = [
            {"store": store, "of": usage.of, "percent": usage.percent, "at": now}
            for store, usage in told.items()
            if usage.percent is not None
        ]
        if rows:
            tx.execute(insert(store_limits), rows)
