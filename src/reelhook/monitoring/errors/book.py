"""Hears of what goes wrong, in whatever thread it does, and writes it down together, once a second."""

import asyncio
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import Any

from reelhook import logs, metrics
from reelhook.db import Database
from reelhook.errors import DatabaseUnavailable, ReelhookError
from reelhook.jobs.queue import Job
from reelhook.jobs.retry import UNEXPECTED, Failure
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.kit.text import shorten
from reelhook.kit.times import rfc3339
from reelhook.monitoring.errors.places import place
from reelhook.monitoring.errors.store import write
from reelhook.monitoring.errors.tally import Key, Sample, Tally, kept, said

FLUSH_S = 1.0
LIMIT_S = 5.0  # a stopping process waits no longer for a database that does not answer
MOST_WAITING = 200  # groups between two writes; what belongs to yet another is only counted as lost
LONGEST_CODE, LONGEST_PLACE = 80, 200
# How log lines name what they are about.
NAMED = {
    "event_id": ("event_id",),
    "video_id": ("video_id", "video"),
    "job_id": ("job_id", "job"),
    "request_id": ("request_id",),
}
NOTED = "_reelhook_noted"  # on an error that was heard: it may be logged again on its way up

log = logs.get("monitoring")


class ErrorBook:
    """Nothing that fails waits for this, or fails because of it. A process that is killed loses a second, no more.

    While the database is away it is kept, as many groups as there is room for, each with its number.
    """

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db, self._clock, self._ids = db, clock, ids
        self._waiting: dict[Key, Tally] = {}
        # The same thread may come again while it holds it: a task that is collected logs what it died of.
        self._lock = RLock()
        self._stop: Callable[[], None] | None = None

    def listen(self) -> None:
        """From now on hear of every error that is logged with its traceback."""
        self._stop = logs.on_crash(self.crashed)

    def crashed(self, error: BaseException, line: Mapping[str, Any]) -> None:
        """An unexpected error was logged, with the ids that *line* names."""
        with _harmless():
            if vars(error).get(NOTED) is self:
                return
            vars(error)[NOTED] = self
            where = shorten(place(error), LONGEST_PLACE)
            metrics.ERRORS.labels(where).inc()
            self._note((shorten(_code(error), LONGEST_CODE), where), str(error), _named(line), error)

    def attempt_failed(self, job: Job, failure: Failure) -> None:
        """An attempt failed. What was unexpected about it was logged with its traceback, and heard."""
        if failure.code != UNEXPECTED:
            with _harmless():
                self._note((failure.code, job.kind), failure.message, {"job_id": job.id})

    async def run(self) -> None:
        """Write what was heard, once a second, for ever."""
        while True:
            await self._clock.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Write what was heard. What cannot be written now waits for the next time."""
        with self._lock:
            batch, self._waiting = self._waiting, {}
        if not batch:
            return
        try:
            await self._db.write(lambda tx: write(tx, self._ids, batch), limit_s=LIMIT_S)
        except DatabaseUnavailable as error:
            log.warning("errors.waiting", groups=len(batch), error=error.message)
            self._wait_on(batch)
        except asyncio.CancelledError:  # perhaps it is written all the same: rather twice than not at all
            self._wait_on(batch)
            raise
        except Exception as error:  # they would fail again, and keep out those that follow
            _lost(sum(tally.count for tally in batch.values()))
            log.warning("errors.not_written", groups=len(batch), exc_info=error)  # as an error it would be heard here

    async def close(self) -> None:
        """Hear of nothing more, and write what is left; what no database takes is lost."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        await self.flush()
        _lost(sum(tally.count for tally in self._waiting.values()))
        self._waiting.clear()

    def _note(
        self, key: Key, message: str, named: Mapping[str, str | None], error: BaseException | None = None
    ) -> None:
        now = self._clock.now()
        sample = {"at": rfc3339(now), "message": said(message), **named}
        if not self._added(key, sample, now):
            # It costs much more than the rest: in a flood one is made each second.
            told = None if error is None else kept("".join(traceback.format_exception(error)))
            self._added(key, sample, now, Tally(error is not None, now, now, told))

    def _added(self, key: Key, sample: Sample, now: datetime, new: Tally | None = None) -> bool:
        """Count it, if that needs no *new* tally; whether it is done with."""
        with self._lock:
            if key not in self._waiting and len(self._waiting) >= MOST_WAITING:
                _lost(1)
                return True
            if (tally := self._waiting.get(key, new)) is None:
                return False
            self._waiting[key] = tally
            tally.add(sample, now)
            return True

    def _wait_on(self, batch: Mapping[Key, Tally]) -> None:
        """Take back what could not be written, before what was heard meanwhile."""
        with self._lock:
            meanwhile, self._waiting = self._waiting, dict(batch)
            for key, tally in meanwhile.items():
                if key in self._waiting:
                    self._waiting[key].go_on(tally)
                elif len(self._waiting) < MOST_WAITING:
                    self._waiting[key] = tally
                else:
                    _lost(tally.count)


@contextmanager
def _harmless() -> Iterator[None]:
    """Whatever is told of must not fare worse for it: an error whose own words fail is counted as lost."""
    try:
        yield
    except Exception:  # noqa: BLE001 - see above
        _lost(1)


def _lost(count: int) -> None:
    metrics.TELEMETRY_LOST.labels("errors").inc(count)


def _code(error: BaseException) -> str:
    return error.code if isinstance(error, ReelhookError) else type(error).__qualname__


def _named(line: Mapping[str, Any]) -> dict[str, str | None]:
    """What a log line says it is about."""
    found = {name: next((str(line[one]) for one in spelt if line.get(one)), None) for name, spelt in NAMED.items()}
    return found | ({"request": said(f"{line['method']} {line['path']}")} if {"method", "path"} <= line.keys() else {})
