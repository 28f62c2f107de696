"""What every part of this room works with."""

from dataclasses import dataclass

from reelhook.db import Database
from reelhook.jobs import Queue
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.videos import Lifecycle


@dataclass(frozen=True, slots=True)
class Core:
    """The service's own; nothing here reaches outside."""

    db: Database
    clock: Clock
    ids: Ids
    queue: Queue
    lifecycle: Lifecycle
