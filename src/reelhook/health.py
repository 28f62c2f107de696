"""How this process is: for probes, for the other processes, and for people."""

from collections.abc import Callable, Mapping
from functools import partial

from reelhook import crashes, tracing
from reelhook.archive import LocalStore
from reelhook.archive.stores.store import Store
from reelhook.db.probe import write_and_read
from reelhook.monitoring import Check, Dependency, Heartbeat, Pulse, Readiness, Report
from reelhook.monitoring.dependencies import outside, queue, workers
from reelhook.monitoring.processes import SERVER, WORKER
from reelhook.parts import Parts

DATABASE_LIMIT_S = 4.0  # a little longer than its own limits, which say more
TRY_DISK_S = 30.0
HEYGEN = ("heygen", "heygen renders")
# What the process tells of itself to others: each says what keeps it from that, or None.
TELEMETRY: Mapping[str, Callable[[], str | None]] = {"crash reports": crashes.trouble, "traces": tracing.trouble}
# Who can say something in the database has it; what waits there, and who works, every process sees alike.
NOT_TOLD = frozenset({"database", "queue", "workers"})


class Health:
    """*is_open* raises *Unavailable* until the database was opened; *draining*: the process is about to end."""

    def __init__(
        self, parts: Parts, is_open: Callable[[], None], draining: Callable[[], bool], *, listens: bool, works: bool
    ) -> None:
        self._parts, self._draining = parts, draining
        self.pulse = Pulse(parts.clock)
        self.readiness = Readiness(parts.clock, _dependencies(parts, is_open, works=works), draining)
        roles = [role for role, has in ((SERVER, listens), (WORKER, works)) if has]
        self.heartbeat = Heartbeat(parts.db, parts.clock, parts.ids, roles, self._report)

    async def _report(self) -> Report:
        parts = self._parts
        lacks = [lack for lack in await self.readiness.lacks() if lack.name not in NOT_TOLD]
        return Report(
            draining=self._draining(),
            streams=parts.hub.streams,
            streams_opened=parts.hub.opened,
            loop_lag_s=self.pulse.lag_s,
            lacks=lacks,
            destinations=parts.destinations.all(),
            outage=parts.outages.last,
            telemetry={what: trouble for what, ask in TELEMETRY.items() if (trouble := ask()) is not None},
        )


def _dependencies(parts: Parts, is_open: Callable[[], None], *, works: bool) -> Mapping[str, Dependency]:
    """Only without the database nothing can be done here that another process could not do as well."""

    def once_open(check: Check) -> Check:
        async def checked() -> None:
            is_open()
            await check()

        return checked

    db, clock = parts.db, parts.clock
    found = {"database": Dependency(once_open(partial(write_and_read, db, clock)), limit_s=DATABASE_LIMIT_S)}
    found |= parts.cluster.dependencies
    for name, store in parts.stores.items():
        found[f"store {name}"] = _store(parts, name, store)
    if parts.heygen is not None:
        found["heygen"] = Dependency(outside(parts.destinations, *HEYGEN), required=False)
    found["queue"] = Dependency(once_open(queue(db, clock)), required=False)
    if not works:
        found["workers"] = Dependency(once_open(workers(db, clock)), required=False)
    return found


def _store(parts: Parts, name: str, store: Store) -> Dependency:
    """Our own disk is written to; others are paid for by the call, so that only what work has found counts."""
    if isinstance(store, LocalStore):
        return Dependency(store.check, required=False, good_for_s=TRY_DISK_S)
    return Dependency(outside(parts.destinations, name), required=False)
