"""New passwords in place of forgotten ones."""

from collections import Counter

import pytest
from sqlalchemy import event

from reelhook.auth import Access, local_admin
from reelhook.auth.ratelimit import ASKED_FOR, ASKING
from reelhook.db import Database

from .conftest import HEADER, PASSWORD, Client, Key, LetterBox, Person, StoppedClock

NEW = "a quite new password"


@pytest.fixture
async def program(client: Client, key: Key):
    return client(authorization=f"Bearer {await key('admin')}")


async def forgot(browser, email: str = "ada@example.com"):
    return await browser.post("/api/v1/session/forgotten", json={"email": email}, headers=HEADER)


async def by_link(browser, token: str, **more: str):
    return await browser.post("/api/v1/session/link", json={"token": token, **more}, headers=HEADER)


async def by_password(browser, password: str):
    body = {"email": "ada@example.com", "password": password}
    return await browser.post("/api/v1/session", json=body, headers=HEADER)


async def test_a_link_sets_a_new_password_and_ends_every_sign_in(program, client, person, signed_in, actions) -> None:
    row = await person()
    elsewhere = await signed_in()
    old = (await program.post(f"/api/v1/people/{row.id}/reset-link")).json()["token"]
    made = await program.post(f"/api/v1/people/{row.id}/reset-link")
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    assert made.json()["expires_at"] == "2026-11-22T12:30:00.000Z"
    token = made.json()["token"]
    assert (await by_link(client(), old, password=NEW)).status_code == 401, "the newest counts"
    asked = (await by_link(client(), token)).json()
    assert (asked["code"], asked["purpose"], asked["email"]) == ("password_required", "reset", "ada@example.com")
    assert (await elsewhere.get("/api/v1/keys")).status_code == 200, "asking changes nothing"
    browser = client()
    assert (await by_link(browser, token, password=NEW)).status_code == 200
    assert (await browser.get("/api/v1/keys")).status_code == 200
    assert (await elsewhere.get("/api/v1/keys")).status_code == 401
    assert (await by_password(client(), PASSWORD)).status_code == 401
    assert (await by_password(client(), NEW)).status_code == 200
    assert (await actions())[-4:] == ["person.reset_link", "person.password", "session.create", "session.create"]


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (30, 401)])
async def test_it_lasts_half_an_hour(program, client, person, clock: StoppedClock, minutes: int, status: int) -> None:
    row = await person()
    token = (await program.post(f"/api/v1/people/{row.id}/reset-link")).json()["token"]
    clock.forward(minutes=minutes)
    assert (await by_link(client(), token, password=NEW)).status_code == status


async def test_an_admin_gives_a_password(program, client, person: Person, signed_in, actions) -> None:
    row = await person()
    elsewhere = await signed_in()
    assert (await program.put(f"/api/v1/people/{row.id}/password", json={"password": "short"})).status_code == 422
    assert (await program.put(f"/api/v1/people/{row.id}/password", json={"password": NEW})).status_code == 204
    assert (await elsewhere.get("/api/v1/keys")).status_code == 401
    assert (await by_password(client(), NEW)).status_code == 200
    assert "person.password" in await actions()


async def test_the_new_password_takes_back_every_other_link(access: Access, client, person: Person) -> None:
    row = await person()
    sign_in = (await access.people.sign_in_link(local_admin(), row.id)).token
    reset = (await access.resets.link(local_admin(), row.id)).token
    assert (await by_link(client(), reset, password=NEW)).status_code == 200
    assert (await by_link(client(), sign_in)).status_code == 401


async def test_without_e_mail_everybody_is_told_the_way(client: Client, person: Person) -> None:
    await person()
    answers = [await forgot(client()), await forgot(client(), "nobody@example.com")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert answers[0].json()["mailed"] is False
    assert "reelhook people reset-password" in answers[0].json()["detail"]


class TestMailed:
    @pytest.fixture
    def post(self) -> LetterBox:
        return LetterBox()

    async def test_unknown_disabled_invited_and_known_get_one_answer_for_one_amount_of_work(
        self, client: Client, access: Access, person: Person, db: Database, post: LetterBox
    ) -> None:
        known = await person()
        gone = await person("gone@example.com", "viewer")
        await access.people.change(local_admin(), gone.id, disabled=True)
        invited = await person("invited@example.com", "viewer", None)
        answers, work = [], []
        for email in ("ada@example.com", "nobody@example.com", "gone@example.com", "invited@example.com", "no address"):
            done: list[str] = []
            listener = _listen(db, done)
            answers.append(await forgot(client(), email))
            listener()
            work.append(done)
        assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
        assert answers[0].json()["mailed"] is True
        assert len(work[0]) > 0
        assert all(one == work[0] for one in work)
        whom = [person_id for person_id, _ in post.posted]
        assert (whom[0], len(set(whom))) == (known.id, 5)
        assert {gone.id, invited.id}.isdisjoint(whom)

    async def test_asking_is_limited_for_one_account_whoever_asks(self, client: Client, clock: StoppedClock) -> None:
        answered = Counter([(await forgot(client())).status_code for _ in range(ASKING.burst + 1)])
        assert answered == {202: ASKING.burst, 429: 1}
        assert (await forgot(client(), "bo@example.com")).status_code == 202
        others = [(await forgot(client(remote=f"198.51.100.{n}"))).status_code for n in range(10)]
        assert Counter(others) == {202: ASKED_FOR.burst - ASKING.burst, 429: 10 - ASKED_FOR.burst + ASKING.burst}
        clock.forward(seconds=1 / ASKING.rate)
        assert (await forgot(client())).status_code == 202

    async def test_whoever_mistyped_the_password_can_still_ask(self, client: Client, person: Person) -> None:
        await person()
        assert [(await by_password(client(), "wrong password")).status_code for _ in range(6)][-1] == 429
        assert (await forgot(client())).status_code == 202


def _listen(db: Database, done: list[str]):
    """Collect every statement; returns what ends it."""
    from sqlalchemy.engine import Engine

    def seen(conn, cursor, statement, *rest) -> None:
        done.append(statement)

    event.listen(Engine, "before_cursor_execute", seen)
    return lambda: event.remove(Engine, "before_cursor_execute", seen)
