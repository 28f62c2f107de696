"""One's own account, and where one is signed in."""

import asyncio

import pytest
from sqlalchemy import update

from reelhook.auth import Access, local_admin
from reelhook.auth.devices import device
from reelhook.auth.ratelimit import ACCOUNT
from reelhook.db.tables import people

from .conftest import HEADER, PASSWORD, Client, Key, Person

NEW = "another horse battery"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def change(browser, current: str = PASSWORD, new: str = NEW):
    return await browser.put("/api/v1/me/password", json={"current": current, "new": new}, headers=HEADER)


async def sessions_of(browser):
    return (await browser.get("/api/v1/me/sessions")).json()["data"]


async def test_everybody_may_ask_who_they_are(client: Client, person: Person, key: Key, signed_in) -> None:
    ada = await person(role="viewer")
    me = (await (await signed_in()).get("/api/v1/me")).json()
    assert me == {
        "kind": "person",
        "id": ada.id,
        "name": "ada@example.com",
        "role": "viewer",
        "scopes": ["me", "stream", "videos:read"],
        "subject": ada.id,
        "sees_all": False,
        "expires_at": "2026-12-06T12:00:00.000Z",
        "has_password": True,
    }
    program = client(authorization=f"Bearer {await key('operator', ['videos:read'])}")
    me = (await program.get("/api/v1/me")).json()
    assert (me["kind"], me["scopes"], me["has_password"], me["sees_all"]) == ("key", ["me", "videos:read"], False, True)


async def test_a_new_password_signs_out_everywhere_else(client, person, signed_in, access, bus, actions) -> None:
    ada = await person()
    await person("ben@example.com", "viewer")
    here, there, ben = await signed_in(), await signed_in(), await signed_in("ben@example.com")
    link = await access.people.sign_in_link(local_admin(), ada.id)
    assert (await there.get("/api/v1/me")).status_code == 200
    told: list[str] = []
    bus.listen("access", told.append)
    assert (await change(here)).status_code == 204
    statuses = [(await one.get("/api/v1/me")).status_code for one in (here, there, ben)]
    assert statuses == [200, 401, 200]
    assert len(told) == 1
    assert told[0].startswith("session:"), "its streams end on every server"
    for body in ({"email": "ada@example.com", "password": PASSWORD}, {"token": link.token}):
        path = "/api/v1/session/link" if "token" in body else "/api/v1/session"
        assert (await client().post(path, json=body, headers=HEADER)).status_code == 401
    again = {"email": "ada@example.com", "password": NEW}
    assert (await client().post("/api/v1/session", json=again, headers=HEADER)).status_code == 200
    assert "person.password" in await actions()


async def test_a_wrong_current_password_changes_nothing_and_counts_as_a_try(client, person, signed_in) -> None:
    await person()
    browser = await signed_in()
    tried = [await change(browser, "wrong password") for _ in range(ACCOUNT.burst)]
    assert [one.status_code for one in tried] == [403] * (ACCOUNT.burst - 1) + [429]  # one was the sign-in itself
    assert tried[0].json()["code"] == "wrong_password"
    body = {"email": "ada@example.com", "password": PASSWORD}
    assert (await client().post("/api/v1/session", json=body, headers=HEADER)).status_code == 429, "one budget"
    assert (await client(remote="198.51.100.1").post("/api/v1/session", json=body, headers=HEADER)).status_code == 200


async def test_a_weak_password_is_refused_and_a_foreign_page_cannot_ask(person, signed_in) -> None:
    await person()
    browser = await signed_in()
    assert (await change(browser, new="short")).status_code == 422
    forged = await browser.put("/api/v1/me/password", json={"current": PASSWORD, "new": NEW})
    assert (forged.status_code, forged.json()["code"]) == (403, "csrf")


async def test_who_has_no_password_cannot_change_one(client, person, key, db, signed_in) -> None:
    ada = await person()
    browser = await signed_in()
    await db.write(lambda tx: tx.execute(update(people).where(people.c.id == ada.id).values(password_hash=None)))
    program = client(authorization=f"Bearer {await key()}")
    for one in (browser, program):
        assert (await change(one)).json()["code"] == "no_password"


async def test_of_two_changes_at_once_one_wins(person, signed_in) -> None:
    await person()
    browser = await signed_in()
    answers = await asyncio.gather(change(browser), change(browser, new="a third horse battery"))
    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(person, signed_in, client, clock, actions) -> None:
    await person()
    await person("ben@example.com", "viewer")
    phone = await signed_in(remote="198.51.100.1", user_agent=FIREFOX)
    clock.forward(minutes=1)
    here, ben = await signed_in(), await signed_in("ben@example.com")
    listed = await sessions_of(here)
    assert [(one["current"], one["remote"]) for one in listed] == [(True, "192.0.2.7"), (False, "198.51.100.1")]
    assert listed[1]["device"] == "Firefox on Windows"
    assert set(listed[0]) == {"id", "device", "remote", "created_at", "last_seen_at", "expires_at", "current"}
    path = f"/api/v1/me/sessions/{listed[1]['id']}"
    assert (await ben.delete(path, headers=HEADER)).status_code == 404, "not Ben's"
    assert (await phone.get("/api/v1/me")).status_code == 200
    assert (await here.delete(path, headers=HEADER)).status_code == 204
    assert (await phone.get("/api/v1/me")).status_code == 401
    assert (await here.delete(path, headers=HEADER)).status_code == 404
    assert (await actions())[-1] == "session.end"


async def test_sign_out_everywhere_else_keeps_this_one(person, signed_in) -> None:
    await person()
    here, others = await signed_in(), [await signed_in() for _ in range(2)]
    for expected in (2, 0):
        assert (await here.delete("/api/v1/me/sessions", headers=HEADER)).json() == {"ended": expected}
    assert [(await one.get("/api/v1/me")).status_code for one in (here, *others)] == [200, 401, 401]


async def test_an_admin_sees_and_ends_the_sessions_of_others(person, signed_in, client, key) -> None:
    ada = await person(role="viewer")
    browser = await signed_in()
    path = f"/api/v1/people/{ada.id}/sessions"
    assert (await browser.get(path)).status_code == 403
    program = client(authorization=f"Bearer {await key()}")
    assert [one["current"] for one in (await program.get(path)).json()["data"]] == [False]
    for expected in (1, 0):
        assert (await program.delete(path)).json() == {"ended": expected}
    assert (await browser.get("/api/v1/me")).status_code == 401
    assert (await program.delete("/api/v1/people/nobody/sessions")).status_code == 404


async def test_a_session_that_ran_out_is_not_shown(person, signed_in, access: Access, clock) -> None:
    ada = await person()
    await signed_in()
    clock.forward(days=15)
    await signed_in()
    assert len(await sessions_of(await signed_in())) == 2
    assert ada.id


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18 Mobile Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge on a Mac"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537 Chrome/140 Mobile Safari/537", "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "A browser on Linux"),
        ("Firefox/140", "Firefox on an unknown system"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown device"),
        (None, "Unknown device"),
    ],
)
def test_what_somebody_signed_in_with_is_said_in_plain_words(user_agent: str | None, said: str) -> None:
    assert device(user_agent) == said
