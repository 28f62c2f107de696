"""Inviting, and coming: with a link that is handed over, as it is where no e-mail is sent."""

import pytest
from sqlalchemy import insert, select

from reelhook.auth import Access, local_admin
from reelhook.db import Database
from reelhook.db.tables import audit, identities, sign_in_links

from .conftest import HEADER, PASSWORD, Client, Key, LetterBox, Person, StoppedClock

BO = {"email": "bo@example.com", "role": "viewer"}


@pytest.fixture
async def program(client: Client, key: Key):
    return client(authorization=f"Bearer {await key('admin')}")


async def come(browser, token: str, **more: str):
    return await browser.post("/api/v1/session/link", json={"token": token, **more}, headers=HEADER)


async def shown(program, email: str = "bo@example.com"):
    return (await program.get("/api/v1/people", params={"email": email})).json()["data"][0]


async def test_an_invited_person_chooses_a_password_and_is_in(program, client: Client, actions) -> None:
    made = await program.post("/api/v1/people", json=BO)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    invitation = made.json()["invitation"]
    assert (invitation["mailed"], invitation["expires_at"]) == (False, "2026-11-29T12:00:00.000Z")
    assert (await shown(program))["invited_until"] == "2026-11-29T12:00:00.000Z"
    browser, token = client(), invitation["link"]["token"]
    for _ in range(2):
        asked = (await come(browser, token)).json()
        assert (asked["status"], asked["code"]) == (409, "password_required")
        assert (asked["purpose"], asked["email"]) == ("invitation", "bo@example.com")
    assert (await come(browser, token, password="short")).status_code == 422
    assert (await come(browser, token, password=PASSWORD)).json()["principal"]["name"] == "bo@example.com"
    assert (await browser.get("/api/v1/stream")).status_code == 200
    assert (await come(client(), token, password=PASSWORD)).status_code == 401
    now = await shown(program)
    assert (now["invited_until"], now["has_password"]) == (None, True)
    assert await actions() == ["key.create", "person.create", "person.invite", "person.password", "session.create"]


async def test_nobody_comes_by_a_password_before_the_invitation_is_accepted(program, client: Client) -> None:
    await program.post("/api/v1/people", json=BO)
    body = {"email": "bo@example.com", "password": PASSWORD}
    assert (await client().post("/api/v1/session", json=body, headers=HEADER)).status_code == 401


@pytest.mark.parametrize(("days", "status"), [(6, 200), (7, 401)])
async def test_an_invitation_lasts_a_week(program, client, clock: StoppedClock, days: int, status: int) -> None:
    token = (await program.post("/api/v1/people", json=BO)).json()["invitation"]["link"]["token"]
    clock.forward(days=days)
    assert (await come(client(), token, password=PASSWORD)).status_code == status
    if status == 401:
        assert (await shown(program))["invited_until"] is None


async def test_invited_again_the_new_link_works_and_the_old_one_does_not(program, client: Client) -> None:
    made = (await program.post("/api/v1/people", json=BO)).json()
    again = await program.post(f"/api/v1/people/{made['id']}/invitation", json={})
    assert (again.status_code, again.headers["cache-control"]) == (201, "no-store")
    assert (await come(client(), made["invitation"]["link"]["token"], password=PASSWORD)).status_code == 401
    assert (await come(client(), again.json()["link"]["token"], password=PASSWORD)).status_code == 200
    late = await program.post(f"/api/v1/people/{made['id']}/invitation", json={})
    assert (late.status_code, "accepted already" in late.json()["detail"]) == (409, True)


async def test_an_invitation_is_withdrawn_and_can_be_made_again(program, client: Client, actions) -> None:
    made = (await program.post("/api/v1/people", json=BO)).json()
    here = f"/api/v1/people/{made['id']}"
    assert (await program.delete(f"{here}/invitation")).status_code == 204
    assert (await come(client(), made["invitation"]["link"]["token"], password=PASSWORD)).status_code == 401
    assert (await program.post(f"{here}/invitation", json={})).status_code == 409, "disabled, so that nobody comes"
    await program.patch(here, json={"disabled": False})
    again = await program.post(f"{here}/invitation", json={})
    assert (await come(client(), again.json()["link"]["token"], password=PASSWORD)).status_code == 200
    assert (await program.delete(f"{here}/invitation")).status_code == 409
    assert "person.disable" in await actions()


async def test_somebody_who_came_by_another_provider_is_not_invited_any_more(
    program, person: Person, db: Database
) -> None:
    row = await person("bo@example.com", "viewer", None)
    known = {"issuer": "https://id.example", "subject": "7", "person_id": row.id}
    times = {"created_at": row.created_at, "last_used_at": row.created_at}
    await db.write(lambda tx: tx.execute(insert(identities).values(**known, **times)))
    assert (await program.delete(f"/api/v1/people/{row.id}/invitation")).status_code == 409


async def test_who_is_invited_does_not_get_a_password_from_the_admin(program) -> None:
    answer = await program.post("/api/v1/people", json={**BO, "invite": True, "password": PASSWORD})
    assert answer.status_code == 422
    plain = await program.post("/api/v1/people", json={**BO, "invite": False})
    assert (plain.json()["invitation"], plain.json()["invited_until"]) == (None, None)


async def test_neither_token_nor_address_is_kept(program, db: Database) -> None:
    made = (await program.post("/api/v1/people", json=BO)).json()
    stored = str(await db.read(lambda conn: conn.execute(select(sign_in_links)).all()))
    said = str(await db.read(lambda conn: conn.execute(select(audit)).all()))
    assert made["invitation"]["link"]["token"] not in stored + said
    assert "bo@example.com" not in said


class TestMailed:
    @pytest.fixture
    def post(self) -> LetterBox:
        return LetterBox()

    async def test_the_link_is_in_the_mail_and_not_in_the_answer(self, program, post: LetterBox) -> None:
        made = (await program.post("/api/v1/people", json=BO)).json()
        assert made["invitation"] == {"mailed": True, "expires_at": "2026-11-29T12:00:00.000Z", "link": None}
        await program.post(f"/api/v1/people/{made['id']}/invitation", json={})
        assert post.posted == [(made["id"], "invitation")] * 2

    async def test_a_link_is_handed_over_all_the_same(self, program, client: Client, post: LetterBox) -> None:
        made = (await program.post("/api/v1/people", json={**BO, "hand_over": True})).json()
        assert post.posted == []
        token = made["invitation"]["link"]["token"]
        assert (await come(client(), token, password=PASSWORD)).status_code == 200

    async def test_no_mail_for_an_invitation_that_is_refused(self, access: Access, program, post: LetterBox) -> None:
        await access.invitations.invite(local_admin(), "bo@example.com", "viewer")
        assert (await program.post("/api/v1/people", json=BO)).json()["code"] == "email_taken"
        assert len(post.posted) == 1
