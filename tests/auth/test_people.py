import pytest

from reelhook.auth import Access, emails, local_admin
from reelhook.auth.principal import of_key
from reelhook.errors import Forbidden, WrongInput

from .conftest import HEADER, Client, Key, Person


@pytest.fixture
async def program(client: Client, key: Key):
    return client(authorization=f"Bearer {await key('admin')}")


async def test_a_person_is_made_listed_and_shown_without_hash(program, actions) -> None:
    body = {"email": " Bo@Example.COM", "role": "viewer", "password": "long enough for this"}
    answer = await program.post("/api/v1/people", json=body)
    assert answer.status_code == 201
    shown = answer.json()
    assert shown.pop("invitation") is None
    assert shown == {
        "id": shown["id"],
        "email": "bo@example.com",
        "role": "viewer",
        "has_password": True,
        "created_at": "2026-11-22T12:00:00.000Z",
        "disabled_at": None,
        "invited_until": None,
        "last_seen_at": None,
        "erased_at": None,
    }
    assert (await program.get("/api/v1/people")).json() == {"data": [shown], "next_cursor": None}
    assert (await actions())[-1] == "person.create"


async def test_a_person_is_found_by_the_address_and_shown_with_the_time_they_were_last_seen(
    program, person: Person, signed_in
) -> None:
    await person("bo@example.com", "viewer")
    await person()
    await signed_in("bo@example.com")
    found = (await program.get("/api/v1/people", params={"email": "BO@example.com"})).json()["data"]
    assert [(one["email"], one["last_seen_at"]) for one in found] == [("bo@example.com", "2026-11-22T12:00:00.000Z")]
    assert (await program.get("/api/v1/people", params={"email": "nobody@example.com"})).json()["data"] == []


async def test_an_address_is_taken_once_whatever_its_case(program) -> None:
    body = {"email": "bo@example.com", "role": "viewer"}
    assert (await program.post("/api/v1/people", json=body)).status_code == 201
    again = await program.post("/api/v1/people", json=body | {"email": "BO@example.com"})
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")


@pytest.mark.parametrize("email", ["a@b.example", "admin@localhost", "o'hara+x@sub.d-x.example", "jürgen@müller.de"])
def test_addresses_that_are_taken(email: str) -> None:
    assert emails.checked(f" {email.upper()} ") == email


@pytest.mark.parametrize(
    "email", ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b..c", "a@.c", "a@-c", "a\n@b.c", "a\x00@b", "x" * 65 + "@b.c"]
)
def test_addresses_that_are_not(email: str) -> None:
    with pytest.raises(WrongInput):
        emails.checked(email)


async def test_a_disabled_person_is_out_at_once_and_can_come_back(program, signed_in, person: Person, actions) -> None:
    row = await person("bo@example.com", "viewer")
    browser = await signed_in("bo@example.com")
    assert (await browser.get("/api/v1/stream")).status_code == 200
    assert (await program.delete(f"/api/v1/people/{row.id}")).status_code == 204
    assert (await browser.get("/api/v1/stream")).status_code == 401
    enabled = await program.patch(f"/api/v1/people/{row.id}", json={"disabled": False})
    assert enabled.json()["disabled_at"] is None
    assert (await browser.get("/api/v1/stream")).status_code == 401, "the old session stays ended"
    await signed_in("bo@example.com")
    assert (await actions())[-3:] == ["person.disable", "person.enable", "session.create"]


async def test_a_session_of_a_disabled_person_does_not_count_even_if_its_row_is_there(access, db, person, signed_in):
    from sqlalchemy import update

    from reelhook.db.tables import people

    row = await person()
    browser = await signed_in()
    disabled = update(people).where(people.c.id == row.id).values(disabled_at=row.created_at)
    await db.write(lambda tx: tx.execute(disabled))
    assert (await browser.get("/api/v1/keys")).status_code == 401


async def test_a_new_role_counts_at_once(program, signed_in, person: Person) -> None:
    row = await person("bo@example.com", "operator")
    browser = await signed_in("bo@example.com")
    assert (await browser.get("/api/v1/audit")).status_code == 200
    await program.patch(f"/api/v1/people/{row.id}", json={"role": "viewer"})
    assert (await browser.get("/api/v1/audit")).status_code == 403


async def test_the_last_admin_stays(program, person: Person, access: Access) -> None:
    row = await person()
    await person("op@example.com", "operator")
    for change in ({"disabled": True}, {"role": "viewer"}):
        answer = await program.patch(f"/api/v1/people/{row.id}", json=change)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    other = await person("bo@example.com", "admin")
    assert (await program.patch(f"/api/v1/people/{row.id}", json={"disabled": True})).status_code == 200
    assert (await program.delete(f"/api/v1/people/{other.id}")).status_code == 409


async def test_a_sign_in_link_over_http(program, client: Client, person: Person) -> None:
    row = await person("bo@example.com", "viewer", None)
    answer = await program.post(f"/api/v1/people/{row.id}/sign-in-link")
    assert (answer.status_code, answer.json()["url"], answer.headers["cache-control"]) == (201, None, "no-store")
    body = {"token": answer.json()["token"]}
    assert (await client().post("/api/v1/session/link", json=body, headers=HEADER)).status_code == 200


async def test_no_link_for_a_disabled_person(program, person: Person) -> None:
    await person()
    row = await person("bo@example.com", "viewer")
    await program.delete(f"/api/v1/people/{row.id}")
    assert (await program.post(f"/api/v1/people/{row.id}/sign-in-link")).status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "x", {}),
        ("DELETE", "x", None),
        ("POST", "x/sign-in-link", None),
        ("POST", "x/reset-link", None),
        ("POST", "x/invitation", {}),
        ("DELETE", "x/invitation", None),
        ("PUT", "x/password", {"password": "a quite new password"}),
    ],
)
async def test_a_person_who_is_not_there_is_404(program, method: str, path: str, body) -> None:
    assert (await program.request(method, f"/api/v1/people/{path}", json=body)).status_code == 404


@pytest.mark.parametrize("body", [{"role": "root"}, {"disabled": "yes"}, {"email": "x@y.z"}])
async def test_a_change_of_the_wrong_shape_is_422(program, person: Person, body) -> None:
    row = await person()
    assert (await program.patch(f"/api/v1/people/{row.id}", json=body)).status_code == 422


async def test_a_narrow_key_cannot_make_itself_an_admin(access: Access, person: Person) -> None:
    admin = await person()
    viewer = await person("bo@example.com", "viewer")
    narrow = of_key("k", "k", "admin", frozenset({"people:write"}))
    with pytest.raises(Forbidden):
        await access.people.create(narrow, "evil@example.com", "admin")
    with pytest.raises(Forbidden):
        await access.people.change(narrow, viewer.id, role="admin")
    with pytest.raises(Forbidden):
        await access.people.sign_in_link(narrow, admin.id)
    with pytest.raises(Forbidden):
        await access.resets.link(narrow, admin.id)
    with pytest.raises(Forbidden):
        await access.resets.set_password(narrow, admin.id, "a quite new password")
    with pytest.raises(Forbidden):
        await access.invitations.invite(narrow, "evil@example.com", "admin")
    invited = await person("late@example.com", "admin", None)
    with pytest.raises(Forbidden):
        await access.invitations.again(narrow, invited.id)
    with pytest.raises(WrongInput, match="not a role"):
        await access.people.create(local_admin(), "x@example.com", "root")
