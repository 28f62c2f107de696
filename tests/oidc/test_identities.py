"""Which person a provider's person becomes, on both databases."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert

from reelhook.auth import local_admin
from reelhook.auth.oidc.claims import Claims
from reelhook.auth.sign_in import Browser
from reelhook.db.tables import people
from tests.auth.conftest import StoppedClock
from tests.oidc.conftest import House, come_back, reason
from tests.oidc.tiny import Tiny


async def sign_in(ours: House, provider: Tiny, **claims: Any) -> tuple[str | None, str | None]:
    """The reason why not, and whose session it is."""
    provider.claims = claims
    async with ours.browser() as browser:
        why = reason(await come_back(browser, provider))
        who = await browser.get("/api/v1/session")
        return why, who.json()["principal"]["id"] if who.status_code == 200 else None


async def test_an_invited_person_is_found_by_a_verified_address_once_and_by_the_subject_afterwards(
    ours: House, provider: Tiny
) -> None:
    ada = await ours.invite("ada@example.com", "admin")
    assert await sign_in(ours, provider, sub="s-1", email="Ada@Example.COM") == (None, ada)
    # From now on the address means nothing: it may change, or go to somebody else.
    assert await sign_in(ours, provider, sub="s-1", email="new@example.com") == (None, ada)
    assert await sign_in(ours, provider, sub="s-1", email=None) == (None, ada)
    assert await sign_in(ours, provider, sub="s-2", email="ada@example.com") == ("oidc_other_identity", None)
    assert await ours.identities() == [("s-1", ada)]
    recorded = [entry for entry in await ours.recorded() if entry[0] == f"person:{ada}"]
    assert [action for _, action, _ in recorded] == ["identity.link", *["session.create"] * 3]
    assert recorded[0][2]["issuer"] == provider.issuer
    assert recorded[1][2]["by"] == "oidc"


async def test_an_address_that_is_not_verified_finds_nobody(ours: House, provider: Tiny) -> None:
    await ours.invite("ada@example.com")
    for claims in ({"email_verified": False}, {"email_verified": "true"}, {"email": "no address"}, {"email": None}):
        assert await sign_in(ours, provider, **{"email": "ada@example.com", **claims}) == ("oidc_no_email", None)
    assert await ours.identities() == []


async def test_somebody_new_becomes_a_person_with_the_role_of_newcomers(ours: House, provider: Tiny) -> None:
    why, who = await sign_in(ours, provider, email="new@example.com")
    assert why is None
    assert await ours.identities() == [("s-1", who)]
    recorded = await ours.recorded()
    assert [action for _, action, _ in recorded] == ["person.create", "identity.link", "session.create"]
    assert recorded[0][2]["role"] == "viewer"
    assert "example.com" not in str([data | {"actor_name": ""} for _, _, data in recorded])


@pytest.mark.parametrize("more", [{"oidc_role": None}])
async def test_without_a_role_for_newcomers_only_invited_people_come_in(ours: House, provider: Tiny) -> None:
    assert await sign_in(ours, provider, email="new@example.com") == ("oidc_not_invited", None)
    ada = await ours.invite("ada@example.com")
    assert await sign_in(ours, provider) == (None, ada)


async def test_a_disabled_person_stays_out(ours: House, provider: Tiny) -> None:
    ada, bob = await ours.invite("ada@example.com"), await ours.invite("bob@example.com")
    assert await sign_in(ours, provider) == (None, ada)
    for person in (ada, bob):
        await ours.access.people.change(local_admin(), person, disabled=True)
    assert await sign_in(ours, provider) == ("oidc_disabled", None)
    assert await sign_in(ours, provider, sub="s-2", email="bob@example.com") == ("oidc_disabled", None)
    assert await ours.identities() == [("s-1", ada)]


async def test_the_same_newcomer_twice_at_once_is_one_person(ours: House) -> None:
    oidc = ours.access.oidc
    assert oidc is not None
    claims, browser = Claims("https://id.example", "s-1", "new@example.com"), Browser("192.0.2.7", None)
    done = await asyncio.gather(*(oidc.identities.enter(claims, browser) for _ in range(4)))
    assert len({one.principal.id for one in done}) == 1
    assert len({one.token for one in done}) == 4
    # On Postgres the others may commit between two looks of ours: then the first finds nobody, and the second us.
    person_id = done[0].principal.id
    assert await ours.db.write(lambda tx: oidc.identities._link(tx, claims, browser)) == person_id
    assert await ours.identities() == [("s-1", person_id)]


async def test_a_newcomer_whose_address_somebody_took_meanwhile_is_looked_up_again(ours: House, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """On Postgres two transactions may both find nobody; the second then fails at the unique address."""
    oidc = ours.access.oidc
    assert oidc is not None
    add, tries = ours.access.people.add, []

    def add_late(tx: Any, by: None, email: str, role: str, *more: Any) -> str:
        tries.append(email)
        now = ours.access.sessions._clock.now()
        tx.execute(insert(people).values(id="other", email=email, role=role, created_at=now))
        return add(tx, by, email, role, *more)

    monkeypatch.setattr(ours.access.people, "add", add_late)
    with pytest.raises(Exception, match="already"):
        await oidc.identities.enter(Claims("https://id.example", "s", "new@example.com"), Browser("192.0.2.7", None))
    assert len(tries) == 2
    assert await ours.identities() == []


async def test_the_address_is_asked_for_where_the_token_does_not_tell_it(
    ours: House, provider: Tiny, clock: StoppedClock
) -> None:
    ada = await ours.invite("ada@example.com")
    provider.without = ("email", "email_verified")
    assert await sign_in(ours, provider) == ("oidc_no_email", None)
    provider.told = {"sub": "s-1", "email": "ada@example.com", "email_verified": True}
    clock.forward(hours=1)  # until then, what the provider published is kept
    provider.told |= {"sub": "somebody else"}
    assert await sign_in(ours, provider) == ("oidc_refused", None)
    provider.told |= {"sub": "s-1", "email_verified": False}
    assert await sign_in(ours, provider) == ("oidc_no_email", None)
    provider.told |= {"email_verified": True}
    assert await sign_in(ours, provider) == (None, ada)
    asked = provider.asked.count("/userinfo")
    assert await sign_in(ours, provider) == (None, ada)
    assert provider.asked.count("/userinfo") == asked, "whoever is known needs no address"
