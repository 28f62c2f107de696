"""This part of the room, wired."""

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from reelhook.auth import Audit
from reelhook.db import Database
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.monitoring.errors.acts import ErrorActs
from reelhook.monitoring.errors.book import ErrorBook
from reelhook.monitoring.errors.endpoints import router


@dataclass(frozen=True)
class Errors:
    """What the service needs of it."""

    book: ErrorBook
    _db: Database
    _acts: ErrorActs

    @classmethod
    def build(cls, db: Database, clock: Clock, ids: Ids, audit: Audit) -> Self:
        return cls(ErrorBook(db, clock, ids), db, ErrorActs(db, clock, audit))

    def router(self) -> APIRouter:
        return router(self._db, self._acts)
