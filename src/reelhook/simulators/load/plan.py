"""What is sent, and how."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat

from reelhook.simulators.load.deliveries import deliveries


@dataclass(frozen=True)
class Plan:
    """Some seconds of load for the server at *port* of this machine, after *warm_s* seconds that do not count.

    Without *rate* the loop is closed: each connection sends the next request *pause_s* after its last answer. With it,
    the loop is open: *rate* requests a second begin on time, whether the server keeps up or not, and their time runs
    from when they should have begun.
    """

    port: int
    path: str = "/webhooks/heygen"
    method: str = "POST"
    """A POST is a signed delivery with an id of its own; anything else has no body."""
    event_type: str = "avatar_video.success"
    """Or `avatar_video.fail`, of which nothing is to be fetched."""
    headers: dict[str, str] = field(default_factory=dict)
    secret: str = "whsec_load"  # noqa: S105 - a server that is measured is told of it
    seconds: float = 5.0
    warm_s: float = 1.0
    connections: int = 100
    rate: float | None = None
    pause_s: float = 0.0
    most: int = 150_000
    """So many deliveries are made beforehand; a run ends early that uses them up."""
    expects: int = 200
    server_pids: tuple[int, ...] = ()
    """Whose time on a processor is told, with that of their children."""

    def requests(self) -> Iterator[bytes]:
        """What is sent, as bytes on the wire."""
        head = {"host": f"127.0.0.1:{self.port}", **self.headers}
        opening = f"{self.method} {self.path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in head.items())
        if self.method != "POST":
            return repeat(f"{opening}\r\n".encode())
        return iter(deliveries(opening.encode(), self.event_type, self.secret, self._needed))

    @property
    def _needed(self) -> int:
        if self.rate is None:
            return self.most
        return int(self.rate * (self.warm_s + self.seconds)) + 1
