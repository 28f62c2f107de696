"""Our own service before a store that returns at once: what the way to the disk costs."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any, cast

import uvloop

from reelhook import logs, parts, settings
from reelhook.cli.serve import run
from reelhook.cli.sockets import tcp_socket
from reelhook.db import Database, Tx
from reelhook.inbox import Arrival, Inbox, Receipt
from reelhook.jobs import Queue
from reelhook.kit.ids import Ids


class Nowhere:
    """In place of a database: the work is done at once, in no transaction."""

    async def write(self, work: Callable[[Any], Any], *, limit_s: float) -> Any:
        return work(None)


class Unstored(Inbox):
    """Takes batches as ever, and forgets them."""

    def __init__(self, _: Database, ids: Ids, queue: Queue) -> None:
        super().__init__(cast(Database, Nowhere()), ids, queue)

    def _store(self, _: Tx, arrivals: Sequence[Arrival]) -> list[Receipt]:
        return [Receipt(self._ids.new(), False) for _ in arrivals]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, required=True)
    config = settings.load()
    logs.configure(config.log_format)
    parts.Inbox = Unstored  # type: ignore[attr-defined,assignment]  # the one part of the service that is another here
    uvloop.run(run(config, tcp_socket("127.0.0.1", arguments.parse_args().port), works=False))


if __name__ == "__main__":
    main()
