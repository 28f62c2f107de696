import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, select

from reelhook.auth import Access, local_admin
from reelhook.auth.ratelimit import ACCOUNT, ADDRESS
from reelhook.auth.refusals import LinkUnusable
from reelhook.db import Database
from reelhook.db.tables import people, sign_in_links

from .conftest import HEADER, PASSWORD, Client, Person, StoppedClock

ADMIN = {"email": "First@Example.com", "password": PASSWORD}


async def try_to(browser, email: str = "ada@example.com", password: str = "wrong password"):
    return await browser.post("/api/v1/session", json={"email": email, "password": password}, headers=HEADER)


async def by_link(browser, token: str, **more: str):
    return await browser.post("/api/v1/session/link", json={"token": token, **more}, headers=HEADER)


async def test_unknown_wrong_disabled_and_without_password_look_the_same(client, person, access: Access) -> None:
    await person()
    gone = await person("gone@example.com", "viewer")
    await access.people.change(local_admin(), gone.id, disabled=True)
    await person("link@example.com", "viewer", None)
    answers = [
        await try_to(client(), "ada@example.com", "wrong password"),
        await try_to(client(), "nobody@example.com", PASSWORD),
        await try_to(client(), "gone@example.com", PASSWORD),
        await try_to(client(), "link@example.com", PASSWORD),
        await try_to(client(), "link@example.com", "the password of nobody"),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}
    assert answers[0].json()["code"] == "sign_in_refused"
    assert "set-cookie" not in answers[1].headers


async def test_one_account_from_one_address_is_limited(client: Client, person: Person, clock: StoppedClock) -> None:
    await person()
    statuses = [(await try_to(client())).status_code for _ in range(ACCOUNT.burst)]
    assert statuses == [401] * ACCOUNT.burst
    refused = await try_to(client(), password=PASSWORD)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert (await try_to(client(remote="198.51.100.1"), password=PASSWORD)).status_code == 200, "no lock-out by others"
    assert (await try_to(client(), email="ADA@example.com ", password=PASSWORD)).status_code == 429
    clock.forward(seconds=30)
    assert (await try_to(client(), password=PASSWORD)).status_code == 200


async def test_one_address_is_limited_over_all_accounts(client: Client) -> None:
    tried = Counter([(await try_to(client(), f"a{number}@example.com")).status_code for number in range(40)])
    assert tried == {401: ADDRESS.burst, 429: 40 - ADDRESS.burst}


async def test_the_first_admin(client: Client, access: Access, db: Database, actions) -> None:
    token = await access.links.for_first_admin()
    browser = client()
    asked = await by_link(browser, token)
    assert (asked.status_code, asked.json()["code"]) == (409, "setup_required")
    weak = await by_link(browser, token, email="a@b.example", password="short")
    assert weak.status_code == 422
    done = await by_link(browser, token, **ADMIN)
    assert done.json()["principal"]["name"] == "first@example.com"
    assert done.json()["principal"]["role"] == "admin"
    assert (await browser.get("/api/v1/people")).status_code == 200
    again = await by_link(client(), token, **ADMIN)
    assert (again.status_code, again.json()["code"]) == (401, "link_unusable")
    assert await access.links.for_first_admin() is None
    assert await actions() == ["person.create", "session.create"]
    assert token not in str(await db.read(lambda conn: conn.execute(select(sign_in_links)).all()))


async def test_a_new_link_for_the_first_admin_replaces_the_old_one(client: Client, access: Access) -> None:
    old = await access.links.for_first_admin()
    new = await access.links.for_first_admin()
    assert (await by_link(client(), old, **ADMIN)).status_code == 401
    assert (await by_link(client(), new, **ADMIN)).status_code == 200


async def test_the_first_admins_link_is_dead_once_there_are_people(client, access: Access, person: Person) -> None:
    token = await access.links.for_first_admin()
    await person()
    for more in ({}, ADMIN):
        assert (await by_link(client(), token, **more)).status_code == 401


async def test_not_even_between_looking_and_using(access: Access, person: Person, db: Database) -> None:
    token = await access.links.for_first_admin()
    await access.links.peek(token)
    await person()
    with pytest.raises(LinkUnusable):
        await db.write(lambda tx: access.links.use(tx, token))


async def test_of_fifty_who_use_one_link_one_gets_in(client: Client, access: Access, person, db: Database) -> None:
    token = await access.links.for_first_admin()
    bodies = [{"email": f"a{number}@example.com", "password": PASSWORD} for number in range(50)]
    callers = [client(remote=f"192.0.2.{number}") for number in range(50)]
    answers = await asyncio.gather(*(by_link(*pair, **body) for *pair, body in zip_tokens(callers, token, bodies)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 49}
    assert await db.read(lambda conn: conn.execute(select(func.count()).select_from(people)).scalar()) == 1


def zip_tokens(callers, token, bodies):
    return [(caller, token, body) for caller, body in zip(callers, bodies, strict=True)]


async def test_a_persons_link_works_once_under_concurrency(client: Client, access: Access, person: Person) -> None:
    row = await person("bo@example.com", "viewer", None)
    token = (await access.people.sign_in_link(local_admin(), row.id)).token
    answers = await asyncio.gather(*(by_link(client(remote=f"192.0.2.{n}"), token) for n in range(20)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 19}


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (15, 401)])
async def test_a_persons_link_lasts_a_quarter_of_an_hour(client, access, person, clock, minutes, status) -> None:
    token = (await access.people.sign_in_link(local_admin(), (await person()).id)).token
    clock.forward(minutes=minutes)
    assert (await by_link(client(), token)).status_code == status


@pytest.mark.parametrize(("hours", "status"), [(23, 200), (24, 401)])
async def test_the_first_admins_link_lasts_a_day(client, access, clock, hours, status) -> None:
    token = await access.links.for_first_admin()
    clock.forward(hours=hours)
    assert (await by_link(client(), token, **ADMIN)).status_code == status


async def test_a_password_given_with_a_link_is_set_and_ends_other_sessions(client, access, person, signed_in) -> None:
    row = await person()
    elsewhere = await signed_in()
    token = (await access.people.sign_in_link(local_admin(), row.id)).token
    assert (await by_link(client(), token, email="ada@example.com")).status_code == 422
    browser = client()
    assert (await by_link(browser, token, password="a quite new password")).status_code == 200
    assert (await browser.get("/api/v1/keys")).status_code == 200
    assert (await elsewhere.get("/api/v1/keys")).status_code == 401
    assert (await try_to(client(), password=PASSWORD)).status_code == 401
    assert (await try_to(client(), password="a quite new password")).status_code == 200


async def test_a_link_of_a_disabled_person_is_dead(client: Client, access: Access, person: Person) -> None:
    await person()
    row = await person("bo@example.com", "viewer")
    token = (await access.people.sign_in_link(local_admin(), row.id)).token
    for disabled in (True, False):
        await access.people.change(local_admin(), row.id, disabled=disabled)
        assert (await by_link(client(), token)).status_code == 401, "and stays dead"


async def test_someone_disabled_while_the_password_is_checked_stays_out(client, access, person, monkeypatch) -> None:
    await person()
    row = await person("bo@example.com", "viewer")
    matches = access.passwords.matches

    async def slowly(stored, password):
        await access.people.change(local_admin(), row.id, disabled=True)
        return await matches(stored, password)

    monkeypatch.setattr(access.passwords, "matches", slowly)
    assert (await try_to(client(), "bo@example.com", PASSWORD)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"email": "a@b.example"},
        {"email": "a@b.example", "password": "x" * 1025},
        {"email": "a@b.example", "password": PASSWORD, "remember": True},
        {"email": 5, "password": PASSWORD},
    ],
)
async def test_a_body_of_the_wrong_shape_is_422(client: Client, body) -> None:
    assert (await client().post("/api/v1/session", json=body, headers=HEADER)).status_code == 422


async def test_secrets_are_not_logged(client: Client, access: Access, person: Person, capsys) -> None:
    await person()
    await try_to(client(), "ada@example.com", "hunter2 hunter2")
    out = capsys.readouterr()
    assert "sign_in_refused" in out.out + out.err
    assert "hunter2" not in out.out + out.err
