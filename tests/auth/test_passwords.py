import threading

import pytest
from argon2 import PasswordHasher

from reelhook.auth.passwords import AT_ONCE, Passwords
from reelhook.errors import WrongInput

from .conftest import PASSWORD, quick_passwords


async def test_a_password_matches_its_own_hash_only() -> None:
    passwords = quick_passwords()
    stored = await passwords.hash(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert await passwords.matches(stored, PASSWORD)
    assert not await passwords.matches(stored, PASSWORD + "!")
    assert not await passwords.matches("not a hash", PASSWORD)


async def test_the_same_letters_match_however_they_were_typed() -> None:
    passwords = quick_passwords()
    stored = await passwords.hash("Gr\u00fc\u00dfe aus Z\u00fcrich")
    assert await passwords.matches(stored, "Gru\u0308\u00dfe aus Zu\u0308rich")


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 1025])
async def test_too_short_or_too_long(password: str) -> None:
    with pytest.raises(WrongInput, match="12 to 1024"):
        await quick_passwords().hash(password)


class Watched(PasswordHasher):
    """Remembers what it verified, and in which threads."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified: list[str] = []
        self.threads: set[int] = set()

    def verify(self, stored, password):
        self.verified.append(stored)
        self.threads.add(threading.get_ident())
        return super().verify(stored, password)


async def test_nobody_costs_as_much_as_somebody_and_never_matches() -> None:
    hasher = Watched()
    passwords = Passwords(hasher)
    assert not await passwords.matches(None, "the password of nobody")
    assert len(hasher.verified) == 1
    assert hasher.verified[0].startswith("$argon2id$v=19$m=8,t=1,p=1$"), "the same parameters"


async def test_the_loop_never_hashes_and_few_threads_do() -> None:
    hasher = Watched()
    passwords = Passwords(hasher)
    stored = await passwords.hash(PASSWORD)
    for _ in range(8):
        await passwords.matches(stored, PASSWORD)
    assert threading.get_ident() not in hasher.threads
    assert len(hasher.threads) <= AT_ONCE


async def test_an_old_hash_is_renewed_at_the_next_sign_in(signed_in, person, access, db) -> None:
    from sqlalchemy import select, update

    from reelhook.db.tables import people

    row = await person()
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    await db.write(lambda tx: tx.execute(update(people).values(password_hash=old)))
    await signed_in()
    stored = await db.read(lambda conn: conn.execute(select(people.c.password_hash)).scalar_one())
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await access.passwords.renewed(stored, PASSWORD) is None
    assert row.password_hash != stored
    await signed_in()
