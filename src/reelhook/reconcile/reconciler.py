"""Runs of the reconciliation: by schedule, with patience, or because a person asked, at once."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from reelhook import logs, metrics
from reelhook.db import Database
from reelhook.errors import Conflict, DatabaseUnavailable, ReelhookError
from reelhook.jobs import Failure, Postpone
from reelhook.kit.clock import Clock
from reelhook.reconcile.records import Run, record
from reelhook.reconcile.run import Kind, Look, Looking
from reelhook.reconcile.turns import Turns

RUN_LIMIT_S = 240.0
TURN_AGAIN_S = 15.0
# After trouble that may pass, and after trouble that only a person can end; HeyGen's Retry-After is a floor.
AGAIN_S, LATER_S = 120.0, 1800.0

log = logs.get("reconcile")


class NotNow(Conflict):
    """Another run of this kind is under way."""

    code = "already_reconciling"


class NoApiKey(Conflict):
    """HeyGen cannot be asked."""

    code = "no_api_key"


class Reconciler:
    """Runs the *looks*; a kind that is not among them needs HeyGen's API key."""

    def __init__(self, db: Database, clock: Clock, turns: Turns, looks: Mapping[Kind, Looking]) -> None:
        self._db, self._clock, self._turns, self._looks = db, clock, turns, looks

    @property
    def kinds(self) -> Sequence[Kind]:
        """What can be run."""
        return list(self._looks)

    async def scheduled(self, kind: Kind) -> None:
        """Look at what is due. Raises *Postpone* after trouble: a periodic run never dies, it only waits."""
        if await self._looks[kind].idle():
            return
        if not await self._turns.take([kind]):
            raise Postpone(TURN_AGAIN_S, f"another reconciliation of {kind} is under way")
        try:
            run = await self._run(kind, Look())
        finally:
            await self._turns.give_back([kind])
        if run.is_news:
            await self._db.write(lambda tx: record(tx, run))
        if run.failure is not None:
            raise Postpone(_pause_s(run.failure), run.failure.message)

    async def requested(self, kinds: Sequence[Kind], *, mend: bool) -> list[dict[str, Any]]:
        """Look at everything, one kind after the other. Raises *Conflict* when one of them is being looked at."""
        if any(kind not in self._looks for kind in kinds):
            raise NoApiKey("HeyGen cannot be asked: set REELHOOK_HEYGEN_API_KEY")
        if not await self._turns.take(kinds):
            raise NotNow("a reconciliation is under way already; try again in a minute")
        done = []
        try:
            for kind in kinds:
                run = await self._run(kind, Look(thorough=True, mend=mend))
                done.append(await self._db.write(lambda tx, run=run: record(tx, run)))  # type: ignore[misc]
        finally:
            await self._turns.give_back(kinds)
        return done

    async def _run(self, kind: Kind, look: Look) -> Run:
        started, failure = self._clock.now(), None
        try:
            async with asyncio.timeout(RUN_LIMIT_S) as limit:
                await self._looks[kind](look)
        except TimeoutError:
            if not limit.expired():
                raise
            failure = Failure("took_too_long", f"it was not done within {RUN_LIMIT_S:g} s", True)
        except Postpone as reason:
            failure = Failure("postponed", str(reason), True, reason.after_s)
        except DatabaseUnavailable:
            raise
        except ReelhookError as error:
            failure = Failure.of(error)
        metrics.RECONCILE_ASKED.labels(kind).inc(look.asked)
        metrics.RECONCILE_FOUND.labels(kind).inc(look.found)
        code = failure.code if failure else None
        log.info("reconcile.ran", kind=kind, asked=look.asked, found=look.found, code=code)
        return Run(kind, started, self._clock.now(), look, failure)


def _pause_s(failure: Failure) -> float:
    return max(failure.retry_after_s or 0.0, AGAIN_S if failure.retryable else LATER_S)
