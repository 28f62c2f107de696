from reelhook.auth.later import Later
from reelhook.db import Database


async def test_of_many_writes_with_one_key_one_is_made(db: Database) -> None:
    later, written = Later(db), []
    for number in range(5):
        later.write("a", lambda tx, n=number: written.append(n))
    later.write("b", lambda tx: written.append("b"))
    await later.drain()
    assert written == [0, "b"]


async def test_draining_nothing_waits_for_nothing(db: Database) -> None:
    await Later(db).drain()
