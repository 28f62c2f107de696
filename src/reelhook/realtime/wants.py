"""Which updates a stream is for: the same question asked of one update, of the log, and of all streams at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_

from reelhook.auth import Principal
from reelhook.db.tables import stream
from reelhook.realtime.log import Update

# For the person named as its subject, and for nobody else: not for those who see all videos, nor for keys and tokens
# that name the same subject.
PRIVATE = frozenset({"notification"})
FOR_ALL = and_(stream.c.video_id.is_(None), stream.c.subject.is_(None))

Shelf = tuple[str, str]
ALL: Shelf = ("all", "")
EVERYBODY: Shelf = ("everybody", "")  # of updates alone: whatever shelf a stream stands on, it may want these
EVERY_VIDEO: frozenset[str] = frozenset()  # the same for all: an empty one weighs 216 bytes


@dataclass(frozen=True, slots=True)
class Wants:
    """What *principal* may see, and of *only* these videos when there are any."""

    principal: Principal
    only: frozenset[str] = EVERY_VIDEO

    def __call__(self, update: Update) -> bool:
        if self.only and update.video_id not in self.only:
            return False
        if update.event in PRIVATE:
            return self.principal.kind == "person" and update.subject == self.principal.id
        if self.principal.sees_all:
            return True
        if update.video_id is not None:
            return self.principal.sees(update.video_id, update.subject)
        return update.subject is None or update.subject == self.principal.subject

    def among(self) -> Sequence[ColumnElement[bool]] | None:
        """The rows that may be wanted, as conditions with an index each, of which no two meet in a row; None: all.

        Whoever comes back must not cost a walk through what everybody else was told meanwhile.
        """
        if self.principal.sees_all:
            return [stream.c.video_id.in_(sorted(self.only))] if self.only else None
        whose = self.principal.subject
        return ([] if whose is None else [stream.c.subject == whose]) + ([] if self.only else [FOR_ALL])

    def shelves(self) -> Sequence[Shelf]:
        """Where a stream stands, so that an update finds it: in one place, or in one for each video."""
        if self.only:
            return [("video", one) for one in self.only]
        return [ALL if self.principal.sees_all else ("subject", self.principal.subject or "")]


def shelves_of(update: Update) -> Iterable[Shelf]:
    """Where all who may want *update* stand. No stream stands on two of them."""
    if update.video_id is None and update.subject is None:
        return (EVERYBODY,)
    return ALL, ("video", update.video_id or ""), ("subject", update.subject or "")
