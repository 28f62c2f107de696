"""Our own service before a store that returns at once: what the way to the disk costs."""

import argparse
from collections.abc import Sequence

import uvloop

from reelhook import logs, parts, settings
from reelhook.cli.serve import run
from reelhook.cli.sockets import tcp_socket
from reelhook.inbox import Arrival, Inbox, Receipt


class Unstored(Inbox):
    """Takes batches as ever, and forgets them."""

    async def _store(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        return [Receipt(self._ids.new(), False) for _ in arrivals]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, required=True)
    config = settings.load()
    logs.configure(config.log_format)
    parts.Inbox = Unstored  # type: ignore[attr-defined]  # the one part of the service that is another here
    uvloop.run(run(config, tcp_socket("127.0.0.1", arguments.parse_args().port), works=False))


if __name__ == "__main__":
    main()
