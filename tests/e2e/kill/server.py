"""The service as `reelhook serve` runs it, but for what the environment asks of it.

`KILL_POINT=commit:17` lets it die when that point is passed for the seventeenth time. `KILL_SYNCHRONOUS=NORMAL` makes
SQLite promise less than we do: the control, in which events must be lost. SIGUSR1 sets its clock two hours forward, so
that retries that wait for an hour are due.
"""

import itertools
import os
import signal
import sys
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import uvloop
from sqlalchemy import event

from reelhook import logs, settings
from reelhook.app import Service
from reelhook.cli.owning import own
from reelhook.cli.serve import run
from reelhook.cli.sockets import tcp_socket
from reelhook.kit.clock import SystemClock
from reelhook.kit.points import At, unnoticed

SKIP = timedelta(hours=2)


class Skipping(SystemClock):
    """A clock that can be set forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self._ahead

    def skip(self, *_: object) -> None:
        self._ahead += SKIP


class Death:
    """Ends the process, without a word, when *point* is passed for the *nth* time."""

    def __init__(self, point: str, nth: int) -> None:
        self._point, self._nth, self._passes = point, nth, itertools.count(1)

    def __call__(self, point: str) -> None:
        if point == self._point and next(self._passes) == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)


def planned_death(text: str) -> At:
    """What `KILL_POINT` says."""
    if not text:
        return unnoticed
    point, _, nth = text.rpartition(":")
    return Death(point, int(nth))


def made(*given: Any, **named: Any) -> Service:
    """A service whose promises are weaker, if `KILL_SYNCHRONOUS` says so."""
    service = Service(*given, **named)
    if weaker := os.environ.get("KILL_SYNCHRONOUS"):

        @event.listens_for(service.parts.db._writer, "connect")
        def weaken(dbapi: Any, _: object) -> None:
            dbapi.execute(f"PRAGMA synchronous={weaker}")

    return service


def main(port: int, *, works: bool) -> int:
    """Serve until a signal comes, or death."""
    config = settings.load()
    logs.configure(config.log_format)
    own(config)
    clock = Skipping()
    signal.signal(signal.SIGUSR1, clock.skip)
    make = partial(made, clock=clock, at=planned_death(os.environ.get("KILL_POINT", "")))
    return uvloop.run(run(config, tcp_socket("127.0.0.1", port), works=works, make=make))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), works="--no-worker" not in sys.argv))
