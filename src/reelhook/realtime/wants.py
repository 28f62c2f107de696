"""Which updates a stream is for: the same question asked of one update, and of the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_

from reelhook.auth import Principal
from reelhook.db.tables import stream
from reelhook.realtime.log import Update

# For the person named as its subject, and for nobody else: not for those who see all videos, nor for keys and tokens
# that name the same subject.
PRIVATE = frozenset({"notification"})
FOR_ALL = and_(stream.c.video_id.is_(None), stream.c.subject.is_(None))


@dataclass(frozen=True, slots=True)
class Wants:
    """What *principal* may see, and of *only* these videos when there are any."""

    principal: Principal
    only: frozenset[str] = frozenset()

    def __call__(self, update: Update) -> bool:
        if self.only and update.video_id not in self.only:
            return False
        if update.event in PRIVATE:
            return self.principal.kind == "person" and update.subject == self.principal.id
        if update.video_id is not None:
            return self.principal.sees(update.video_id, update.subject)
        return update.subject is None or self.principal.sees_all or update.subject == self.principal.subject

    def among(self) -> Sequence[ColumnElement[bool]] | None:
        """The rows that may be wanted, as conditions with an index each, of which no two meet in a row; None: all.

        Whoever comes back must not cost a walk through what everybody else was told meanwhile.
        """
        if self.principal.sees_all:
            return [stream.c.video_id.in_(sorted(self.only))] if self.only else None
        whose = self.principal.subject
        return ([] if whose is None else [stream.c.subject == whose]) + ([] if self.only else [FOR_ALL])
