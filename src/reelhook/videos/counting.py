"""How many videos are in each state, however many there are."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, literal, select

from reelhook.db import Database
from reelhook.db.tables import videos
from reelhook.errors import DatabaseUnavailable
from reelhook.kit.clock import Clock
from reelhook.kit.remembered import Remembered
from reelhook.realtime.log import head
from reelhook.videos.states import State

CAP = 10_000  # beyond it nobody misses one or two
GOOD_FOR_S = 60.0

Numbers = dict[str, int]


class Counts:
    """Counts all videos: each state as far as *CAP* whenever it is asked, what goes beyond that once a minute.

    Through a whole index goes no more than one look at a time, however many ask.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._whole = Remembered(clock, self._look, GOOD_FOR_S)

    async def __call__(self) -> tuple[int, Numbers]:
        """The stream id up to which that is true, and the numbers; those above *CAP* may be a minute old."""
        stream_id, numbers = await self._db.read(lambda conn: (head(conn), counted(conn, list(State), CAP)))
        if many := [state for state, number in numbers.items() if number == CAP]:
            whole = await self._remembered()
            numbers |= {state: max(CAP, whole.get(state, 0)) for state in many}
        return stream_id, numbers

    async def _remembered(self) -> Numbers:
        try:
            return await self._whole()
        except DatabaseUnavailable:
            self._whole.forget()  # or it would be told for a minute
            raise

    async def _look(self) -> Numbers:
        of_each = select(videos.c.state, func.count()).group_by(videos.c.state)
        return await self._db.read(lambda conn: dict(map(tuple, conn.execute(of_each))))


def counted(conn: Connection, states: Sequence[str], most: int) -> Numbers:
    """How many videos are in each of *states*, counted as far as *most*."""
    # Each by itself: to group them, all that were found would be sorted.
    some = ((state, select(literal(1)).where(videos.c.state == state).limit(most)) for state in states)
    numbers = [select(func.count()).select_from(rows.subquery()).scalar_subquery().label(state) for state, rows in some]
    return {str(state): int(number) for state, number in conn.execute(select(*numbers)).one()._mapping.items()}
