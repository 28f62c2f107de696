"""Whether those who were let in would be let in now: the same answer for every kind of credential."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from reelhook.auth import Access, Principal, local_admin, standing
from reelhook.auth.sessions import LIFETIME
from reelhook.db import Database

from .conftest import Person, StoppedClock

BY = local_admin()


async def signed_in(access: Access, db: Database, person_id: str) -> tuple[str, Principal]:
    token = await db.write(lambda tx: access.sessions.open(tx, person_id, None, None))
    found = await access.sessions.find(token)
    assert found is not None
    return token, found


async def of_a_key(access: Access, role: str = "operator") -> Principal:
    found = await access.keys.find((await access.keys.create(BY, "backend", role)).key)
    assert found is not None
    return found


async def of_a_token(access: Access, by: Principal) -> Principal:
    found = await access.stream_tokens.find(access.stream_tokens.issue(by, "user 7").token)
    assert found is not None
    return found


async def test_what_has_not_changed_stands(access: Access, db: Database, person: Person) -> None:
    made = await person()
    key = await of_a_key(access)
    _, session = await signed_in(access, db, made.id)
    tokens = [await of_a_token(access, by) for by in (key, session, BY)]
    assert await access.standing.lost([key, session, *tokens, BY]) == set()


async def test_a_revoked_key_falls_with_the_tokens_it_gave_out(access: Access) -> None:
    key, other = await of_a_key(access), await of_a_key(access)
    token = await of_a_token(access, key)
    await access.keys.revoke(BY, key.id)
    assert await access.standing.lost([key, token, other]) == {key, token}


async def test_a_session_falls_alone(access: Access, db: Database, person: Person) -> None:
    made = await person()
    (token, here), (_, elsewhere) = await signed_in(access, db, made.id), await signed_in(access, db, made.id)
    await db.write(lambda tx: access.sessions.end(tx, token))
    assert await access.standing.lost([here, elsewhere]) == {here}


async def test_a_session_that_ran_out_has_fallen(
    access: Access, db: Database, person: Person, clock: StoppedClock
) -> None:
    _, session = await signed_in(access, db, (await person()).id)
    clock.forward(seconds=LIFETIME / timedelta(seconds=1))
    assert await access.standing.lost([session]) == {session}


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"disabled": True}])
async def test_a_person_who_may_less_falls_with_every_session(
    access: Access, db: Database, person: Person, change: dict[str, object]
) -> None:
    await person()
    grace = await person("grace@example.com", "operator")
    _, session = await signed_in(access, db, grace.id)
    token = await of_a_token(access, session)
    await access.people.change(BY, grace.id, **change)  # type: ignore[arg-type]
    lost = await access.standing.lost([session, token])
    assert lost == ({session, token} if "disabled" in change else {session})


async def test_very_many_are_asked_about_in_few_queries(access: Access, db: Database) -> None:
    keys = [await of_a_key(access) for _ in range(3)]
    made = [Principal("key", str(n), "n", "viewer", frozenset(), rests_on=(f"key:{n}",)) for n in range(1200)]
    asked: list[str] = []
    event.listen(db._reader, "before_cursor_execute", lambda *said: asked.append(said[2]))
    assert await access.standing.lost([*made, *keys]) == set(made)
    assert sum("SELECT" in each for each in asked) == -(-1203 // standing.AT_ONCE)


async def test_nobody_costs_nothing(access: Access, db: Database) -> None:
    db.close()
    assert await access.standing.lost([]) == set()
